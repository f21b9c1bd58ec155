#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace dragoman {

/// 128 bits of XXH3 in canonical (big-endian) byte order: equal content has equal hashes on any machine.
struct ContentHash {
  std::array<std::uint8_t, 16> bytes{};

  /// @return 32 lower-case hexadecimal digits.
  std::string hex() const;
  bool operator==(const ContentHash&) const = default;
};

/// XXH3-128 of a stream of bytes given piece by piece; only their concatenation counts.
class ContentHasher {
 public:
  ContentHasher();
  ~ContentHasher();
  ContentHasher(const ContentHasher&) = delete;
  ContentHasher& operator=(const ContentHasher&) = delete;

  void add(std::span<const std::byte> bytes);
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  ContentHash finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

ContentHash content_hash(std::span<const std::byte> bytes);
ContentHash content_hash(std::string_view text);

}  // namespace dragoman
