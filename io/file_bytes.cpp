#include "io/file_bytes.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "io/error.h"

namespace dragoman {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  const int reason = errno;
  throw FileError(path.string() + " cannot be " + what + ": " + std::strerror(reason));
}

/// Move-only owner of a file descriptor.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags, const char* what)
      : number_(::open(path.c_str(), flags, 0666)) {
    if (number_ < 0) fail(path, what);
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return number_; }
  /// Some file systems report a failed write only here.
  bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

std::size_t read_some(const Descriptor& file, const std::filesystem::path& path, char* to, std::size_t bytes) {
  while (true) {
    const ssize_t got = ::read(file.get(), to, bytes);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) fail(path, "read");
  }
}

}  // namespace

std::string read_file_bytes(const std::filesystem::path& path, std::size_t limit_bytes) {
  const Descriptor file(path, O_RDONLY | O_CLOEXEC, "opened");
  std::string bytes;
  std::vector<char> buffer(std::size_t{1} << 20);
  while (const std::size_t got = read_some(file, path, buffer.data(), buffer.size())) {
    if (bytes.size() + got > limit_bytes) {
      throw FileError(path.string() + " is larger than " + std::to_string(limit_bytes) +
                      " bytes, too large for its kind");
    }
    bytes.append(buffer.data(), got);
  }
  return bytes;
}

FileIdentity identify_file(const std::filesystem::path& path) {
  const Descriptor file(path, O_RDONLY | O_CLOEXEC, "opened");
  ContentHasher hasher;
  FileIdentity identity;
  std::vector<char> buffer(std::size_t{1} << 20);
  while (const std::size_t got = read_some(file, path, buffer.data(), buffer.size())) {
    hasher.add(std::string_view(buffer.data(), got));
    identity.bytes += static_cast<std::int64_t>(got);
  }
  identity.hash = hasher.finish();
  return identity;
}

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path temporary = path.string() + ".tmp";
  Descriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, "created");
  for (std::size_t written = 0; written < bytes.size();) {
    const ssize_t put = ::write(file.get(), bytes.data() + written, bytes.size() - written);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail(temporary, "written");
    written += static_cast<std::size_t>(put);
  }
  if (::fsync(file.get()) != 0 || !file.close()) fail(temporary, "written");
  if (std::rename(temporary.c_str(), path.c_str()) != 0) fail(path, "put in place");
  sync_folder(path.has_parent_path() ? path.parent_path() : ".");
}

void sync_folder(const std::filesystem::path& folder) {
  const Descriptor descriptor(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, "opened");
  // Some network file systems refuse to sync folders; their renames are durable by their own means.
  if (::fsync(descriptor.get()) != 0 && errno != EINVAL && errno != ENOTSUP) fail(folder, "synced");
}

}  // namespace dragoman
