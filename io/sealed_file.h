#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "io/content_hash.h"

namespace dragoman {

/// Every HDF5 file of Dragoman starts with a user block of 512 bytes, the seal, which HDF5 itself skips. It says what
/// the file is, how long it is and what its content hashes to, so that libhdf5 is never handed a cut or altered file.
/// docs/file-formats.md gives the bytes.
inline constexpr std::size_t kSealBytes = 512;
inline constexpr std::uint32_t kFileFormatVersion = 1;

enum class FileKind : std::uint32_t { shard = 1, checkpoint = 2, soft_alignments = 3 };

/// Length and XXH3-128 of a whole file, seal included: what `xxh128sum FILE` prints.
struct FileIdentity {
  std::int64_t bytes = 0;
  ContentHash hash;
  bool operator==(const FileIdentity&) const = default;
};

/// Fills the first kSealBytes of `image` for the bytes that follow them.
/// @return identity of the sealed image
FileIdentity seal(std::span<std::byte> image, FileKind kind, std::uint32_t version = kFileFormatVersion);

/// Reads the whole file in pieces of 1 MiB and checks it against its seal.
/// @throws FileError: missing, a folder, no Dragoman file, truncated, longer than sealed, damaged, of a newer format
///         version, or of another kind than `kind`
FileIdentity verify_seal(const std::filesystem::path& path, FileKind kind);

/// The kind in a file's seal; only the seal is read and checked.
/// @throws FileError as verify_seal
FileKind sealed_file_kind(const std::filesystem::path& path);

/// Writes `content` in the folder of `path` under a temporary name, syncs it to the disk, reads it back and compares.
/// @return the temporary file
/// @throws FileError with the system's reason (disk full, read-only, ...); the temporary file is gone then
std::filesystem::path write_temporary_file(const std::filesystem::path& path, std::span<const std::byte> content);

/// Renames the temporary file to `path`, replacing what was there, and syncs the folder: after a crash at any instant a
/// reader finds the old file or the new one, whole.
void commit_temporary_file(const std::filesystem::path& temporary, const std::filesystem::path& path);

/// Whether a file name is one that write_temporary_file gives; a crash leaves such files, and nobody reads them.
bool is_temporary_name(const std::filesystem::path& path);

}  // namespace dragoman
