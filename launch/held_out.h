#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "io/configuration.h"
#include "io/corpus.h"
#include "launch/score_report.h"
#include "trainer/bleu.h"
#include "trainer/translated_lines.h"

namespace dragoman {

/// Text to translate and its translation by people, line by line.
struct HeldOutText {
  std::vector<std::string> source, reference;
};

/// The corpus that a model was trained on: corpus_of_run() where it is a run folder with its config.yaml, else what the
/// checkpoint's configuration says, beside a run folder wherever that has moved to.
/// @param model run folder or checkpoint  @param configuration of the checkpoint
std::filesystem::path corpus_folder(const std::filesystem::path& model, const Configuration& configuration);

/// @param split valid or test; without pairs where the corpus has none
HeldOutText read_split_text(const Corpus& corpus, const std::string& split);

/// BLEU of translations, all together and by the length of their sources  (as in Bahdanau et al. 2015, figure 2).
struct HeldOutScores {
  BleuScore all;
  std::vector<LengthScore> by_length;
};
/// @param translations of each source, best first
/// @param by_length how many lengths, in words, go together; 0: no scores by length
HeldOutScores score_held_out(const HeldOutText& text, std::span<const std::vector<TranslatedText>> translations,
                             const BleuOptions& bleu, int by_length);

}  // namespace dragoman
