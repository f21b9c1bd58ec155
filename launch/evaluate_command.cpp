#include "launch/evaluate_command.h"

#include <map>

#include "io/corpus.h"
#include "io/error.h"
#include "io/file_bytes.h"
#include "io/text_reader.h"
#include "launch/errors.h"
#include "launch/inference.h"
#include "launch/score_report.h"
#include "trainer/bleu.h"

namespace dragoman {

namespace {

struct HeldOutText {
  std::vector<std::string> source, reference;
};

std::vector<std::string> lines_of(const TextLines& text) {
  std::vector<std::string> lines;
  for (std::int64_t i = 0; i < text.size(); ++i) lines.emplace_back(text.line(i));
  return lines;
}

/// The corpus beside the run, wherever the run folder has moved to, unless the configuration names a shared one.
std::filesystem::path corpus_folder(const EvaluateOptions& options, const Configuration& configuration) {
  if (configuration.corpus.directory.empty() && std::filesystem::is_directory(options.inference.models.front())) {
    return std::filesystem::path(options.inference.models.front()) / "corpus";
  }
  return configuration.corpus_folder();
}

HeldOutText read_split_text(const EvaluateOptions& options, const Configuration& configuration) {
  const Corpus corpus = open_corpus(corpus_folder(options, configuration));
  const Shard split = read_split(corpus, options.split == "valid" ? corpus.manifest.valid : corpus.manifest.test);
  if (split.pairs() == 0) {
    throw ConfigurationError("the corpus in " + corpus.folder.string() + " holds no " + options.split +
                             " pairs; name text with --source and --reference, or add corpus." + options.split +
                             " to the configuration and run dragoman prepare again");
  }
  return {lines_of(split.source_text), lines_of(split.target_text)};
}

HeldOutText read_text(const EvaluateOptions& options, const Configuration& configuration) {
  if (options.source.empty()) return read_split_text(options, configuration);
  ParallelLines lines = read_parallel_lines(options.source, "reference", options.reference);
  return {std::move(lines.source), std::move(lines.target)};
}

/// BLEU of the sentences whose sources are about as long as each other  (as in Bahdanau et al. 2015, figure 2).
class ScoresByLength {
 public:
  /// @param width how many lengths, in words, go together; 0: add() does nothing
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

int run_evaluate(const EvaluateOptions& options, Communicator& communicator, std::ostream& out) {
  const BleuOptions bleu{.tokenizer = parse_bleu_tokenizer(options.tokenize),
                         .lowercase = options.lowercase,
                         .smoothing = BleuSmoothing::exp,
                         .smooth_value = std::nullopt,
                         .effective_order = false};
  Inference inference(options.inference, communicator);
  HeldOutText text;
  communicator.all_or_none([&] {
    text = read_text(options, inference.configuration());
    if (!options.output.empty() && communicator.rank() == 0) require_writable(options.output);
  });
  const std::vector<std::vector<TranslatedText>> translations = inference.translate(text.source);
  communicator.all_or_none([&] {
    if (communicator.rank() != 0) return;
    BleuStatistics statistics;
    ScoresByLength by_length(options.by_length);
    std::string output;
    for (std::size_t i = 0; i < translations.size(); ++i) {
      const std::string& translation = translations[i].front().text;
      const BleuStatistics of_sentence = bleu_statistics(translation, {&text.reference[i], 1}, bleu);
      statistics += of_sentence;
      by_length.add(text.source[i], of_sentence);
      output += translation + '\n';
    }
    if (!options.output.empty()) write_file_atomically(options.output, output);
    print_bleu(corpus_bleu(statistics, bleu), bleu_signature(bleu, 1), options.json, out);
    if (options.by_length > 0) print_by_length(by_length.scores(bleu), options.json, out);
  });
  return kExitDone;
}

}  // namespace dragoman
