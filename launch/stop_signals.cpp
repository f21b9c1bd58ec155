#include "launch/stop_signals.h"

#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace dragoman {

namespace {

volatile std::sig_atomic_t received = 0;

extern "C" void on_stop_signal(int signal) {
  if (received != 0) _exit(128 + signal);
  received = 1;
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = on_stop_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGUSR1, SIGTERM, SIGINT}) sigaction(signal, &action, nullptr);
  // A file that may not grow is an error of the write then, and no end without a word.
  std::signal(SIGXFSZ, SIG_IGN);
}

bool stop_signal_received() { return received != 0; }

}  // namespace dragoman
