#include "trainer/communicator.h"

#include <mpi.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <future>
#include <type_traits>

#include "io/content_hash.h"
#include "io/error.h"
#include "trainer/mpi_check.h"
#include "trainer/polite_wait.h"

namespace dragoman {
namespace {

constexpr int kGradientTag = 1;
constexpr int kBytesTag = 2;
constexpr int kFailureTag = 3;

template <class Value>
MPI_Datatype mpi_type() {
  static_assert(std::is_same_v<Value, float> || std::is_same_v<Value, std::uint16_t>);
  return std::is_same_v<Value, float> ? MPI_FLOAT : MPI_UINT16_T;
}

/// Calls body(begin, count) for pieces of at most `piece` elements.
template <typename Body>
void in_pieces(std::size_t size, std::size_t piece, const Body& body) {
  for (std::size_t begin = 0; begin < size; begin += piece) {
    body(begin, static_cast<int>(std::min(piece, size - begin)));
  }
}

}  // namespace

MpiSession::MpiSession() : exceptions_at_start_(std::uncaught_exceptions()) {
  int provided = MPI_THREAD_SINGLE;
  check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  check_mpi(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  if (provided < MPI_THREAD_FUNNELED) {
    throw Error("The MPI library offers thread level " + std::to_string(provided) +
                ", expected MPI_THREAD_FUNNELED or above; use an MPI built with thread support");
  }
}

MpiSession::~MpiSession() {
  if (std::uncaught_exceptions() > exceptions_at_start_) return;
  MPI_Finalize();  // nothing is left to tell about a failure
}

struct Communicator::Transfers {
  struct Transfer {
    MPI_Request request;  // MPI_REQUEST_NULL once it has ended
    int partner;
    bool receives;
  };
  std::vector<Transfer> all;

  /// Whether every transfer has ended.
  bool test_all() {
    bool ended = true;
    for (Transfer& transfer : all) {
      if (transfer.request == MPI_REQUEST_NULL) continue;
      int done = 0;
      const int code = MPI_Test(&transfer.request, &done, MPI_STATUS_IGNORE);
      if (code != MPI_SUCCESS) check_mpi(code, "a transfer with rank " + std::to_string(transfer.partner));
      ended = ended && done != 0;
    }
    return ended;
  }
};

Communicator::Communicator(const MpiSession& /*session*/, std::size_t piece)
    : piece_(piece), transfers_(std::make_unique<Transfers>()) {
  assert(piece >= 1 && piece <= kMaximumPiece);
  check_mpi(MPI_Comm_rank(MPI_COMM_WORLD, &rank_), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(MPI_COMM_WORLD, &size_), "MPI_Comm_size");
  wait_.emplace(rank_, size_);
}

Communicator::~Communicator() = default;

template <class Request>
void Communicator::wait(Request request, const char* doing) {
  wait_->until(
      [&request] {
        int done = 0;
        check_mpi(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "MPI_Test");
        return done != 0;
      },
      [this, doing] { return describe(doing); });
}

std::string Communicator::describe(const std::string& doing) const {
  return activity_.empty() ? doing : activity_ + ", " + doing;
}

void Communicator::barrier() {
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Ibarrier(MPI_COMM_WORLD, &request), "MPI_Ibarrier");
  wait(request, "a barrier");
}

void Communicator::broadcast_bytes(std::span<std::byte> bytes, int root) {
  in_pieces(bytes.size(), piece_, [&](std::size_t begin, int count) {
    MPI_Request request = MPI_REQUEST_NULL;
    check_mpi(MPI_Ibcast(&bytes[begin], count, MPI_BYTE, root, MPI_COMM_WORLD, &request), "MPI_Ibcast");
    wait(request, "a broadcast");
  });
}

void Communicator::broadcast(std::string& bytes, int root) {
  std::uint64_t size = bytes.size();
  broadcast_bytes(std::as_writable_bytes(std::span(&size, 1)), root);
  bytes.resize(size);
  broadcast_bytes(std::as_writable_bytes(std::span(bytes)), root);
}

void Communicator::broadcast(std::span<double> values, int root) {
  broadcast_bytes(std::as_writable_bytes(values), root);
}

std::vector<double> Communicator::allgather(std::span<const double> values) {
  std::vector<double> all(values.size() * static_cast<std::size_t>(size_));
  assert(values.size() <= piece_);
  const int count = static_cast<int>(values.size());
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Iallgather(values.data(), count, MPI_DOUBLE, all.data(), count, MPI_DOUBLE, MPI_COMM_WORLD, &request),
            "MPI_Iallgather");
  wait(request, "an allgather");
  return all;
}

std::vector<std::string> Communicator::allgather(const std::string& bytes) {
  std::vector<std::string> all(static_cast<std::size_t>(size_));
  all[static_cast<std::size_t>(rank_)] = bytes;
  for (int root = 0; root < size_; ++root) broadcast(all[static_cast<std::size_t>(root)], root);
  return all;
}

std::vector<std::string> Communicator::gather(const std::string& bytes) {
  // Sizes travel as doubles, exact up to 2^53.
  const double own_size = static_cast<double>(bytes.size());
  const std::vector<double> sizes = allgather(std::span(&own_size, 1));
  MPI_Request request = MPI_REQUEST_NULL;
  if (rank_ != 0) {
    in_pieces(bytes.size(), piece_, [&](std::size_t begin, int count) {
      check_mpi(MPI_Isend(&bytes[begin], count, MPI_BYTE, 0, kBytesTag, MPI_COMM_WORLD, &request), "MPI_Isend");
      bytes_sent_ += count;
      wait(request, "sending to rank 0");
    });
    return {};
  }
  std::vector<std::string> all{bytes};
  for (int from = 1; from < size_; ++from) {
    std::string& received = all.emplace_back();
    received.resize(static_cast<std::size_t>(sizes[static_cast<std::size_t>(from)]));
    in_pieces(received.size(), piece_, [&](std::size_t begin, int count) {
      check_mpi(MPI_Irecv(&received[begin], count, MPI_BYTE, from, kBytesTag, MPI_COMM_WORLD, &request), "MPI_Irecv");
      wait(request, "receiving on rank 0");
    });
  }
  return all;
}

void Communicator::sum(std::span<std::int64_t> values) {
  in_pieces(values.size(), piece_, [&](std::size_t begin, int count) {
    MPI_Request request = MPI_REQUEST_NULL;
    check_mpi(MPI_Iallreduce(MPI_IN_PLACE, &values[begin], count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD, &request),
              "MPI_Iallreduce");
    wait(request, "a sum");
  });
}

void Communicator::sum(std::span<float> values) {
  // The blocking call: Open MPI's non-blocking allreduce is several times slower on large buffers.
  in_pieces(values.size(), piece_, [&](std::size_t begin, int count) {
    check_mpi(MPI_Allreduce(MPI_IN_PLACE, &values[begin], count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD), "MPI_Allreduce");
  });
}

Vote Communicator::vote(bool agree, const std::string& message) {
  int first_no = agree ? size_ : rank_;
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Iallreduce(MPI_IN_PLACE, &first_no, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD, &request), "MPI_Iallreduce");
  wait(request, "a vote");
  if (first_no == size_) return {};
  Vote vote{.agreed = false, .rank = first_no, .message = message};
  broadcast(vote.message, first_no);
  return vote;
}

void Communicator::all_or_none(const std::function<void()>& work) {
  enum Kind : char { configuration = 'c', file = 'f', other = 'e' };
  std::string failure;  // its kind, then its text
  try {
    try {
      run_visibly(work);
    } catch (...) {
      rethrow_as_error();
    }
  } catch (const ConfigurationError& error) {
    failure = std::string(1, configuration) + error.what();
  } catch (const FileError& error) {
    failure = std::string(1, file) + error.what();
  } catch (const std::exception& error) {
    failure = std::string(1, other) + error.what();
  }
  const Vote outcome = vote(failure.empty(), failure);
  if (outcome.agreed) return;
  std::string text = outcome.message.substr(1);
  if (size_ > 1) text = "rank " + std::to_string(outcome.rank) + ": " + text;
  switch (outcome.message[0]) {
    case configuration:
      throw ConfigurationError(text);
    case file:
      throw FileError(text);
    default:
      throw Error(text);
  }
}

void Communicator::run_visibly(const std::function<void()>& work) {
  if (size_ == 1 || wait_->patience_seconds() == 0) return work();
  std::future<void> running = std::async(std::launch::async, work);
  for (PoliteWait wait; running.wait_for(std::chrono::seconds(0)) != std::future_status::ready; wait.pause()) {
    wait_->answer();
  }
  running.get();
}

Communicator::Meeting Communicator::meet_failed(const std::string& message, double timeout_seconds) {
  // Transfers with a tag of their own: some ranks may be inside a collective call that this one will never make.
  const ContentHash own = content_hash(message);
  std::vector<ContentHash> theirs(static_cast<std::size_t>(size_), own);
  std::vector<MPI_Request> receives(static_cast<std::size_t>(size_), MPI_REQUEST_NULL), sends = receives;
  constexpr int kBytes = sizeof(own.bytes);
  for (int other = 0; other < size_; ++other) {
    const auto index = static_cast<std::size_t>(other);
    if (other == rank_) continue;
    check_mpi(
        MPI_Irecv(theirs[index].bytes.data(), kBytes, MPI_BYTE, other, kFailureTag, MPI_COMM_WORLD, &receives[index]),
        "MPI_Irecv");
    check_mpi(MPI_Isend(own.bytes.data(), kBytes, MPI_BYTE, other, kFailureTag, MPI_COMM_WORLD, &sends[index]),
              "MPI_Isend");
  }
  Meeting meeting{.complete = false, .alike = true, .lowest = true};
  PoliteWait patience;
  while (!meeting.complete && patience.waited_seconds() < timeout_seconds) {
    meeting.complete = true;
    for (std::vector<MPI_Request>* requests : {&receives, &sends}) {
      for (MPI_Request& request : *requests) {
        int done = 1;
        if (request != MPI_REQUEST_NULL) check_mpi(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "a meeting");
        meeting.complete = meeting.complete && done != 0;
      }
    }
    patience.pause();
  }
  for (std::size_t other = 0; other < theirs.size(); ++other) {
    if (receives[other] == MPI_REQUEST_NULL) {
      meeting.alike = meeting.alike && theirs[other] == own;
      meeting.lowest = meeting.lowest && static_cast<int>(other) >= rank_;
    } else {
      check_mpi(MPI_Cancel(&receives[other]), "MPI_Cancel");
      check_mpi(MPI_Request_free(&receives[other]), "MPI_Request_free");
    }
    if (sends[other] != MPI_REQUEST_NULL) check_mpi(MPI_Request_free(&sends[other]), "MPI_Request_free");
  }
  return meeting;
}

template <class Value>
void Communicator::send_pieces(int partner, std::span<const Value> values) {
  in_pieces(values.size(), piece_, [&](std::size_t begin, int count) {
    MPI_Request request = MPI_REQUEST_NULL;
    check_mpi(MPI_Isend(&values[begin], count, mpi_type<Value>(), partner, kGradientTag, MPI_COMM_WORLD, &request),
              "MPI_Isend");
    transfers_->all.push_back({request, partner, false});
    bytes_sent_ += std::int64_t{count} * static_cast<std::int64_t>(sizeof(Value));
  });
}

template <class Value>
void Communicator::receive_pieces(int partner, std::span<Value> values) {
  in_pieces(values.size(), piece_, [&](std::size_t begin, int count) {
    MPI_Request request = MPI_REQUEST_NULL;
    check_mpi(MPI_Irecv(&values[begin], count, mpi_type<Value>(), partner, kGradientTag, MPI_COMM_WORLD, &request),
              "MPI_Irecv");
    transfers_->all.push_back({request, partner, true});
  });
}

void Communicator::start_send(int partner, std::span<const float> values) { send_pieces(partner, values); }
void Communicator::start_receive(int partner, std::span<float> values) { receive_pieces(partner, values); }
void Communicator::start_send(int partner, std::span<const std::uint16_t> values) { send_pieces(partner, values); }
void Communicator::start_receive(int partner, std::span<std::uint16_t> values) { receive_pieces(partner, values); }

void Communicator::finish_transfers(std::size_t bucket) {
  try {
    wait_->until([this] { return transfers_->test_all(); },
                 [this, bucket] { return describe("bucket " + std::to_string(bucket) + " of the gradients"); });
  } catch (...) {
    for (Transfers::Transfer& transfer : transfers_->all) {
      if (transfer.request == MPI_REQUEST_NULL) continue;
      if (transfer.receives) MPI_Cancel(&transfer.request);
      MPI_Request_free(&transfer.request);
    }
    transfers_->all.clear();
    throw;
  }
  transfers_->all.clear();
}

std::string Communicator::library_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  check_mpi(MPI_Get_library_version(text.data(), &length), "MPI_Get_library_version");
  const std::string version(text.data(), static_cast<std::size_t>(length));
  return version.substr(0, version.find_first_of(",\n"));  // what follows tells of the build, host names among it
}

void Communicator::abort(int status) {
  MPI_Abort(MPI_COMM_WORLD, status);
  std::abort();  // where MPI did not
}

}  // namespace dragoman
