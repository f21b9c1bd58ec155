#include "io/metrics_log.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>

#include "io/error.h"

namespace dragoman {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* doing) {
  throw FileError(path.string() + ": cannot " + doing + ": " + std::strerror(errno));
}

/// Whether a line of an earlier run still holds after resuming from `resume_step`.
bool still_holds(const std::string& line, std::int64_t resume_step) {
  const auto object = nlohmann::json::parse(line, nullptr, false);
  return object.is_object() && object.contains("step") && object["step"].is_number_integer() &&
         object["step"].get<std::int64_t>() <= resume_step;
}

}  // namespace

MetricsLog::MetricsLog(const std::filesystem::path& path, std::int64_t resume_step) : path_(path) {
  if (std::ifstream old(path); old) {
    const std::filesystem::path kept = path.string() + ".tmp";
    std::ofstream out(kept, std::ios::trunc);
    for (std::string line; std::getline(old, line);) {
      if (still_holds(line, resume_step)) out << line << '\n';
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

void MetricsLog::write(const MetricsLine& line) {
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
  out_ << object.dump() << '\n';
  if (!out_.flush()) fail(path_, "write");
}

}  // namespace dragoman
