#include "io/shard_spill.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "io/error.h"

namespace dragoman {
namespace {

struct PairHeader {
  std::int64_t pair_id;
  std::int32_t source_tokens, target_tokens;
};
// Headers and ids stay 4-byte aligned relative to each other; the reader copies headers out.
static_assert(sizeof(PairHeader) == 16);

struct Footer {
  std::int64_t index_offset, index_entries, finished;
};
constexpr std::int64_t kFinished = 0x64656c6c69707331;

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  const int reason = errno;
  throw FileError("the temporary file " + path.string() + " cannot be " + what +
                  (reason != 0 ? std::string(": ") + std::strerror(reason) : std::string()));
}

void append_bytes(std::string& to, const void* from, std::size_t bytes) {
  to.append(static_cast<const char*>(from), bytes);
}

}  // namespace

ShardSpillWriter::ShardSpillWriter(std::filesystem::path path, int shards, std::size_t run_bytes)
    : path_(std::move(path)), run_bytes_(run_bytes), held_(static_cast<std::size_t>(shards)) {
  errno = 0;
  file_.open(path_, std::ios::binary | std::ios::trunc);
  if (!file_) fail(path_, "created");
}

void ShardSpillWriter::add(int shard, const SpilledPair& pair) {
  std::string& bytes = held_.at(static_cast<std::size_t>(shard));
  const std::size_t before = bytes.size();
  const PairHeader header{pair.pair_id, static_cast<std::int32_t>(pair.source.size()),
                          static_cast<std::int32_t>(pair.target.size())};
  append_bytes(bytes, &header, sizeof header);
  append_bytes(bytes, pair.source.data(), pair.source.size_bytes());
  append_bytes(bytes, pair.target.data(), pair.target.size_bytes());
  held_bytes_ += bytes.size() - before;
  if (held_bytes_ >= run_bytes_) write_run();
}

void ShardSpillWriter::write_run() {
  for (std::string& bytes : held_) {
    index_.push_back(written_);
    write(bytes.data(), bytes.size());
    bytes.clear();
  }
  index_.push_back(written_);
  held_bytes_ = 0;
}

void ShardSpillWriter::write(const void* bytes, std::size_t count) {
  errno = 0;
  if (!file_.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(count))) fail(path_, "written");
  written_ += static_cast<std::int64_t>(count);
}

void ShardSpillWriter::finish() {
  write_run();
  const Footer footer{written_, static_cast<std::int64_t>(index_.size()), kFinished};
  write(index_.data(), index_.size() * sizeof index_[0]);
  write(&footer, sizeof footer);
  file_.close();
  if (!file_) fail(path_, "written");
}

ShardSpillReader::ShardSpillReader(std::filesystem::path path, int shards)
    : path_(std::move(path)), shards_(static_cast<std::size_t>(shards)) {
  errno = 0;
  file_.open(path_, std::ios::binary);
  if (!file_) fail(path_, "opened");
  Footer footer{};
  file_.seekg(-static_cast<std::streamoff>(sizeof footer), std::ios::end);
  if (!file_.read(reinterpret_cast<char*>(&footer), sizeof footer)) fail(path_, "read");
  if (footer.finished != kFinished || footer.index_entries % (shards + 1) != 0) fail(path_, "read to its end");
  index_.resize(static_cast<std::size_t>(footer.index_entries));
  file_.seekg(footer.index_offset);
  if (!file_.read(reinterpret_cast<char*>(index_.data()),
                  static_cast<std::streamsize>(index_.size() * sizeof index_[0]))) {
    fail(path_, "read");
  }
}

void ShardSpillReader::append_shard(int shard, std::string& bytes) {
  for (std::size_t run = 0; run < index_.size(); run += shards_ + 1) {
    const std::int64_t begin = index_[run + static_cast<std::size_t>(shard)];
    const auto count = static_cast<std::size_t>(index_[run + static_cast<std::size_t>(shard) + 1] - begin);
    const std::size_t before = bytes.size();
    bytes.resize(before + count);
    errno = 0;
    file_.seekg(begin);
    if (!file_.read(bytes.data() + before, static_cast<std::streamsize>(count))) fail(path_, "read");
  }
}

void for_each_spilled_pair(const std::string& bytes, const std::function<void(const SpilledPair&)>& visit) {
  for (std::size_t at = 0; at < bytes.size();) {
    PairHeader header{};
    std::memcpy(&header, bytes.data() + at, sizeof header);
    at += sizeof header;
    // A string's storage and every record's length are multiples of 4 bytes, so ids are aligned.
    const auto* ids = reinterpret_cast<const std::int32_t*>(bytes.data() + at);
    const auto source = static_cast<std::size_t>(header.source_tokens);
    const auto target = static_cast<std::size_t>(header.target_tokens);
    visit({header.pair_id, {ids, source}, {ids + source, target}});
    at += (source + target) * sizeof *ids;
  }
}

}  // namespace dragoman
