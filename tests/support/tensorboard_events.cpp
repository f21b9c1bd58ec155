#include "tests/support/tensorboard_events.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace dragoman::test {

namespace {

class Reader {
 public:
  explicit Reader(std::string bytes) : bytes_(std::move(bytes)) {}

  bool at_end() const { return at_ == bytes_.size(); }
  std::string take(std::size_t count) {
    if (count > bytes_.size() - at_) throw std::runtime_error("a record or a field ends too early");
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }
  template <typename Value>
  Value fixed() {
    Value value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

/// Division by the polynomial bit by bit, x^32 + x^28 + x^27 + ... in reversed order.
std::uint32_t crc32c(const std::string& bytes) {
  std::uint32_t remainder = 0xffffffff;
  for (const char byte : bytes) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      const unsigned in = (static_cast<unsigned char>(byte) >> bit & 1U) ^ (remainder & 1U);
      remainder = remainder >> 1 ^ (in == 1 ? 0x82f63b78U : 0U);
    }
  }
  return remainder ^ 0xffffffff;
}

void expect_checksum(const std::string& bytes, std::uint32_t found) {
  const std::uint32_t crc = crc32c(bytes);
  EXPECT_EQ(found, static_cast<std::uint32_t>((crc >> 15 | crc << 17) + 0xa282ead8));
}

/// The fields of a message by number, their values as bytes or, of numbers, in the eight bytes of one.
std::vector<std::pair<std::uint64_t, std::string>> fields_of(const std::string& message) {
  std::vector<std::pair<std::uint64_t, std::string>> fields;
  for (Reader in(message); !in.at_end();) {
    const std::uint64_t key = in.varint(), layout = key & 7;
    std::string value(8, '\0');
    if (layout == 0) {
      const std::uint64_t number = in.varint();
      std::memcpy(value.data(), &number, sizeof number);
    } else if (layout == 1) {
      value = in.take(8);
    } else if (layout == 2) {
      value = in.take(in.varint());
    } else if (layout == 5) {
      value = in.take(4);
    } else {
      throw std::runtime_error("a field has layout " + std::to_string(layout));
    }
    fields.emplace_back(key >> 3, value);
  }
  return fields;
}

std::int64_t number(const std::string& bytes) { return Reader(bytes).fixed<std::int64_t>(); }

void add_summary(const std::string& summary, std::int64_t step, Scalars& scalars) {
  for (const auto& [field, value] : fields_of(summary)) {
    ASSERT_EQ(field, 1U);
    const auto parts = fields_of(value);
    ASSERT_EQ(parts.size(), 2U);
    const bool is_new = scalars[parts.at(0).second].emplace(step, Reader(parts.at(1).second).fixed<float>()).second;
    EXPECT_TRUE(is_new) << parts.at(0).second << " of step " << step << " comes twice";
  }
}

void add_event(const std::string& event, Scalars& scalars) {
  std::int64_t step = 0;
  for (const auto& [field, value] : fields_of(event)) {
    if (field == 1) {
      EXPECT_GT(Reader(value).fixed<double>(), 1.6e9) << "seconds since 1970";
    } else if (field == 2) {
      step = number(value);
    } else if (field == 5) {
      add_summary(value, step, scalars);
    } else if (field == 7) {
      EXPECT_EQ(number(fields_of(value).at(0).second), 1) << "START";
      for (auto& [tag, values] : scalars) values.erase(values.lower_bound(step), values.end());
    } else {
      EXPECT_EQ(field, 3U);
      EXPECT_EQ(value, "brain.Event:2");
    }
  }
}

}  // namespace

Scalars read_event_files(const std::filesystem::path& folder) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283) << "the polynomial's published check value";
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  Scalars scalars;
  for (const std::filesystem::path& file : files) {
    EXPECT_NE(file.string().find("tfevents"), std::string::npos) << "by which TensorBoard knows its files";
    int events = 0;
    for (Reader in(read_file(file)); !in.at_end(); ++events) {
      const std::string length = in.take(8);
      expect_checksum(length, in.fixed<std::uint32_t>());
      const std::string event = in.take(static_cast<std::size_t>(number(length)));
      expect_checksum(event, in.fixed<std::uint32_t>());
      EXPECT_EQ(event.find("brain.Event:2") != std::string::npos, events == 0) << "the first tells the version";
      add_event(event, scalars);
    }
  }
  return scalars;
}

}  // namespace dragoman::test
