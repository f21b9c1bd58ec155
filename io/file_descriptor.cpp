#include "io/file_descriptor.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "io/error.h"

namespace dragoman {
namespace {

[[noreturn]] void fail(const std::string& doing, const std::filesystem::path& path, int reason) {
  throw FileError("cannot " + doing + " " + path.string() + ": " + std::generic_category().message(reason));
}

// The kernel transfers less than 2 GiB a call.
constexpr std::size_t kTransferBytes = std::size_t{1} << 30;

}  // namespace

FileDescriptor::FileDescriptor(int descriptor, std::filesystem::path path)
    : descriptor_(descriptor), path_(std::move(path)) {}

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileDescriptor FileDescriptor::open_to_read(const std::filesystem::path& path) {
  // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK), path);
  if (file.descriptor_ < 0) fail("open", path, errno);
  struct stat status {};
  if (::fstat(file.descriptor_, &status) != 0) fail("examine", path, errno);
  if (S_ISDIR(status.st_mode)) throw FileError(path.string() + " is a folder, expected a file");
  if (!S_ISREG(status.st_mode)) throw FileError(path.string() + " is no regular file");
  return file;
}

FileDescriptor FileDescriptor::open_or_create(const std::filesystem::path& path) {
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666), path);
  if (file.descriptor_ < 0) fail("open", path, errno);
  return file;
}

FileDescriptor FileDescriptor::create_temporary(const std::filesystem::path& path) {
  // Processes of different hosts may share a number; O_EXCL makes the second one take another name.
  const std::string stem = path.string() + std::string(kTemporaryInfix) + std::to_string(::getpid()) + "-";
  for (int attempt = 0;; ++attempt) {
    FileDescriptor file(-1, stem + std::to_string(attempt));
    file.descriptor_ = ::open(file.path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file.descriptor_ >= 0) return file;
    if (errno != EEXIST || attempt == 10'000) fail("create", file.path_, errno);
  }
}

std::uint64_t FileDescriptor::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail("examine", path_, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

std::size_t FileDescriptor::read_at(std::uint64_t offset, std::span<std::byte> bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(descriptor_, bytes.data() + done, std::min(kTransferBytes, bytes.size() - done),
                                static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read", path_, errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

void FileDescriptor::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), std::min(kTransferBytes, bytes.size()));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", path_, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void FileDescriptor::replace(std::string_view text) {
  if (::ftruncate(descriptor_, 0) != 0) fail("write", path_, errno);
  if (::lseek(descriptor_, 0, SEEK_SET) < 0) fail("write", path_, errno);
  write(std::as_bytes(std::span(text)));
}

bool FileDescriptor::try_lock() { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK; }

void FileDescriptor::sync() {
  if (::fsync(descriptor_) != 0) fail("sync", path_, errno);
}

void FileDescriptor::drop_cache() {
  // Advice only: where the system does not take it, the read-back still finds what a crash would leave of the write.
  (void)::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED);
}

void FileDescriptor::close() {
  if (::close(std::exchange(descriptor_, -1)) != 0) fail("close", path_, errno);
}

void require_replaceable(const std::filesystem::path& path) {
  std::error_code ignored;  // whatever cannot be examined cannot be written either, which says more
  const std::filesystem::file_type type = std::filesystem::symlink_status(path, ignored).type();
  if (type == std::filesystem::file_type::regular || type == std::filesystem::file_type::not_found ||
      type == std::filesystem::file_type::none) {
    return;
  }
  throw FileError(path.string() + " is " +
                  (type == std::filesystem::file_type::directory ? "a folder"
                   : type == std::filesystem::file_type::symlink ? "a symbolic link"
                                                                 : "no regular file") +
                  ", which would be replaced; name a file");
}

void sync_folder(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder.empty() ? "." : folder;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail("open folder", path, errno);
  const int status = ::fsync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  // Some network file systems have no sync for folders and say so; they order renames themselves.
  if (status != 0 && reason != EINVAL && reason != ENOTSUP) fail("sync folder", path, reason);
}

}  // namespace dragoman
