#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/configuration.h"

namespace dragoman {

/// Ids that mean the same in every vocabulary.
struct SpecialIds {
  static constexpr std::int32_t pad = 0, unknown = 1, begin = 2, end = 3;
};

/// A SentencePiece model: text to piece ids and back. Const calls may come from any thread.
class Tokenizer {
 public:
  /// @param model the bytes of a SentencePiece model file whose special ids are those of SpecialIds
  /// @param origin what to call it in messages
  /// @throws FileError where the bytes are no such model.
  static Tokenizer from_bytes(std::string model, const std::string& origin);
  static Tokenizer from_file(const std::string& path);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  int vocabulary() const;
  const std::string& bytes() const;  // what a model file holds
  /// Piece ids without <s> and </s>. Appends nothing for an empty line.
  void encode(std::string_view line, std::vector<std::int32_t>& ids) const;
  /// Detokenised text; pad, <s> and </s> vanish.
  std::string decode(std::span<const std::int32_t> ids) const;
  std::string piece(std::int32_t id) const;

 private:
  struct Model;
  explicit Tokenizer(std::unique_ptr<Model> model);
  std::unique_ptr<Model> model_;
};

/// Both directions' tokenizers of one corpus; one and the same model where the vocabulary is shared.
struct TokenizerPair {
  std::shared_ptr<const Tokenizer> source, target;
  bool shared() const { return source == target; }
};

/// Trains a model on the given lines through SentencePiece's trainer, single-threaded, with a fixed seed.
/// Equal lines in equal order give equal bytes.
/// @throws ConfigurationError where the text does not support the vocabulary size, naming the largest possible one.
std::string train_tokenizer(std::span<const std::string> lines, const TokenizerConfiguration& configuration);

}  // namespace dragoman
