#include "io/file_bytes.h"

#include <span>
#include <vector>

#include "io/error.h"
#include "io/file_descriptor.h"

namespace dragoman {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;

}  // namespace

std::string read_file_bytes(const std::filesystem::path& path, std::size_t limit_bytes) {
  const FileDescriptor file = FileDescriptor::open_to_read(path);
  if (file.size() > limit_bytes) {
    throw FileError(path.string() + " has " + std::to_string(file.size()) + " bytes, too many for its kind (at most " +
                    std::to_string(limit_bytes) + ")");
  }
  std::string bytes(file.size(), '\0');
  bytes.resize(file.read_at(0, std::as_writable_bytes(std::span(bytes))));
  return bytes;
}

FileIdentity identify_file(const std::filesystem::path& path) {
  const FileDescriptor file = FileDescriptor::open_to_read(path);
  ContentHasher hasher;
  FileIdentity identity;
  std::vector<std::byte> buffer(kReadBytes);
  while (const std::size_t got = file.read_at(static_cast<std::uint64_t>(identity.bytes), buffer)) {
    hasher.add(std::span<const std::byte>(buffer).first(got));
    identity.bytes += static_cast<std::int64_t>(got);
  }
  identity.hash = hasher.finish();
  return identity;
}

void require_writable(const std::filesystem::path& path) {
  require_replaceable(path);
  const FileDescriptor file = FileDescriptor::create_temporary(path);
  std::filesystem::remove(file.path());
}

void require_no_input(const std::string& what, const std::filesystem::path& path, std::span<const std::string> inputs) {
  for (const std::string& input : inputs) {
    std::error_code missing;
    if (input.empty() || !std::filesystem::equivalent(path, input, missing)) continue;
    throw ConfigurationError(what + " " + path.string() + " is the same file as " + input +
                             ", which is read; name another");
  }
}

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  commit_temporary_file(write_temporary_file(path, std::as_bytes(std::span(bytes))), path);
}

}  // namespace dragoman
