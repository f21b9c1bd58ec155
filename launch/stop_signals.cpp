#include "launch/stop_signals.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <thread>

namespace dragoman {

namespace {

// Written by the thread that takes signals, read by others.
std::atomic<bool> received = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may not wait for a lock");

extern "C" void on_stop_signal(int signal) {
  if (received.exchange(true)) _exit(128 + signal);
}

/// A thread that waits for signals, and for nothing else.
void start_receiver() {
  std::thread([] {
    while (true) pause();
  }).detach();
}

}  // namespace

void catch_stop_signals() {
  constexpr std::array kSignals = {SIGUSR1, SIGTERM, SIGINT};
  struct sigaction action = {};
  action.sa_handler = on_stop_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : kSignals) {
    sigaction(signal, &action, nullptr);
    sigaddset(&signals, signal);
  }
  // No handler may run on the stack of a thread that computes: some products of oneDNN 2.6 keep values further below
  // the stack pointer than a signal spares.
  start_receiver();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A file that may not grow is an error of the write then, and no end without a word.
  std::signal(SIGXFSZ, SIG_IGN);
}

bool stop_signal_received() { return received; }

}  // namespace dragoman
