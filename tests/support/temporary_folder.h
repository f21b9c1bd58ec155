#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dragoman::test {

/// A fresh folder below the system's temporary folder, removed with all it holds on destruction.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Writes `content` to `path`, replacing what was there.
void write_file(const std::filesystem::path& path, std::string_view content);

/// @return all bytes of the file.
std::string read_file(const std::filesystem::path& path);

}  // namespace dragoman::test
