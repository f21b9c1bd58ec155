#include "io/sealed_file.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "tests/io/example_files.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

using test::file_error;
using test::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string sealed(std::string content, FileKind kind = FileKind::shard, std::uint32_t version = kFileFormatVersion) {
  std::string image = std::string(kSealBytes, '\0') + content;
  seal(std::as_writable_bytes(std::span(image)), kind, version);
  return image;
}

class SealedFileTest : public ::testing::Test {
 protected:
  std::string refusal(const std::string& content, FileKind kind = FileKind::shard) {
    test::write_file(path, content);
    return file_error([&] { verify_seal(path, kind); });
  }
  std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      found.push_back(entry.path().filename().string());
    return found;
  }
  TemporaryFolder folder;
  std::filesystem::path path = folder / "file.h5";
};

TEST_F(SealedFileTest, IdentityIsLengthAndHashOfTheWholeFile) {
  const std::string image = sealed(std::string(3'000'000, 'x'));
  test::write_file(path, image);
  const FileIdentity identity = verify_seal(path, FileKind::shard);
  EXPECT_EQ(identity.bytes, 3'000'512);
  EXPECT_EQ(identity.hash, content_hash(image));
  EXPECT_EQ(sealed_file_kind(path), FileKind::shard);
}

TEST_F(SealedFileTest, SealHasTheDocumentedLayout) {
  const std::string image = sealed("content", FileKind::checkpoint, 1);
  EXPECT_EQ(image.substr(0, 12), "Dragoman\r\n\x1a\n");
  EXPECT_EQ(image.substr(12, 12), std::string("\2\0\0\0\1\0\0\0\0\0\0\0", 12));
  EXPECT_EQ(image.substr(24, 8), std::string("\7\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(std::memcmp(image.data() + 32, content_hash("content").bytes.data(), 16), 0);
  EXPECT_EQ(image.substr(48, 448), std::string(448, '\0'));
  EXPECT_EQ(std::memcmp(image.data() + 496, content_hash(image.substr(0, 496)).bytes.data(), 16), 0);
}

TEST_F(SealedFileTest, EveryTruncationIsNamed) {
  const std::string image = sealed("some content of the file");
  EXPECT_THAT(refusal(""), HasSubstr("is empty"));
  for (std::size_t length = 1; length < image.size(); ++length) {
    EXPECT_THAT(refusal(image.substr(0, length)),
                AllOf(HasSubstr("is truncated"), HasSubstr(" " + std::to_string(length) + " bytes")));
  }
  EXPECT_THAT(refusal(image + "x"), HasSubstr("is damaged: it has 537 bytes, sealed were 536"));
}

TEST_F(SealedFileTest, EveryFlippedBitIsFound) {
  const std::string image = sealed("some content of the file");
  for (std::size_t bit = 0; bit < image.size() * 8; ++bit) {
    std::string flipped = image;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_THAT(refusal(flipped), HasSubstr(bit < 96 ? "is not a Dragoman file" : "is damaged")) << "bit " << bit;
  }
}

TEST_F(SealedFileTest, OtherFilesAreToldApart) {
  EXPECT_THAT(refusal("ein Mann mit Hut\n"), HasSubstr("is not a Dragoman file, expected a Dragoman shard"));
  EXPECT_THAT(refusal("\x89HDF\r\n\x1a\n and so on"), HasSubstr("is an HDF5 file without Dragoman's user block"));
  EXPECT_THAT(refusal(sealed("x", FileKind::shard, 2)), HasSubstr("has format version 2, this program reads up to 1"));
  EXPECT_THAT(refusal(sealed("x"), FileKind::checkpoint), HasSubstr("is a shard, expected a Dragoman checkpoint"));
  EXPECT_THAT(refusal(sealed("x", FileKind::checkpoint)), HasSubstr("is a checkpoint, expected a Dragoman shard"));
  test::write_file(path, sealed("x", static_cast<FileKind>(9)));
  EXPECT_THAT(file_error([&] { sealed_file_kind(path); }), HasSubstr("of a kind unknown here"));
}

TEST_F(SealedFileTest, MissingFilesFoldersAndDevicesAreRefused) {
  EXPECT_THAT(file_error([&] { verify_seal(folder / "none", FileKind::shard); }),
              HasSubstr("none: No such file or directory"));
  EXPECT_THAT(file_error([&] { verify_seal(folder.path(), FileKind::shard); }), HasSubstr("is a folder"));
  EXPECT_THAT(file_error([&] { verify_seal("/dev/zero", FileKind::shard); }), HasSubstr("is no regular file"));
}

TEST_F(SealedFileTest, CommitReplacesTheOlderFile) {
  test::write_file(path, "older");
  const std::string image = sealed("newer");
  const auto temporary = write_temporary_file(path, std::as_bytes(std::span(image)));
  EXPECT_EQ(test::read_file(path), "older");
  EXPECT_EQ(temporary.parent_path(), folder.path());
  EXPECT_TRUE(is_temporary_name(temporary));
  EXPECT_FALSE(is_temporary_name(path));
  commit_temporary_file(temporary, path);
  EXPECT_EQ(test::read_file(path), image);
  EXPECT_THAT(names(), ::testing::ElementsAre("file.h5"));
}

TEST_F(SealedFileTest, TwoWritersOfOneNameDoNotMeet) {
  const std::string one(1000, '1'), two(1000, '2');
  const auto first = write_temporary_file(path, std::as_bytes(std::span(one)));
  const auto second = write_temporary_file(path, std::as_bytes(std::span(two)));
  EXPECT_NE(first, second);
  EXPECT_EQ(test::read_file(first), one);
  EXPECT_EQ(test::read_file(second), two);
}

TEST_F(SealedFileTest, FailedWritesSayWhyAndLeaveNothing) {
  const std::string content(100'000, 'x');
  const auto bytes = std::as_bytes(std::span(content));
  test::write_file(path, "a file, no folder");
  EXPECT_THAT(file_error([&] { write_temporary_file(path / "below.h5", bytes); }), HasSubstr("Not a directory"));
  EXPECT_THAT(file_error([&] { write_temporary_file(folder / "none" / "x.h5", bytes); }),
              HasSubstr("No such file or directory"));
  EXPECT_THAT(file_error([&] { commit_temporary_file(folder / "none.partial-1-0", path); }),
              AllOf(HasSubstr("cannot rename"), HasSubstr("No such file")));
  EXPECT_THAT(names(), ::testing::ElementsAre("file.h5"));
}

// A file size limit stops a write in its middle on any file system and for any user, as a full disk does.
TEST_F(SealedFileTest, AWriteThatRunsOutOfRoomRemovesItsTemporaryFile) {
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 4096;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string content(100'000, 'x');
  const std::string message = file_error([&] { write_temporary_file(path, std::as_bytes(std::span(content))); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(message, AllOf(HasSubstr("cannot write"), HasSubstr("File too large")));
  EXPECT_THAT(names(), ::testing::IsEmpty());
}

TEST_F(SealedFileTest, AReadOnlyFolderIsRefusedWithItsReason) {
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const bool root = geteuid() == 0;  // may write everywhere, so somebody else tries
  constexpr uid_t kNobody = 65534;
  if (root) {
    ASSERT_EQ(seteuid(kNobody), 0);
  }
  const std::string content = "x";
  const std::string message = file_error([&] { write_temporary_file(path, std::as_bytes(std::span(content))); });
  if (root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  EXPECT_THAT(message, HasSubstr("Permission denied"));
}

}  // namespace
}  // namespace dragoman
