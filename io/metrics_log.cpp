#include "io/metrics_log.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "io/error.h"
#include "io/file_bytes.h"
#include "io/staged_text_file.h"

namespace dragoman {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* doing) {
  throw FileError(path.string() + ": cannot " + doing + ": " + std::strerror(errno));
}

/// The step of a line, or nothing where it is torn.
std::optional<std::int64_t> step_of(const nlohmann::json& line) {
  if (!line.is_object() || !line.contains("step") || !line["step"].is_number_integer()) return std::nullopt;
  return line["step"].get<std::int64_t>();
}

std::string text_of(const MetricsLine& line) {
  nlohmann::ordered_json object{{"step", line.step}, {"epoch", line.epoch}, {"kind", line.kind}};
  const auto put = [&](const char* key, const auto& value) {
    if (value) object[key] = *value;
  };
  for_each_figure(line, put);
  put("parameters_hash", line.parameters_hash);
  put("target_tokens_per_second_of_ranks", line.target_tokens_per_second_of_ranks);
  return object.dump() + "\n";
}

/// The line that `text` is, or nothing where it is torn.
std::optional<MetricsLine> parse_line(std::string_view text) {
  const nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  const std::optional<std::int64_t> step = step_of(object);
  if (!step) return std::nullopt;
  MetricsLine line{.kind = "", .step = *step};
  try {
    line.kind = object.at("kind").get<std::string>();
    line.epoch = object.at("epoch").get<std::int64_t>();
    const auto get = [&](const char* key, auto& value) {
      if (const auto found = object.find(key); found != object.end() && !found->is_null())
        found->get_to(value.emplace());
    };
    for_each_figure(line, get);
    get("parameters_hash", line.parameters_hash);
    get("target_tokens_per_second_of_ranks", line.target_tokens_per_second_of_ranks);
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
  return line;
}

}  // namespace

Metrics read_metrics(const std::filesystem::path& path) {
  Metrics metrics;
  if (!std::filesystem::exists(path)) return metrics;
  const std::string bytes = read_file_bytes(path);
  std::size_t begin = 0;
  for (std::size_t end; (end = bytes.find('\n', begin)) != std::string::npos; begin = end + 1) {
    if (auto line = parse_line(std::string_view(bytes).substr(begin, end - begin))) {
      metrics.lines.push_back(std::move(*line));
    } else {
      ++metrics.unreadable;
    }
  }
  return metrics;
}

MetricsLog::MetricsLog(const std::filesystem::path& path, std::int64_t resume_step) : path_(path) {
  if (std::ifstream old(path); old) {
    StagedTextFile kept(path);
    for (std::string line; std::getline(old, line);) {
      const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
      const std::optional<std::int64_t> step = step_of(object);
      if (!step || *step > resume_step) continue;
      if (object.value("kind", "") == "checkpoint") last_checkpoint_ = *step;
      kept.write(line + '\n');
    }
    if (old.bad()) fail(path, "read");
    kept.close();
    kept.rename();
  }
  out_.open(path, std::ios::app);
  if (!out_) fail(path, "open for writing");
}

MetricsLog::~MetricsLog() { out_ << held_; }

void MetricsLog::write(const MetricsLine& line) {
  if (holds_) {
    held_ += text_of(line);
  } else {
    write_text(text_of(line));
  }
}

void MetricsLog::release(const std::optional<MetricsLine>& first) {
  const std::string text = (first ? text_of(*first) : "") + std::exchange(held_, "");
  holds_ = false;
  write_text(text);
}

void MetricsLog::write_text(const std::string& text) {
  out_ << text;
  if (out_.flush()) return;
  out_.clear();  // the disk may have room again for the next line
  fail(path_, "write");
}

}  // namespace dragoman
