#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "io/shard.h"

namespace dragoman {

/// Reads a whole file. @throws FileError, also for one over `limit_bytes`.
std::string read_file_bytes(const std::filesystem::path& path, std::size_t limit_bytes = std::size_t{1} << 30);

/// Length and content hash of a file, read as a stream. @throws FileError.
FileIdentity identify_file(const std::filesystem::path& path);

/// Writes a temporary file in the same folder, syncs and renames it: whoever looks sees the old content or the new one.
/// @throws FileError.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Makes renames and removals within the folder durable. @throws FileError.
void sync_folder(const std::filesystem::path& folder);

}  // namespace dragoman
