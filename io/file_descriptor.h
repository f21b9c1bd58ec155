#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace dragoman {

/// What stands between a file's name and a number in the names of temporary files.
inline constexpr std::string_view kTemporaryInfix = ".partial-";

/// An open file of the operating system. Every error is a FileError with the path and the system's reason.
class FileDescriptor {
 public:
  /// @throws FileError where the path is missing, unreadable or no regular file.
  static FileDescriptor open_to_read(const std::filesystem::path& path);
  /// To read and write; made where there is none.
  static FileDescriptor open_or_create(const std::filesystem::path& path);
  /// A new file beside `path` whose name no other process uses.
  static FileDescriptor create_temporary(const std::filesystem::path& path);

  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const;
  /// @return bytes read; fewer than asked for only at the end of the file
  std::size_t read_at(std::uint64_t offset, std::span<std::byte> bytes) const;
  void write(std::span<const std::byte> bytes);
  /// Makes these the whole content.
  void replace(std::string_view text);
  /// Locks the file until it is closed here. @return false where another has locked it; true also where the file
  /// system knows no locks
  bool try_lock();
  void sync();
  /// Asks the system to forget its copy in memory, so that what is read next comes from the disk.
  void drop_cache();
  /// Reports what the destructor cannot: network file systems tell of failed writes here.
  void close();

 private:
  FileDescriptor(int descriptor, std::filesystem::path path);
  int descriptor_;
  std::filesystem::path path_;
};

/// Files are written beside `path` and then renamed to it, which would put a device, a pipe or a link out of the way.
/// @throws FileError where something other than a regular file has that name.
void require_replaceable(const std::filesystem::path& path);

/// Makes renames in the folder survive a crash; "" is the working directory.
void sync_folder(const std::filesystem::path& folder);

}  // namespace dragoman
