#include "trainer/communicator.h"

#include <mpi.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <sstream>
#include <thread>

#include "io/content_hash.h"
#include "io/error.h"

namespace dragoman {
namespace {

constexpr int kFloatsTag = 1;
constexpr int kBytesTag = 2;
constexpr int kFailureTag = 3;

using Clock = std::chrono::steady_clock;

void check(int code, const char* doing) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> reason{};
  int length = 0;
  if (MPI_Error_string(code, reason.data(), &length) != MPI_SUCCESS) length = 0;
  throw Error(std::string("MPI failed in ") + doing + ": " +
              std::string(reason.data(), static_cast<std::size_t>(length)));
}

/// How to wait in a loop of polls: at full speed while the answer may be microseconds away, later leaving the core to
/// others. Sleeps stay short because Open MPI moves data only inside calls.
class PoliteWait {
 public:
  void pause() {
    if (++polls_ < kPollsAtFullSpeed) return;
    if (Clock::now() - start_ < kYieldingFor) return std::this_thread::yield();
    std::this_thread::sleep_for(kSleep);
  }
  double waited_seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  static constexpr int kPollsAtFullSpeed = 200;
  static constexpr std::chrono::milliseconds kYieldingFor{5};
  static constexpr std::chrono::microseconds kSleep{100};
  int polls_ = 0;
  Clock::time_point start_ = Clock::now();
};

void wait(MPI_Request request, const char* doing) {
  PoliteWait patience;
  for (int done = 0; done == 0;) {
    check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), doing);
    if (done == 0) patience.pause();
  }
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
  check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
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
  bool test_all(const TransferName& name) {
    bool ended = true;
    for (Transfer& transfer : all) {
      if (transfer.request == MPI_REQUEST_NULL) continue;
      int done = 0;
      const int code = MPI_Test(&transfer.request, &done, MPI_STATUS_IGNORE);
      if (code != MPI_SUCCESS) {
        check(code, ("the gradient exchange with rank " + std::to_string(transfer.partner) + ", step " +
                     std::to_string(name.step) + ", bucket " + std::to_string(name.bucket))
                        .c_str());
      }
      ended = ended && done != 0;
    }
    return ended;
  }
};

Communicator::Communicator(const MpiSession& /*session*/, std::size_t piece)
    : piece_(piece), transfers_(std::make_unique<Transfers>()) {
  assert(piece >= 1 && piece <= kMaximumPiece);
  check(MPI_Comm_rank(MPI_COMM_WORLD, &rank_), "MPI_Comm_rank");
  check(MPI_Comm_size(MPI_COMM_WORLD, &size_), "MPI_Comm_size");
}

Communicator::~Communicator() = default;

void Communicator::barrier() {
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Ibarrier(MPI_COMM_WORLD, &request), "MPI_Ibarrier");
  wait(request, "a barrier");
}

void Communicator::broadcast_bytes(std::span<std::byte> bytes, int root) {
  in_pieces(bytes.size(), piece_, [&](std::size_t begin, int count) {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Ibcast(&bytes[begin], count, MPI_BYTE, root, MPI_COMM_WORLD, &request), "MPI_Ibcast");
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
  check(MPI_Iallgather(values.data(), count, MPI_DOUBLE, all.data(), count, MPI_DOUBLE, MPI_COMM_WORLD, &request),
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
      check(MPI_Isend(&bytes[begin], count, MPI_BYTE, 0, kBytesTag, MPI_COMM_WORLD, &request), "MPI_Isend");
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
      check(MPI_Irecv(&received[begin], count, MPI_BYTE, from, kBytesTag, MPI_COMM_WORLD, &request), "MPI_Irecv");
      wait(request, "receiving on rank 0");
    });
  }
  return all;
}

void Communicator::sum(std::span<std::int64_t> values) {
  in_pieces(values.size(), piece_, [&](std::size_t begin, int count) {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Iallreduce(MPI_IN_PLACE, &values[begin], count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD, &request),
          "MPI_Iallreduce");
    wait(request, "a sum");
  });
}

void Communicator::sum(std::span<float> values) {
  // The blocking call: Open MPI's non-blocking allreduce is several times slower on large buffers.
  in_pieces(values.size(), piece_, [&](std::size_t begin, int count) {
    check(MPI_Allreduce(MPI_IN_PLACE, &values[begin], count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD), "MPI_Allreduce");
  });
}

Vote Communicator::vote(bool agree, const std::string& message) {
  int first_no = agree ? size_ : rank_;
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Iallreduce(MPI_IN_PLACE, &first_no, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD, &request), "MPI_Iallreduce");
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
    work();
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

Communicator::Meeting Communicator::meet_failed(const std::string& message, double timeout_seconds) {
  // Transfers with a tag of their own: some ranks may be inside a collective call that this one will never make.
  const ContentHash own = content_hash(message);
  std::vector<ContentHash> theirs(static_cast<std::size_t>(size_), own);
  std::vector<MPI_Request> requests;
  constexpr int kBytes = sizeof(own.bytes);
  for (int other = 0; other < size_; ++other) {
    if (other == rank_) continue;
    check(MPI_Irecv(theirs[static_cast<std::size_t>(other)].bytes.data(), kBytes, MPI_BYTE, other, kFailureTag,
                    MPI_COMM_WORLD, &requests.emplace_back(MPI_REQUEST_NULL)),
          "MPI_Irecv");
    check(MPI_Isend(own.bytes.data(), kBytes, MPI_BYTE, other, kFailureTag, MPI_COMM_WORLD,
                    &requests.emplace_back(MPI_REQUEST_NULL)),
          "MPI_Isend");
  }
  PoliteWait patience;
  for (int met = 0; met == 0; patience.pause()) {
    check(MPI_Testall(static_cast<int>(requests.size()), requests.data(), &met, MPI_STATUSES_IGNORE),
          "a meeting of failed ranks");
    if (met != 0) break;
    if (patience.waited_seconds() > timeout_seconds) {
      for (MPI_Request& request : requests) {
        if (request == MPI_REQUEST_NULL) continue;
        check(MPI_Cancel(&request), "MPI_Cancel");
        check(MPI_Request_free(&request), "MPI_Request_free");
      }
      return Meeting::some_missing;
    }
  }
  const bool alike = std::all_of(theirs.begin(), theirs.end(), [&](const ContentHash& hash) { return hash == own; });
  return alike ? Meeting::all_alike : Meeting::all_differently;
}

void Communicator::start_send(int partner, std::span<const float> values) {
  in_pieces(values.size(), piece_, [&](std::size_t begin, int count) {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Isend(&values[begin], count, MPI_FLOAT, partner, kFloatsTag, MPI_COMM_WORLD, &request), "MPI_Isend");
    transfers_->all.push_back({request, partner, false});
    bytes_sent_ += std::int64_t{count} * static_cast<std::int64_t>(sizeof(float));
  });
}

void Communicator::start_receive(int partner, std::span<float> values) {
  in_pieces(values.size(), piece_, [&](std::size_t begin, int count) {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Irecv(&values[begin], count, MPI_FLOAT, partner, kFloatsTag, MPI_COMM_WORLD, &request), "MPI_Irecv");
    transfers_->all.push_back({request, partner, true});
  });
}

void Communicator::finish_transfers(const TransferName& name, double timeout_seconds) {
  PoliteWait patience;
  while (!transfers_->test_all(name)) {
    if (patience.waited_seconds() > timeout_seconds) give_up(name, timeout_seconds);
    patience.pause();
  }
  transfers_->all.clear();
}

void Communicator::give_up(const TransferName& name, double timeout_seconds) {
  // A missing receive tells more than a send that is not taken: it is named first.
  int late_receive = -1, late_send = -1;
  for (Transfers::Transfer& transfer : transfers_->all) {
    if (transfer.request == MPI_REQUEST_NULL) continue;
    int& late = transfer.receives ? late_receive : late_send;
    if (late < 0) late = transfer.partner;
    if (transfer.receives) check(MPI_Cancel(&transfer.request), "MPI_Cancel");
    check(MPI_Request_free(&transfer.request), "MPI_Request_free");
  }
  transfers_->all.clear();
  const int partner = late_receive >= 0 ? late_receive : late_send;
  std::ostringstream text;
  text << "Gradient exchange, step " << name.step << ", bucket " << name.bucket << ": rank " << rank_
       << " waited for rank " << partner << " for more than " << timeout_seconds
       << " s (training.exchange_timeout_seconds), expected its part of the sum; see whether rank " << partner
       << " reported an error or its node is down, and raise the limit if it was only slow";
  throw Error(text.str());
}

std::string Communicator::library_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  check(MPI_Get_library_version(text.data(), &length), "MPI_Get_library_version");
  const std::string version(text.data(), static_cast<std::size_t>(length));
  return version.substr(0, version.find_first_of(",\n"));  // what follows tells of the build, host names among it
}

void Communicator::abort(int status) {
  MPI_Abort(MPI_COMM_WORLD, status);
  std::abort();  // where MPI did not
}

}  // namespace dragoman
