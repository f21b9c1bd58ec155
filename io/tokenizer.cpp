#include "io/tokenizer.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <exception>
#include <regex>
#include <unordered_map>
#include <utility>

#include "io/error.h"
#include "io/file_bytes.h"
#include "io/utf8.h"
#include "io/word_splitter.h"

namespace dragoman {

namespace {

// A control piece never comes out of encoding; its presence marks a model trained on split words.
const std::string kSplitWords = "<split_words>";

std::string model_name(TokenizerModel model) {
  switch (model) {
    case TokenizerModel::bpe:
      return "bpe";
    case TokenizerModel::unigram:
      return "unigram";
    case TokenizerModel::word:
      return "word";
    case TokenizerModel::character:
      return "char";
  }
  throw Error("tokenizer model " + std::to_string(static_cast<int>(model)) + " is unknown");
}

}  // namespace

struct Tokenizer::Model {
  std::string bytes;
  sentencepiece::SentencePieceProcessor processor;
  bool splits_words = false;
  std::vector<std::int32_t> white_space;  // characters of it that the vocabulary has

  /// The line as the processor takes it.
  std::string prepared(std::string_view line) const {
    std::string text;
    text.reserve(line.size());
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t start = at;
      const std::int32_t character = next_utf8_character(line, at);
      const bool foreign = is_white_space(character) &&
                           std::find(white_space.begin(), white_space.end(), character) == white_space.end();
      foreign ? text += ' ' : text += line.substr(start, at - start);
    }
    return splits_words ? split_words(text) : text;
  }
};

Tokenizer::Tokenizer(std::unique_ptr<Model> model) : model_(std::move(model)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Tokenizer Tokenizer::from_bytes(std::string bytes, const std::string& origin) {
  auto model = std::make_unique<Model>();
  model->bytes = std::move(bytes);
  // An empty message is a valid protobuf, but no model.
  const auto status = model->processor.LoadFromSerializedProto(model->bytes);
  if (!status.ok() || model->processor.GetPieceSize() == 0) {
    throw FileError(origin + " is no SentencePiece model" +
                    (status.ok() ? "" : std::string(": ") + status.error_message()));
  }
  const auto& processor = model->processor;
  if (processor.pad_id() != SpecialIds::pad || processor.unk_id() != SpecialIds::unknown ||
      processor.bos_id() != SpecialIds::begin || processor.eos_id() != SpecialIds::end) {
    const auto ids = [](int pad, int unknown, int begin, int end) {
      return "pad " + std::to_string(pad) + ", unk " + std::to_string(unknown) + ", <s> " + std::to_string(begin) +
             ", </s> " + std::to_string(end);
    };
    throw FileError(origin + " has the special ids " +
                    ids(processor.pad_id(), processor.unk_id(), processor.bos_id(), processor.eos_id()) +
                    ", expected " + ids(SpecialIds::pad, SpecialIds::unknown, SpecialIds::begin, SpecialIds::end) +
                    "; train it with --pad_id=0 --unk_id=1 --bos_id=2 --eos_id=3");
  }
  const int marker = processor.PieceToId(kSplitWords);
  model->splits_words = marker != SpecialIds::unknown && processor.IsControl(marker);
  for (int id = 0; id < processor.GetPieceSize(); ++id) {
    const std::string& piece = processor.IdToPiece(id);
    std::size_t at = 0;
    const std::int32_t character = next_utf8_character(piece, at);
    if (at == piece.size() && is_white_space(character)) model->white_space.push_back(character);
  }
  return Tokenizer(std::move(model));
}

Tokenizer Tokenizer::from_file(const std::string& path) { return from_bytes(read_file_bytes(path), path); }

int Tokenizer::vocabulary() const { return model_->processor.GetPieceSize(); }
const std::string& Tokenizer::bytes() const { return model_->bytes; }

void Tokenizer::encode(std::string_view line, std::vector<std::int32_t>& ids) const {
  std::vector<int> pieces;
  const auto status = model_->processor.Encode(model_->prepared(line), &pieces);
  if (!status.ok()) throw Error("SentencePiece cannot encode \"" + std::string(line) + "\": " + status.error_message());
  ids.insert(ids.end(), pieces.begin(), pieces.end());
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids) const {
  std::vector<int> pieces;
  for (const std::int32_t id : ids) {
    if (id < 0 || id >= vocabulary()) {
      throw Error("piece id " + std::to_string(id) + " is outside the vocabulary of " + std::to_string(vocabulary()));
    }
    if (id != SpecialIds::pad && id != SpecialIds::begin && id != SpecialIds::end) pieces.push_back(id);
  }
  std::string text;
  if (pieces.empty()) return text;
  const auto status = model_->processor.Decode(pieces, &text);
  if (!status.ok()) throw Error(std::string("SentencePiece cannot decode: ") + status.error_message());
  return model_->splits_words ? join_words(text) : text;
}

std::string Tokenizer::piece(std::int32_t id) const {
  if (id < 0 || id >= vocabulary()) {
    throw Error("piece id " + std::to_string(id) + " is outside the vocabulary of " + std::to_string(vocabulary()));
  }
  return model_->processor.IdToPiece(id);
}

bool Tokenizer::is_text(std::int32_t id) const {
  const auto& processor = model_->processor;
  return !processor.IsControl(id) && !processor.IsUnknown(id) && !processor.IsUnused(id) && !processor.IsByte(id);
}

bool Tokenizer::is_silent(std::int32_t id) const {
  return model_->processor.IsControl(id) || model_->processor.IsUnused(id);
}

bool Tokenizer::begins_word(std::int32_t id) const {
  return piece(id).starts_with(kSpace) || (model_->splits_words && id == SpecialIds::unknown);
}

float Tokenizer::score(std::int32_t id) const { return model_->processor.GetScore(id); }

namespace {

/// Hands lines to SentencePiece. An exception may not cross the library, so it is kept and the lines end early.
class Lines final : public sentencepiece::SentenceIterator {
 public:
  Lines(const LineSource& next_line, bool split) : next_line_(next_line), split_(split) { advance(); }

  bool done() const override { return done_; }
  void Next() override { advance(); }
  const std::string& value() const override { return line_; }
  sentencepiece::util::Status status() const override { return {}; }
  void rethrow() const {
    if (error_ != nullptr) std::rethrow_exception(error_);
  }

 private:
  void advance() {
    try {
      done_ = !next_line_(line_);
      if (!done_ && split_) line_ = split_words(line_);
    } catch (...) {
      error_ = std::current_exception();
      done_ = true;
    }
  }

  const LineSource& next_line_;
  bool split_;
  bool done_ = false;
  std::string line_;
  std::exception_ptr error_;
};

[[noreturn]] void refuse_training(const TokenizerConfiguration& configuration, const std::string& text,
                                  const std::string& reason) {
  const std::string size = "corpus.tokenizer.vocabulary is " + std::to_string(configuration.vocabulary);
  std::smatch found;
  if (std::regex_search(reason, found, std::regex("required_chars\\. (\\d+) vs (\\d+)"))) {
    throw ConfigurationError(size + ", but the " + text + " has so many different characters that a " +
                             model_name(configuration.model) + " model needs at least " + found[2].str() +
                             "; raise it or lower corpus.tokenizer.character_coverage");
  }
  throw ConfigurationError(size + " (" + model_name(configuration.model) +
                           "), and SentencePiece cannot train such a model on the " + text + ": " + reason);
}

}  // namespace

std::string train_tokenizer(const LineSource& next_line, const TokenizerConfiguration& configuration,
                            const std::string& text) {
  const bool word = configuration.model == TokenizerModel::word;
  std::unordered_map<std::string, std::string> options{
      {"model_type", model_name(configuration.model)},
      {"vocab_size", std::to_string(configuration.vocabulary)},
      {"character_coverage", std::to_string(configuration.character_coverage)},
      // A text that supports less gives a smaller model, whose size is then the one to name.
      {"hard_vocab_limit", "false"},
      {"normalization_rule_name", "identity"},
      {"remove_extra_whitespaces", "true"},
      {"pad_id", std::to_string(SpecialIds::pad)},
      {"unk_id", std::to_string(SpecialIds::unknown)},
      {"bos_id", std::to_string(SpecialIds::begin)},
      {"eos_id", std::to_string(SpecialIds::end)},
      // A word stands for itself, a character within its word.
      {"unk_surface", word ? " \xe2\x81\x87" : "\xe2\x81\x87"},
      {"input_sentence_size", "0"},
      {"shuffle_input_sentence", "false"},
      {"num_threads", "1"},
      {"minloglevel", "3"}};
  if (word) options["control_symbols"] = kSplitWords;

  Lines lines(next_line, word);
  lines.rethrow();
  std::string model;
  const auto status = sentencepiece::SentencePieceTrainer::Train(options, &lines, &model);
  lines.rethrow();
  if (!status.ok()) refuse_training(configuration, text, status.error_message());
  const int largest = Tokenizer::from_bytes(model, "the trained model").vocabulary();
  if (largest < configuration.vocabulary) {
    throw ConfigurationError("corpus.tokenizer.vocabulary is " + std::to_string(configuration.vocabulary) +
                             ", larger than the " + text + " supports; the largest possible for a " +
                             model_name(configuration.model) + " model of it is " + std::to_string(largest));
  }
  return model;
}

}  // namespace dragoman
