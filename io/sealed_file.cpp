#include "io/sealed_file.h"

#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/error.h"
#include "io/file_descriptor.h"

namespace dragoman {
namespace {

static_assert(std::endian::native == std::endian::little, "the files are little-endian and written as memory is");

// The line ends and the 0x1a show transfers in text mode, as PNG's signature does.
constexpr std::string_view kMagic = "Dragoman\r\n\x1a\n";
constexpr std::string_view kHdf5Magic = "\x89HDF\r\n\x1a\n";
constexpr std::size_t kPieceBytes = 1 << 20;

struct Seal {
  std::array<char, 12> magic{};
  std::uint32_t kind = 0;
  std::uint32_t version = 0;
  std::uint32_t reserved = 0;
  std::uint64_t content_bytes = 0;
  ContentHash content_hash;
  std::array<std::uint8_t, 448> zeros{};
  ContentHash seal_hash;  // of the 496 bytes before it
};
static_assert(sizeof(Seal) == kSealBytes && std::is_trivially_copyable_v<Seal>);
static_assert(offsetof(Seal, seal_hash) == 496 && offsetof(Seal, content_bytes) == 24);

ContentHash hash_of_seal(const Seal& seal) {
  return content_hash(std::as_bytes(std::span(&seal, 1)).first(offsetof(Seal, seal_hash)));
}

bool is_known(std::uint32_t kind) {
  return kind >= static_cast<std::uint32_t>(FileKind::shard) &&
         kind <= static_cast<std::uint32_t>(FileKind::soft_alignments);
}

std::string_view kind_name(std::uint32_t kind) {
  switch (static_cast<FileKind>(kind)) {
    case FileKind::shard:
      return "shard";
    case FileKind::checkpoint:
      return "checkpoint";
    case FileKind::soft_alignments:
      return "file of soft alignments";
  }
  return "file of a kind unknown here";
}

std::string expected(std::optional<FileKind> kind) {
  return kind ? "Dragoman " + std::string(kind_name(static_cast<std::uint32_t>(*kind)))
              : "Dragoman shard, checkpoint or file of soft alignments";
}

[[noreturn]] void refuse_foreign(const std::filesystem::path& path, std::string_view start,
                                 std::optional<FileKind> kind) {
  if (start.starts_with(kHdf5Magic)) {
    throw FileError(path.string() + " is an HDF5 file without Dragoman's user block, expected a " + expected(kind));
  }
  throw FileError(path.string() + " is not a Dragoman file, expected a " + expected(kind));
}

/// Reads the seal and checks all that can be told from it and the file's length.
Seal read_seal(const FileDescriptor& file, std::optional<FileKind> kind) {
  const std::string name = file.path().string();
  const std::uint64_t file_bytes = file.size();
  if (file_bytes == 0) throw FileError(name + " is empty, expected a " + expected(kind));
  Seal seal;
  const std::size_t got = file.read_at(0, std::as_writable_bytes(std::span(&seal, 1)));
  const std::string_view start(reinterpret_cast<const char*>(&seal), std::min(got, kMagic.size()));
  if (start != kMagic.substr(0, start.size())) {
    refuse_foreign(file.path(), {reinterpret_cast<const char*>(&seal), got}, kind);
  }
  if (got < kSealBytes) {
    throw FileError(name + " is truncated: it has " + std::to_string(got) + " bytes, its first block alone has " +
                    std::to_string(kSealBytes) + "; copy or make it again");
  }
  if (hash_of_seal(seal) != seal.seal_hash) {
    throw FileError(name + " is damaged: the hash of its first 512 bytes differs; copy or make it again");
  }
  if (seal.version > kFileFormatVersion) {
    throw FileError(name + " has format version " + std::to_string(seal.version) + ", this program reads up to " +
                    std::to_string(kFileFormatVersion) + "; use the newer Dragoman that wrote it");
  }
  if (kind ? seal.kind != static_cast<std::uint32_t>(*kind) : !is_known(seal.kind)) {
    throw FileError(name + " is a " + std::string(kind_name(seal.kind)) + ", expected a " + expected(kind));
  }
  const std::uint64_t content_bytes = file_bytes - kSealBytes;
  if (content_bytes < seal.content_bytes) {
    throw FileError(name + " is truncated: it has " + std::to_string(file_bytes) + " bytes of " +
                    std::to_string(seal.content_bytes + kSealBytes) + "; copy or make it again");
  }
  if (content_bytes > seal.content_bytes) {
    throw FileError(name + " is damaged: it has " + std::to_string(file_bytes) + " bytes, sealed were " +
                    std::to_string(seal.content_bytes + kSealBytes) + "; copy or make it again");
  }
  return seal;
}

void read_back(FileDescriptor& file, std::span<const std::byte> content) {
  file.drop_cache();
  std::vector<std::byte> piece(kPieceBytes);
  for (std::size_t at = 0; at < content.size();) {
    const std::span<const std::byte> written = content.subspan(at, std::min(kPieceBytes, content.size() - at));
    const std::size_t got = file.read_at(at, std::span(piece).first(written.size()));
    if (got != written.size() || std::memcmp(piece.data(), written.data(), got) != 0) {
      throw FileError(file.path().string() + " reads back otherwise than it was written, from byte " +
                      std::to_string(at) + " on; check the disk");
    }
    at += got;
  }
}

}  // namespace

FileIdentity seal(std::span<std::byte> image, FileKind kind, std::uint32_t version) {
  if (image.size() < kSealBytes) throw Error("no room for the seal in an image of " + std::to_string(image.size()));
  Seal block;
  std::memcpy(block.magic.data(), kMagic.data(), kMagic.size());
  block.kind = static_cast<std::uint32_t>(kind);
  block.version = version;
  block.content_bytes = image.size() - kSealBytes;
  block.content_hash = content_hash(image.subspan(kSealBytes));
  block.seal_hash = hash_of_seal(block);
  std::memcpy(image.data(), &block, kSealBytes);
  return {static_cast<std::int64_t>(image.size()), content_hash(image)};
}

FileIdentity verify_seal(const std::filesystem::path& path, FileKind kind) {
  // Read in pieces, not mapped: a file that shrinks meanwhile is an error here and would be a bus error there.
  FileDescriptor file = FileDescriptor::open_to_read(path);
  const Seal seal = read_seal(file, kind);
  ContentHasher whole, content;
  whole.add(std::as_bytes(std::span(&seal, 1)));
  std::vector<std::byte> piece(kPieceBytes);
  for (std::uint64_t at = 0; at < seal.content_bytes;) {
    const std::size_t wanted = std::min<std::uint64_t>(kPieceBytes, seal.content_bytes - at);
    const std::size_t got = file.read_at(kSealBytes + at, std::span(piece).first(wanted));
    if (got < wanted) {
      throw FileError(path.string() + " shrank while it was read, to " + std::to_string(kSealBytes + at + got) +
                      " bytes of " + std::to_string(kSealBytes + seal.content_bytes));
    }
    const std::span<const std::byte> bytes = std::span(piece).first(got);
    whole.add(bytes);
    content.add(bytes);
    at += got;
  }
  if (content.finish() != seal.content_hash) {
    throw FileError(path.string() + " is damaged: its content hashes to " + content.finish().hex() + ", expected " +
                    seal.content_hash.hex() + "; copy or make it again");
  }
  return {static_cast<std::int64_t>(kSealBytes + seal.content_bytes), whole.finish()};
}

FileKind sealed_file_kind(const std::filesystem::path& path) {
  return static_cast<FileKind>(read_seal(FileDescriptor::open_to_read(path), std::nullopt).kind);
}

std::filesystem::path write_temporary_file(const std::filesystem::path& path, std::span<const std::byte> content) {
  require_replaceable(path);
  FileDescriptor file = FileDescriptor::create_temporary(path);
  try {
    file.write(content);
    file.sync();
    read_back(file, content);
    file.close();
  } catch (...) {
    std::error_code ignored;  // the first error is the one to report
    std::filesystem::remove(file.path(), ignored);
    throw;
  }
  return file.path();
}

void commit_temporary_file(const std::filesystem::path& temporary, const std::filesystem::path& path) {
  std::error_code failure;
  std::filesystem::rename(temporary, path, failure);
  if (failure) {
    throw FileError("cannot rename " + temporary.string() + " to " + path.string() + ": " + failure.message());
  }
  sync_folder(path.parent_path());
}

bool is_temporary_name(const std::filesystem::path& path) {
  return path.filename().string().find(kTemporaryInfix) != std::string::npos;
}

}  // namespace dragoman
