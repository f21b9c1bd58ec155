#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace dragoman {

/// `dragoman score`: one field per flag.
struct ScoreOptions {
  std::string hypothesis;               ///< file of detokenised UTF-8 text, one sentence a line
  std::vector<std::string> references;  ///< files of as many lines each
  std::string metric = "bleu";          ///< bleu, chrf, ter
  bool lowercase = false;               ///< bleu, chrf; ter does so anyway
  std::optional<std::string> tokenize;  ///< bleu: 13a (default), none, intl, char
  std::optional<std::string> smooth;    ///< bleu: none, floor, add-k, exp (default)
  std::optional<double> smooth_value;   ///< bleu: for floor (default 0.1) and add-k (default 1)
  std::optional<int> word_order;        ///< chrf: 0 (default), 1, or 2 for chrF++
  bool case_sensitive = false;          ///< ter
  bool confidence = false;              ///< with a confidence interval
  std::vector<std::string> compare;     ///< other systems' files, to be tested against the hypothesis
  std::optional<std::string> test;      ///< of `compare`: bootstrap (default), randomization
  std::optional<int> samples;           ///< resamples (default 1000), or trials of randomization (default 10000)
  std::optional<std::uint64_t> seed;    ///< of what is drawn (default 12345)
  bool sentence = false;                ///< a score per line, with effective order, instead of one for all
  bool json = false;                    ///< an object a score, at full precision
};

/// Scores the hypothesis file and writes one line per score, in sacreBLEU's form or as JSON. With `confidence` or
/// `compare` it writes a table instead, or an object a system.
/// @return 0
/// @throws ConfigurationError for an unknown metric, tokenizer or smoothing, or a setting of another metric; FileError
/// for a file that cannot be read,
///         that is empty, or whose number of lines differs from the hypothesis file's.
int run_score(const ScoreOptions& options, std::ostream& out);

}  // namespace dragoman
