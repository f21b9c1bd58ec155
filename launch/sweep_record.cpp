#include "launch/sweep_record.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "io/error.h"
#include "launch/json_line.h"

namespace dragoman {

std::filesystem::path sweep_record_path(const std::filesystem::path& run) { return run / "sweep.jsonl"; }

void add_to_sweep_record(const std::filesystem::path& run, const SweepAttempt& attempt) {
  nlohmann::ordered_json object{{"outcome", attempt.outcome}, {"seconds", attempt.seconds}};
  if (attempt.peak_memory_bytes) object["peak_memory_bytes"] = *attempt.peak_memory_bytes;
  if (!attempt.error.empty()) object["error"] = attempt.error;
  std::error_code ignored;  // where there is no folder, opening says so
  std::filesystem::create_directories(run, ignored);
  const std::filesystem::path path = sweep_record_path(run);
  std::ofstream out(path, std::ios::app);
  out << json_line(object);
  if (!out.flush()) throw FileError(path.string() + ": cannot write: " + std::strerror(errno));
}

SweepRecord read_sweep_record(const std::filesystem::path& run) {
  SweepRecord record;
  std::ifstream in(sweep_record_path(run));
  for (std::string text; std::getline(in, text);) {
    const nlohmann::json line = nlohmann::json::parse(text, nullptr, false);
    if (!line.is_object()) continue;
    SweepAttempt attempt{.outcome = line.value("outcome", ""),
                         .seconds = line.value("seconds", 0.0),
                         .peak_memory_bytes = std::nullopt,
                         .error = line.value("error", "")};
    if (line.contains("peak_memory_bytes")) {
      attempt.peak_memory_bytes = line.value("peak_memory_bytes", std::int64_t{0});
      record.peak_memory_bytes = std::max(record.peak_memory_bytes.value_or(0), *attempt.peak_memory_bytes);
    }
    record.seconds += attempt.seconds;
    record.last = std::move(attempt);
  }
  return record;
}

}  // namespace dragoman
