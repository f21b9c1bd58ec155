#include "io/metrics_log.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "io/error.h"

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
  put("loss", line.loss);
  put("perplexity", line.perplexity);
  put("learning_rate", line.learning_rate);
  put("gradient_norm", line.gradient_norm);
  put("target_tokens_per_second", line.target_tokens_per_second);
  put("accuracy", line.accuracy);
  put("bleu", line.bleu);
  put("parameters_hash", line.parameters_hash);
  return object.dump() + "\n";
}

}  // namespace

MetricsLog::MetricsLog(const std::filesystem::path& path, std::int64_t resume_step) : path_(path) {
  if (std::ifstream old(path); old) {
    const std::filesystem::path kept = path.string() + ".tmp";
    std::ofstream out(kept, std::ios::trunc);
    for (std::string line; std::getline(old, line);) {
      const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
      const std::optional<std::int64_t> step = step_of(object);
      if (!step || *step > resume_step) continue;
      if (object.value("kind", "") == "checkpoint") last_checkpoint_ = *step;
      out << line << '\n';
    }
    if (!out.flush()) fail(kept, "write");
    out.close();
    std::error_code error;
    std::filesystem::rename(kept, path, error);
    if (error) throw FileError(path.string() + ": cannot replace: " + error.message());
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
