#pragma once

#include <cstdint>
#include <functional>
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
  /// Appends the line's piece ids, without <s> and </s>: nothing for a line that is empty or white space. White space
  /// that the model has no piece for, such as a tab, counts as a space.
  void encode(std::string_view line, std::vector<std::int32_t>& ids) const;
  /// Detokenised text; pad, <s> and </s> vanish, an unknown piece becomes the model's mark for it (U+2047).
  std::string decode(std::span<const std::int32_t> ids) const;
  std::string piece(std::int32_t id) const;
  /// Whether the piece stands for its own text: no special, control or byte piece.
  bool is_text(std::int32_t id) const;
  /// Whether the piece never makes any text: a control or unused piece.
  bool is_silent(std::int32_t id) const;
  /// Whether the piece begins with a space, which SentencePiece writes as U+2581, or stands for a whole unknown word.
  bool begins_word(std::int32_t id) const;
  static constexpr std::string_view kSpace = "\xe2\x96\x81";
  /// The model's score of the piece: of BPE, minus the number of the merge that makes it.
  float score(std::int32_t id) const;

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

/// Puts the next line into `line`; false after the last.
using LineSource = std::function<bool(std::string& line)>;

/// Trains a model through SentencePiece's trainer, single-threaded. Equal lines in equal order give equal bytes.
///
/// Text is taken as it is (no Unicode normalisation, case kept; runs of spaces become one), so that decoding gives the
/// raw text back. A word model sets punctuation apart first (word_splitter.h) and says so by one control
/// piece, `<split_words>`, from which Tokenizer knows to do the same. Lines over 4,192 bytes are not trained on.
/// @param next_line called until it returns false; what it throws passes through
/// @param text what to call the lines in messages
/// @throws ConfigurationError where the text does not support the vocabulary size, naming the sizes that it supports.
std::string train_tokenizer(const LineSource& next_line, const TokenizerConfiguration& configuration,
                            const std::string& text = "training text");

}  // namespace dragoman
