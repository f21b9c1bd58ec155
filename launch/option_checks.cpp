#include "launch/option_checks.h"

#include <charconv>
#include <cmath>
#include <sstream>

#include "io/suggestion.h"

namespace dragoman {

std::string suggestion(const std::string& unknown, const std::vector<std::string>& names) {
  const std::string nearest = nearest_name(unknown, names);
  return nearest.empty() ? "" : " (did you mean " + nearest + "?)";
}

CLI::Validator whole_number(std::int64_t low, std::int64_t high) {
  return {[low, high](std::string& text) -> std::string {
            std::int64_t value = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
            // CLI11 would read leading zeros as octal.
            const bool plain =
                error == std::errc() && end == text.data() + text.size() && text == std::to_string(value);
            if (plain && value >= low && value <= high) return "";
            std::string bounds = "a whole number of at least " + std::to_string(low);
            if (high != std::numeric_limits<std::int64_t>::max()) bounds += " and at most " + std::to_string(high);
            return "'" + text + "' is not " + bounds;
          },
          ""};
}

CLI::Validator one_of(std::vector<std::string> names) {
  return {[names = std::move(names)](std::string& text) -> std::string {
            std::string list;
            for (const std::string& name : names) {
              if (name == text) return "";
              list += (list.empty() ? "" : ", ") + name;
            }
            return "'" + text + "' is none of " + list + suggestion(text, names);
          },
          ""};
}

CLI::Validator number_of_at_least(double low) {
  return {[low](std::string& text) -> std::string {
            double value = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
            if (error == std::errc() && end == text.data() + text.size() && value >= low && std::isfinite(value)) {
              return "";
            }
            std::ostringstream bound;
            bound << low;
            return "'" + text + "' is not a number of at least " + bound.str();
          },
          ""};
}

}  // namespace dragoman
