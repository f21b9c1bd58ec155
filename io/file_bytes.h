#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "io/sealed_file.h"

namespace dragoman {

/// Reads a whole file. @throws FileError, also for one over `limit_bytes`.
std::string read_file_bytes(const std::filesystem::path& path, std::size_t limit_bytes = std::size_t{1} << 30);

/// Length and content hash of any file, read as a stream. @throws FileError.
FileIdentity identify_file(const std::filesystem::path& path);

/// Throws now what write_file_atomically would throw later: for results that take long to make.
void require_writable(const std::filesystem::path& path);

/// For results that would take the place of what they are made of.
/// @param what the option that names the file  @param inputs files, and empty names, which are passed over
/// @throws ConfigurationError where `path` is one of them, by whatever name.
void require_no_input(const std::string& what, const std::filesystem::path& path, std::span<const std::string> inputs);

/// Whoever looks sees the old content or the new one, whole. @throws FileError.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

}  // namespace dragoman
