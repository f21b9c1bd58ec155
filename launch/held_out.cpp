#include "launch/held_out.h"

#include <map>

#include "io/run_folder.h"

namespace dragoman {

namespace {

std::vector<std::string> lines_of(const TextLines& text) {
  std::vector<std::string> lines;
  for (std::int64_t i = 0; i < text.size(); ++i) lines.emplace_back(text.line(i));
  return lines;
}

class ScoresByLength {
 public:
  /// @param width 0: add() does nothing
  explicit ScoresByLength(int width) : width_(width) {}

  void add(const std::string& source, const BleuStatistics& statistics) {
    if (width_ == 0) return;
    const auto words = static_cast<int>(bleu_tokens(source, BleuTokenizer::none, false).size());
    Bucket& bucket = buckets_[words == 0 ? 0 : (words - 1) / width_];
    bucket.statistics += statistics;
    ++bucket.sentences;
  }

  std::vector<LengthScore> scores(const BleuOptions& bleu) const {
    std::vector<LengthScore> result;
    for (const auto& [number, bucket] : buckets_) {
      result.push_back({.fewest_words = number * width_ + 1,
                        .most_words = (number + 1) * width_,
                        .sentences = bucket.sentences,
                        .score = corpus_bleu(bucket.statistics, bleu)});
    }
    return result;
  }

 private:
  struct Bucket {
    BleuStatistics statistics;
    std::int64_t sentences = 0;
  };
  int width_;
  std::map<int, Bucket> buckets_;
};

}  // namespace

std::filesystem::path corpus_folder(const std::filesystem::path& model, const Configuration& configuration) {
  const RunFolder run(model);
  if (std::filesystem::exists(run.configuration())) return corpus_of_run(run);
  if (configuration.corpus.directory.empty() && std::filesystem::is_directory(model)) return run.corpus();
  return configuration.corpus_folder();
}

HeldOutText read_split_text(const Corpus& corpus, const std::string& split) {
  const Shard pairs = read_split(corpus, split == "valid" ? corpus.manifest.valid : corpus.manifest.test);
  return {lines_of(pairs.source_text), lines_of(pairs.target_text)};
}

HeldOutScores score_held_out(const HeldOutText& text, std::span<const std::vector<TranslatedText>> translations,
                             const BleuOptions& bleu, int by_length) {
  BleuStatistics all;
  ScoresByLength lengths(by_length);
  for (std::size_t i = 0; i < translations.size(); ++i) {
    const BleuStatistics of_sentence = bleu_statistics(translations[i].front().text, {&text.reference[i], 1}, bleu);
    all += of_sentence;
    lengths.add(text.source[i], of_sentence);
  }
  return {corpus_bleu(all, bleu), lengths.scores(bleu)};
}

}  // namespace dragoman
