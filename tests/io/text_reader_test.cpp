#include "io/text_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/error.h"
#include "io/pair_reader.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text_files.h"

namespace dragoman {
namespace {

using test::gzip;
using test::write_file;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class TextReaderTest : public ::testing::Test {
 protected:
  std::string file(const std::string& name, std::string_view content) {
    write_file(folder_ / name, content);
    return (folder_ / name).string();
  }
  static std::vector<std::string> lines_of(const std::vector<std::string>& files) {
    TextReader reader(files);
    std::vector<std::string> lines;
    std::string_view line;
    while (reader.next(line)) lines.emplace_back(line);
    EXPECT_EQ(reader.lines(), static_cast<std::int64_t>(lines.size()));
    return lines;
  }
  static std::string error_of(const std::vector<std::string>& files) {
    try {
      lines_of(files);
    } catch (const FileError& error) {
      return error.what();
    }
    return "no error";
  }

  test::TemporaryFolder folder_;
};

TEST_F(TextReaderTest, ReadsLinesOfSeveralFilesInOrder) {
  EXPECT_THAT(lines_of({file("a", "eins\nzwei\n"), file("empty", ""), file("b", "\ndrei\n")}),
              ElementsAre("eins", "zwei", "", "drei"));
}

TEST_F(TextReaderTest, TakesOffLineEndsAndByteOrderMark) {
  EXPECT_THAT(lines_of({file("a",
                             "\xef\xbb\xbf"
                             "eins\r\nzw\rei\r\n\r\n"),
                        file("b",
                             "\xef\xbb\xbf"
                             "drei")}),
              ElementsAre("eins", "zw\rei", "", "drei"));
}

TEST_F(TextReaderTest, KeepsAByteOrderMarkThatIsNotAtTheStart) {
  EXPECT_THAT(lines_of({file("a", "x\n\xef\xbb\xbfy\n")}), ElementsAre("x", "\xef\xbb\xbfy"));
}

TEST_F(TextReaderTest, ReadsALastLineWithoutLineEnd) {
  EXPECT_THAT(lines_of({file("a", "eins\nzwei"), file("b", "drei\n")}), ElementsAre("eins", "zwei", "drei"));
}

TEST_F(TextReaderTest, ReadsGzipOfOneOrMoreMembers) {
  EXPECT_THAT(lines_of({file("a.gz", gzip("eins\nzw") + gzip("ei\ndrei\n"))}), ElementsAre("eins", "zwei", "drei"));
}

TEST_F(TextReaderTest, ReadsLinesAcrossItsBuffer) {
  std::string text;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 400; ++i) {
    expected.emplace_back(i * 37 % 5000, static_cast<char>('a' + i % 26));
    text += expected.back() + "\n";
  }
  expected.emplace_back(TextReader::kMaximumLineBytes, 'x');
  text += expected.back() + "\n";
  EXPECT_EQ(lines_of({file("a", text)}), expected);
  EXPECT_EQ(lines_of({file("a.gz", gzip(text))}), expected);
}

TEST_F(TextReaderTest, RefusesInvalidUtf8WithFileLineAndByte) {
  const std::string name = file("latin1.de",
                                "gut\nM\xc3\xa4"
                                "dchen\nsch\xf6n\n");
  EXPECT_EQ(
      error_of({file("a", "x\n"), name}),
      name + ":3: byte 4 of the line (0xF6) is not valid UTF-8; convert the file, for example with iconv -t UTF-8");
}

TEST_F(TextReaderTest, RefusesEveryKindOfIllFormedUtf8) {
  // Overlong, surrogate, above U+10FFFF, a lone continuation byte, a sequence that the line's end cuts off.
  for (const char* bytes :
       {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "abcdefgh\xe2\x82"}) {
    EXPECT_THAT(error_of({file("a", std::string(bytes) + "\n")}), HasSubstr("is not valid UTF-8")) << bytes;
  }
  EXPECT_EQ(
      lines_of({file("a", "\xc2\x80\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\n")}).size(),
      1u);
}

TEST_F(TextReaderTest, RefusesNulBytesAndOverlongLines) {
  const std::string nul = file("nul", std::string("ab\nc\0d\n", 7));
  EXPECT_EQ(error_of({nul}), nul + ":2: byte 2 of the line is NUL; a corpus is text with one sentence a line");
  const std::string big = file("big", "a\n" + std::string(TextReader::kMaximumLineBytes + 300'000, 'x') + "\n");
  EXPECT_EQ(error_of({big}), big + ":2: the line is longer than 4 MiB; a corpus is text with one sentence a line");
}

TEST_F(TextReaderTest, RefusesGzipThatEndsEarly) {
  const std::string whole = gzip(test::made_up_text(5000, 1));
  const std::string name = file("cut.gz", whole.substr(0, whole.size() / 2));
  EXPECT_THAT(error_of({name}), StartsWith(name + ": the gzip data ends early after line "));
  EXPECT_THAT(error_of({file("tail.gz", whole.substr(0, whole.size() - 4))}), HasSubstr("the gzip data ends early"));
}

TEST_F(TextReaderTest, RefusesDamagedGzip) {
  std::string bytes = gzip(test::made_up_text(5000, 1));
  bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1);  // in the checksum
  EXPECT_THAT(error_of({file("a.gz", bytes)}), HasSubstr("the gzip data is damaged after line"));
}

TEST_F(TextReaderTest, RefusesAGzNameWithoutGzipData) {
  const std::string name = file("a.gz", "plain\n");
  EXPECT_EQ(error_of({name}), name + " is named .gz but holds no gzip data; rename it or compress it");
}

TEST_F(TextReaderTest, RefusesMissingFilesAndFolders) {
  const std::string missing = (folder_ / "missing.en").string();
  EXPECT_EQ(error_of({missing}), "cannot open " + missing + ": No such file or directory");
  EXPECT_EQ(error_of({folder_.path().string()}),
            "cannot read " + folder_.path().string() + " after line 0: Is a directory");
}

class PairReaderTest : public TextReaderTest {};

TEST_F(PairReaderTest, PairsLinesAcrossFileBoundaries) {
  PairReader reader({{file("a.en", "one\n"), file("b.en", "two\nthree\n")}, {file("de", "eins\r\nzwei\r\ndrei")}});
  std::vector<std::string> pairs;
  std::string_view source, target;
  while (reader.next(source, target)) pairs.push_back(std::string(source) + "/" + std::string(target));
  EXPECT_THAT(pairs, ElementsAre("one/eins", "two/zwei", "three/drei"));
  EXPECT_EQ(reader.pairs(), 3);
}

TEST_F(PairReaderTest, RefusesUnequalCountsWithBothCountsAndFiles) {
  const std::string one = file("a.en", "1\n2\n"), two = file("b.en", "3\n"), german = file("t.de", "1\n2\n3\n4\n5\n");
  const auto error = [](const TextPair& files) -> std::string {
    try {
      count_pairs(files);
    } catch (const FileError& refused) {
      return refused.what();
    }
    return "no error";
  };
  const std::string advice = "; line n of one side must translate line n of the other";
  EXPECT_EQ(error({{one, two}, {german}}), "source and target are not line-aligned: " + one + " (2) + " + two +
                                               " (1) have 3 lines, " + german + " has 5 lines" + advice);
  EXPECT_EQ(error({{german}, {two}}),
            "source and target are not line-aligned: " + german + " has 5 lines, " + two + " has 1 line" + advice);
}

}  // namespace
}  // namespace dragoman
