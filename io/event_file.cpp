#include "io/event_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

#include "io/error.h"

namespace dragoman {

namespace {

constexpr std::string_view kPrefix = "events.out.tfevents.", kSuffix = ".dragoman";
constexpr std::size_t kDigits = 8;  // TensorBoard reads files in the order of their names

template <typename Number>
std::string little_endian(Number number) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof number; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xff);
  return bytes;
}

/// CRC-32C (Castagnoli), reflected, and masked as TFRecord does, so that a checksum of checksums stays one.
std::uint32_t masked_crc(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> values{};
    for (std::uint32_t i = 0; i < values.size(); ++i) {
      values[i] = i;
      for (int bit = 0; bit < 8; ++bit) values[i] = (values[i] >> 1) ^ ((values[i] & 1) != 0 ? 0x82f63b78U : 0U);
    }
    return values;
  }();
  std::uint32_t crc = 0xffffffffU;
  for (const char byte : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(byte)) & 0xffU];
  return std::rotr(~crc, 15) + 0xa282ead8U;
}

std::string record(const std::string& data) {
  const std::string length = little_endian(static_cast<std::uint64_t>(data.size()));
  return length + little_endian(masked_crc(length)) + data + little_endian(masked_crc(data));
}

// Fields of a protobuf message: a key, which is the field's number and how its value is laid out, and the value.
enum Layout : std::uint64_t { kVarint = 0, kEightBytes = 1, kCounted = 2, kFourBytes = 5 };

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7f) | 0x80);
  return bytes + static_cast<char>(value);
}

std::string key(std::uint64_t field, Layout layout) { return varint((field << 3) | layout); }

std::string number_field(std::uint64_t field, std::int64_t value) {
  return key(field, kVarint) + varint(static_cast<std::uint64_t>(value));
}

std::string double_field(std::uint64_t field, double value) {
  return key(field, kEightBytes) + little_endian(std::bit_cast<std::uint64_t>(value));
}

std::string float_field(std::uint64_t field, float value) {
  return key(field, kFourBytes) + little_endian(std::bit_cast<std::uint32_t>(value));
}

std::string counted_field(std::uint64_t field, std::string_view bytes) {
  return key(field, kCounted) + varint(bytes.size()) + std::string(bytes);
}

/// An Event: its time and step, and what else it has.
std::string event(std::int64_t step, const std::string& content) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return record(double_field(1, std::chrono::duration<double>(now).count()) + number_field(2, step) + content);
}

std::string version_event() { return event(0, counted_field(3, "brain.Event:2")); }

/// A SessionLog with status START.
std::string start_event(std::int64_t step) { return event(step, counted_field(7, number_field(1, 1))); }

/// A Summary with a value for each figure.
std::string figures_event(const MetricsLine& line) {
  std::string summary;
  const auto add = [&](const std::string& name, double value) {
    summary += counted_field(1, counted_field(1, line.kind + "/" + name) + float_field(2, static_cast<float>(value)));
  };
  for_each_figure(line, [&](const char* name, const std::optional<double>& value) {
    if (value) add(name, *value);
  });
  if (const auto& speeds = line.target_tokens_per_second_of_ranks) {
    for (std::size_t rank = 0; rank < speeds->size(); ++rank) {
      add("target_tokens_per_second_of_ranks/" + std::to_string(rank), (*speeds)[rank]);
    }
  }
  return summary.empty() ? "" : event(line.step, counted_field(5, summary));
}

/// The number in a name that EventFile gives; 0 for any other.
std::int64_t number_of(const std::string& name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return 0;
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), number);
  return failure == std::errc() && end == name.data() + name.size() - kSuffix.size() ? number : 0;
}

std::filesystem::path next_path(const std::filesystem::path& folder) {
  std::int64_t last = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    last = std::max(last, number_of(entry.path().filename().string()));
  }
  std::string digits = std::to_string(last + 1);
  digits.insert(0, kDigits - std::min(kDigits, digits.size()), '0');
  return folder / (std::string(kPrefix) + digits + std::string(kSuffix));
}

}  // namespace

void EventFile::open() {
  try {
    std::filesystem::create_directories(folder_);
    path_ = next_path(folder_);
  } catch (const std::filesystem::filesystem_error& error) {
    throw FileError(folder_.string() + ": cannot prepare for TensorBoard's files: " + error.code().message() +
                    "; mend that, or set logging.tensorboard to false");
  }
  out_.open(path_, std::ios::binary | std::ios::app);
  out_ << version_event() << start_event(first_step_);
}

void EventFile::write(const MetricsLine& line) {
  const std::string bytes = figures_event(line);
  if (bytes.empty()) return;
  if (!out_.is_open()) open();
  out_ << bytes;
  if (!out_.flush()) throw FileError(path_.string() + ": cannot write: " + std::strerror(errno));
}

}  // namespace dragoman
