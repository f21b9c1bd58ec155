#include "trainer/watchful_wait.h"

#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <span>

#include "io/error.h"
#include "layers/profile.h"
#include "trainer/mpi_check.h"
#include "trainer/polite_wait.h"

namespace dragoman {

namespace {

constexpr int kCallTag = 4, kSignTag = 5;

// Ranks that begin to wait together call one after another, so that of many the lowest finds out for all.
constexpr double kTurnSeconds = 0.02;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

std::string describe_missing(const std::vector<int>& missing) {
  if (missing.size() == 1) return "rank " + std::to_string(missing[0]) + " has";
  constexpr std::size_t kMostNamed = 8;
  std::string text = "ranks ";
  for (std::size_t i = 0; i < std::min(missing.size(), kMostNamed); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(missing[i]);
  }
  if (missing.size() > kMostNamed) text += " and " + std::to_string(missing.size() - kMostNamed) + " more";
  return text + " have";
}

/// Questions to all other ranks, given up on destruction where they were not answered.
class Questions {
 public:
  ~Questions() {
    for (MPI_Request& request : answers_) {
      if (request == MPI_REQUEST_NULL) continue;
      MPI_Cancel(&request);
      MPI_Request_free(&request);
    }
  }
  void ask(int rank, std::span<std::int64_t> answer) {
    ranks_.push_back(rank);
    check_mpi(MPI_Irecv(answer.data(), static_cast<int>(answer.size()), MPI_INT64_T, rank, kSignTag, MPI_COMM_WORLD,
                        &answers_.emplace_back(MPI_REQUEST_NULL)),
              "MPI_Irecv");
    check_mpi(MPI_Send(nullptr, 0, MPI_BYTE, rank, kCallTag, MPI_COMM_WORLD), "MPI_Send");
  }
  /// Ranks that have not answered yet.
  std::vector<int> open() {
    std::vector<int> open;
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      int answered = 1;
      if (answers_[i] != MPI_REQUEST_NULL)
        check_mpi(MPI_Test(&answers_[i], &answered, MPI_STATUS_IGNORE), "a roll call");
      if (answered == 0) open.push_back(ranks_[i]);
    }
    return open;
  }

 private:
  std::vector<int> ranks_;
  std::vector<MPI_Request> answers_;
};

}  // namespace

void WatchfulWait::answer() {
  if (size_ == 1) return;
  while (true) {
    int called = 0;
    MPI_Status call{};
    check_mpi(MPI_Iprobe(MPI_ANY_SOURCE, kCallTag, MPI_COMM_WORLD, &called, &call), "MPI_Iprobe");
    if (called == 0) return;
    check_mpi(MPI_Recv(nullptr, 0, MPI_BYTE, call.MPI_SOURCE, kCallTag, MPI_COMM_WORLD, MPI_STATUS_IGNORE), "MPI_Recv");
    // Few bytes that the caller stands ready to take: this does not wait.
    check_mpi(
        MPI_Send(own_.data(), static_cast<int>(own_.size()), MPI_INT64_T, call.MPI_SOURCE, kSignTag, MPI_COMM_WORLD),
        "MPI_Send");
  }
}

void WatchfulWait::until(const std::function<bool()>& done, const std::function<std::string()>& doing) {
  const Activity activity("waiting for other ranks");
  ++own_[kWaits];
  own_[kWaiting] = 1;
  std::vector<Sign> before;
  PoliteWait wait;
  double next_call = patience_seconds_ / 2 + std::min(kTurnSeconds * rank_, patience_seconds_ / 8);
  while (!done()) {
    if (!wait.pause()) continue;
    answer();
    if (patience_seconds_ == 0 || wait.waited_seconds() < next_call) continue;
    std::vector<Sign> signs = call_roll(doing);
    const bool all_wait = std::all_of(signs.begin(), signs.end(), [](const Sign& sign) { return sign[kWaiting] == 1; });
    if (all_wait && signs == before && !done()) {
      throw Error(doing() + ": all ranks are there and wait, but nothing has moved for " + number(patience_seconds_) +
                  " s (training.exchange_timeout_seconds); see whether the network between the nodes works");
    }
    before = std::move(signs);
    next_call = wait.waited_seconds() + patience_seconds_ / 2;
  }
  own_[kWaiting] = 0;
}

std::vector<WatchfulWait::Sign> WatchfulWait::call_roll(const std::function<std::string()>& doing) {
  std::vector<Sign> signs(static_cast<std::size_t>(size_), own_);
  Questions questions;
  for (int other = 0; other < size_; ++other) {
    if (other != rank_) questions.ask(other, signs[static_cast<std::size_t>(other)]);
  }
  PoliteWait wait;
  for (std::vector<int> missing = questions.open(); !missing.empty(); missing = questions.open()) {
    if (wait.waited_seconds() > patience_seconds_ / 2) {
      throw Error(doing() + ": " + describe_missing(missing) + " not answered for " + number(patience_seconds_) +
                  " s (training.exchange_timeout_seconds); see whether its node is down or overloaded, and raise the "
                  "limit if it was only slow");
    }
    wait.pause();
    answer();
  }
  return signs;
}

}  // namespace dragoman
