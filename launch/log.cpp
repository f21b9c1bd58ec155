#include "launch/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

namespace dragoman {
namespace {

/// Standard error with one optional status line at its end: log lines erase it, and it is drawn again below them.
class TerminalSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void set_status(std::string_view line) {
    const std::lock_guard lock(mutex_);
    if (line.empty() && status_.empty()) return;
    std::string text = erase();
    status_ = line;
    text += status_;
    write(text);
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    std::string text = erase();
    text.append(formatted.data(), formatted.size());
    text += status_;
    write(text);
  }
  void flush_() override { std::fflush(stderr); }

 private:
  std::string erase() const { return status_.empty() ? "" : "\r\x1b[K"; }

  // One write for each change, so that mpirun does not pass on half of an escape sequence.
  static void write(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
  }

  std::string status_;
};

struct Log {
  std::shared_ptr<TerminalSink> sink = std::make_shared<TerminalSink>();
  spdlog::logger logger{"dragoman", sink};
  Log() { logger.set_pattern("%H:%M:%S %v"); }
};

Log& log() {
  static Log instance;
  return instance;
}

}  // namespace

void start_log(int rank, int world_size) {
  if (world_size > 1 && rank > 0) {
    log().logger.set_pattern("%H:%M:%S rank " + std::to_string(rank) + ": %v");
    log().logger.set_level(spdlog::level::warn);
  }
}

void log_info(std::string_view message) { log().logger.info("{}", message); }

void log_warning(std::string_view message) { log().logger.warn("warning: {}", message); }

void log_error(std::string_view message) {
  show_status("");
  std::string text = "dragoman: ";
  text.append(message).append("\n");
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void show_status(std::string_view line) { log().sink->set_status(line); }

}  // namespace dragoman
