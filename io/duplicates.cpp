#include "io/duplicates.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "io/content_hash.h"
#include "io/error.h"
#include "io/file_bytes.h"

namespace dragoman {
namespace {

struct Fingerprint {
  std::array<std::uint32_t, 3> hash;
  std::uint32_t pair_id;

  /// Equal pairs side by side, the earliest first.
  bool operator<(const Fingerprint& other) const {
    return hash != other.hash ? hash < other.hash : pair_id < other.pair_id;
  }
};
static_assert(sizeof(Fingerprint) == 16);

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  throw FileError("the temporary file " + path.string() + " cannot be " + what + ": " +
                  std::strerror(errno != 0 ? errno : EIO));
}

}  // namespace

PairFingerprintWriter::PairFingerprintWriter(std::filesystem::path path) : path_(std::move(path)) {
  errno = 0;
  file_.open(path_, std::ios::binary | std::ios::trunc);
  if (!file_) fail(path_, "created");
}

void PairFingerprintWriter::add(std::int64_t pair_id, std::string_view source, std::string_view target) {
  if (pair_id > std::numeric_limits<std::uint32_t>::max()) {
    throw Error("duplicates can be dropped from at most 2^32 pairs; set corpus.duplicates to keep");
  }
  ContentHasher hasher;
  hasher.add(source);
  hasher.add("\n");  // no line holds one
  hasher.add(target);
  Fingerprint fingerprint{{}, static_cast<std::uint32_t>(pair_id)};
  std::memcpy(fingerprint.hash.data(), hasher.finish().bytes.data(), sizeof fingerprint.hash);
  errno = 0;
  if (!file_.write(reinterpret_cast<const char*>(&fingerprint), sizeof fingerprint)) fail(path_, "written");
}

void PairFingerprintWriter::finish() {
  errno = 0;
  file_.close();
  if (!file_) fail(path_, "written");
}

DuplicateSet DuplicateSet::find(const std::vector<std::filesystem::path>& files, std::int64_t pairs) {
  std::size_t count = 0;
  for (const auto& path : files) count += std::filesystem::file_size(path) / sizeof(Fingerprint);
  std::vector<Fingerprint> all(count);
  std::size_t at = 0;
  for (const auto& path : files) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    const std::size_t here = std::filesystem::file_size(path) / sizeof(Fingerprint);
    if (!file.read(reinterpret_cast<char*>(all.data() + at),
                   static_cast<std::streamsize>(here * sizeof(Fingerprint)))) {
      fail(path, "read");
    }
    at += here;
  }
  std::sort(all.begin(), all.end());
  DuplicateSet set;
  set.duplicate_.assign(static_cast<std::size_t>(pairs), false);
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i].hash == all[i - 1].hash) set.duplicate_[all[i].pair_id] = true;
  }
  return set;
}

void DuplicateSet::save(const std::filesystem::path& path) const {
  std::string bits((duplicate_.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < duplicate_.size(); ++i) {
    if (duplicate_[i]) bits[i / 8] = static_cast<char>(bits[i / 8] | (1 << (i % 8)));
  }
  write_file_atomically(path, bits);
}

DuplicateSet DuplicateSet::load(const std::filesystem::path& path, std::int64_t pairs) {
  const std::string bits = read_file_bytes(path);
  DuplicateSet set;
  set.duplicate_.resize(static_cast<std::size_t>(pairs));
  if (bits.size() != (set.duplicate_.size() + 7) / 8)
    throw FileError("the temporary file " + path.string() + " is damaged");
  for (std::size_t i = 0; i < set.duplicate_.size(); ++i) set.duplicate_[i] = ((bits[i / 8] >> (i % 8)) & 1) != 0;
  return set;
}

}  // namespace dragoman
