#include "trainer/translator.h"

#include <cstring>

#include "io/micro_batch.h"
#include "trainer/word_alignment.h"

namespace dragoman {

namespace {

void append_text(const std::string& text, std::string& bytes) {
  const auto size = static_cast<std::int64_t>(text.size());
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
  bytes += text;
}

/// Numbers, and texts as append_text() wrote them, one after another.
class ByteReader {
 public:
  explicit ByteReader(const std::string& bytes) : bytes_(bytes) {}

  bool at_end() const { return at_ == bytes_.size(); }
  template <class Number>
  Number number() {
    Number number;
    std::memcpy(&number, bytes_.data() + at_, sizeof number);
    at_ += sizeof number;
    return number;
  }
  std::string text() {
    const auto size = static_cast<std::size_t>(number<std::int64_t>());
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }

 private:
  const std::string& bytes_;
  std::size_t at_ = 0;
};

/// Collective: puts every rank's lines in order. @return those of `count` sentences on rank 0, nothing elsewhere
std::vector<std::vector<TranslatedText>> collect_lines(Communicator& communicator,
                                                       std::span<const TranslatedLine> share, std::int64_t count) {
  std::string bytes;
  for (const TranslatedLine& line : share) {
    const std::int64_t header[] = {line.index, static_cast<std::int64_t>(line.texts.size())};
    bytes.append(reinterpret_cast<const char*>(header), sizeof header);
    for (const TranslatedText& text : line.texts) {
      const double scores[] = {text.log_probability, text.score};
      bytes.append(reinterpret_cast<const char*>(scores), sizeof scores);
      append_text(text.text, bytes);
      append_text(text.alignment, bytes);
    }
  }
  const std::vector<std::string> parts = communicator.gather(bytes);
  if (communicator.rank() != 0) return {};
  std::vector<std::vector<TranslatedText>> lines(static_cast<std::size_t>(count), {TranslatedText{}});
  for (const std::string& part : parts) {
    for (ByteReader reader(part); !reader.at_end();) {
      std::vector<TranslatedText>& texts = lines[static_cast<std::size_t>(reader.number<std::int64_t>())];
      texts.resize(static_cast<std::size_t>(reader.number<std::int64_t>()));
      for (TranslatedText& text : texts) {
        text.log_probability = reader.number<double>();
        text.score = reader.number<double>();
        text.text = reader.text();
        text.alignment = reader.text();
      }
    }
  }
  return lines;
}

}  // namespace

Translator::Translator(const TranslationModel& model, const TokenizerPair& tokenizers, const SearchOptions& options,
                       int batch_tokens, Communicator& communicator, WorkerThreads& threads)
    : tokenizers_(&tokenizers),
      aligns_(options.attention),
      search_(model, options),
      batch_tokens_(batch_tokens),
      communicator_(&communicator),
      threads_(&threads),
      scratch_(static_cast<std::size_t>(threads.count())) {}

std::vector<TranslatedLine> Translator::translate_share(const Parameters& parameters, const TokenSequences& sources) {
  // Search takes memory by the row, however short its sentence.
  constexpr int kShortest = 16;
  const std::vector<MicroBatch> batches = batch_for_evaluation(sources, {}, batch_tokens_, kShortest);
  const auto rank = static_cast<std::size_t>(communicator_->rank());
  const auto world = static_cast<std::size_t>(communicator_->size());
  const std::size_t own = batches.size() > rank ? (batches.size() - rank - 1) / world + 1 : 0;
  std::vector<std::vector<TranslatedLine>> lines(own);
  threads_->for_each(static_cast<std::int64_t>(own), [&](std::int64_t item, int worker) {
    std::function<void()> before_step;
    if (worker == 0) before_step = [this] { communicator_->show_presence(); };  // this thread alone may speak to MPI
    const MicroBatch& batch = batches[static_cast<std::size_t>(item) * world + rank];
    const std::vector<std::vector<Translation>> translations = search_.translate(
        parameters, batch.source, batch.source_offsets, scratch_[static_cast<std::size_t>(worker)], before_step);
    for (std::size_t i = 0; i < translations.size(); ++i) {
      if (sources.length(batch.pair_ids[i]) == 0) continue;
      const auto begin = static_cast<std::size_t>(batch.source_offsets[i]);
      const auto end = static_cast<std::size_t>(batch.source_offsets[i + 1]) - 1;  // </s>
      const std::span<const std::int32_t> source = std::span(batch.source).subspan(begin, end - begin);
      lines[static_cast<std::size_t>(item)].push_back({batch.pair_ids[i], texts_of(source, translations[i])});
    }
  });
  std::vector<TranslatedLine> share;
  for (auto& part : lines) std::move(part.begin(), part.end(), std::back_inserter(share));
  return share;
}

std::vector<TranslatedText> Translator::texts_of(std::span<const std::int32_t> source,
                                                 const std::vector<Translation>& translations) const {
  std::vector<TranslatedText> texts;
  for (const Translation& translation : translations) {
    texts.push_back({.text = tokenizers_->target->decode(translation.ids),
                     .log_probability = translation.log_probability,
                     .score = translation.score,
                     .alignment = {}});
    if (aligns_) {
      texts.back().alignment = word_alignment(*tokenizers_, source, translation.ids, translation.attention);
    }
  }
  return texts;
}

std::vector<std::vector<TranslatedText>> Translator::translate(const Parameters& parameters,
                                                               const TokenSequences& sources) {
  return collect_lines(*communicator_, translate_share(parameters, sources), sources.size());
}

}  // namespace dragoman
