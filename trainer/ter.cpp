#include "trainer/ter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

#include "io/error.h"
#include "trainer/bleu_tokenizers.h"
#include "trainer/decimal.h"
#include "trainer/ngrams.h"

namespace dragoman {

namespace {

constexpr std::int64_t kLongestRun = 10, kFarthestMove = 50, kMostMoves = 1000, kBeam = 25;

std::int64_t length_of(const TokenIds& words) { return static_cast<std::int64_t>(words.size()); }
std::uint32_t word_at(const TokenIds& words, std::int64_t i) { return words[static_cast<std::size_t>(i)]; }

/// What makes a reference of a hypothesis, word by word.
enum class Edit { keep, substitute, remove, insert, unknown };

/// The least number of edits without moves, and the edits themselves, as far as a beam around the diagonal finds them.
class EditDistance {
 public:
  EditDistance(const TokenIds& hypothesis, const TokenIds& reference);

  std::int64_t edits() const { return cells_.back().edits; }
  /// From the first word to the last.
  std::vector<Edit> path() const;

 private:
  static constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max() / 2;
  struct Cell {
    std::int64_t edits = kFar;
    Edit last = Edit::unknown;
  };
  /// After `i` words of the hypothesis and `j` of the reference.
  Cell& at(std::int64_t i, std::int64_t j) { return cells_[static_cast<std::size_t>(i * (reference_ + 1) + j)]; }
  const Cell& at(std::int64_t i, std::int64_t j) const {
    return cells_[static_cast<std::size_t>(i * (reference_ + 1) + j)];
  }

  std::int64_t hypothesis_, reference_;
  std::vector<Cell> cells_;
};

EditDistance::EditDistance(const TokenIds& hypothesis, const TokenIds& reference)
    : hypothesis_(length_of(hypothesis)),
      reference_(length_of(reference)),
      cells_((hypothesis.size() + 1) * (reference.size() + 1)) {
  for (std::int64_t j = 0; j <= reference_; ++j) at(0, j) = {j, Edit::insert};
  const double ratio = hypothesis_ > 0 ? static_cast<double>(reference_) / static_cast<double>(hypothesis_) : 1.0;
  // Of very different lengths one step along the hypothesis is many along the reference.
  const bool steep = static_cast<double>(kBeam) < ratio / 2;
  const std::int64_t beam =
      steep ? static_cast<std::int64_t>(std::ceil(ratio / 2 + static_cast<double>(kBeam))) : kBeam;
  for (std::int64_t i = 1; i <= hypothesis_; ++i) {
    const auto diagonal = static_cast<std::int64_t>(std::floor(static_cast<double>(i) * ratio));
    const std::int64_t end = i == hypothesis_ ? reference_ + 1 : std::min(reference_ + 1, diagonal + beam);
    for (std::int64_t j = std::max<std::int64_t>(0, diagonal - beam); j < end; ++j) {
      Cell& cell = at(i, j);
      const auto offer = [&cell](const Cell& before, std::int64_t cost, Edit edit) {
        if (before.edits + cost < cell.edits) cell = {before.edits + cost, edit};
      };
      if (j > 0) {
        const bool same = word_at(hypothesis, i - 1) == word_at(reference, j - 1);
        offer(at(i - 1, j - 1), same ? 0 : 1, same ? Edit::keep : Edit::substitute);
      }
      offer(at(i - 1, j), 1, Edit::remove);
      if (j > 0) offer(at(i, j - 1), 1, Edit::insert);
    }
  }
}

std::vector<Edit> EditDistance::path() const {
  std::vector<Edit> edits;
  for (std::int64_t i = hypothesis_, j = reference_; i > 0 || j > 0;) {
    const Edit edit = at(i, j).last;
    edits.push_back(edit);
    if (edit != Edit::insert) --i;
    if (edit != Edit::remove) --j;
  }
  std::reverse(edits.begin(), edits.end());
  return edits;
}

/// Which words stand against which before anything is moved.
struct Alignment {
  explicit Alignment(const std::vector<Edit>& path);

  std::vector<std::int64_t> to_hypothesis;  // of each reference word: its word, or the last one before it
  std::vector<bool> hypothesis_is_wrong, reference_is_wrong;  // not kept as it is
};

Alignment::Alignment(const std::vector<Edit>& path) {
  for (const Edit edit : path) {
    if (edit != Edit::insert) hypothesis_is_wrong.push_back(edit != Edit::keep);
    if (edit == Edit::remove) continue;
    reference_is_wrong.push_back(edit != Edit::keep);
    to_hypothesis.push_back(static_cast<std::int64_t>(hypothesis_is_wrong.size()) - 1);
  }
}

/// Whether all of [begin, begin + count) are right.
bool all_right(const std::vector<bool>& wrong, std::int64_t begin, std::int64_t count) {
  return std::none_of(wrong.begin() + begin, wrong.begin() + begin + count, [](bool is) { return is; });
}

/// A run of words to be taken out and put in again before the word that stands at `target` now.
struct Move {
  std::int64_t begin, length, target;
};

TokenIds moved(const TokenIds& words, const Move& move) {
  TokenIds result(words.begin(), words.begin() + move.begin);
  result.insert(result.end(), words.begin() + move.begin + move.length, words.end());
  // A target inside of the run counts from the words that follow it.
  const std::int64_t target = move.target > move.begin + move.length ? move.target - move.length : move.target;
  const std::int64_t at = std::min(target, length_of(result));
  result.insert(result.begin() + at, words.begin() + move.begin, words.begin() + move.begin + move.length);
  return result;
}

/// Looks for the one move that saves most edits.
class MoveSearch {
 public:
  /// @param looked_at moves so far, over all searches of a sentence
  MoveSearch(const TokenIds& hypothesis, const TokenIds& reference, std::int64_t& looked_at)
      : hypothesis_(hypothesis), reference_(reference), looked_at_(looked_at), before_(hypothesis, reference) {}

  /// @return the hypothesis after the move; as it was where none saves an edit or too many were looked at
  TokenIds best();

 private:
  void try_run(const Alignment& alignment, std::int64_t begin, std::int64_t in_reference, std::int64_t length);

  // Most edits saved, then the longest run, then the earliest, then the earliest target.
  using Rank = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>;

  const TokenIds& hypothesis_;
  const TokenIds& reference_;
  std::int64_t& looked_at_;
  EditDistance before_;
  Rank best_rank_{0, 0, 0, 0};
  TokenIds best_;
  bool found_ = false;
};

void MoveSearch::try_run(const Alignment& alignment, std::int64_t begin, std::int64_t in_reference,
                         std::int64_t length) {
  if (all_right(alignment.hypothesis_is_wrong, begin, length)) return;
  if (all_right(alignment.reference_is_wrong, in_reference, length)) return;
  const auto aligned = [&](std::int64_t j) { return alignment.to_hypothesis[static_cast<std::size_t>(j)]; };
  if (begin <= aligned(in_reference) && aligned(in_reference) < begin + length) return;
  std::int64_t previous = -1;
  for (std::int64_t j = in_reference - 1; j < in_reference + length; ++j) {
    const std::int64_t target = j < 0 ? 0 : aligned(j) + 1;
    if (target == previous) continue;
    previous = target;
    TokenIds words = moved(hypothesis_, {begin, length, target});
    const Rank rank{before_.edits() - EditDistance(words, reference_).edits(), length, -begin, -target};
    ++looked_at_;
    if (found_ && rank <= best_rank_) continue;
    found_ = true;
    best_rank_ = rank;
    best_ = std::move(words);
  }
}

TokenIds MoveSearch::best() {
  const Alignment alignment(before_.path());
  const std::int64_t hypothesis = length_of(hypothesis_), reference = length_of(reference_);
  for (std::int64_t i = 0; i < hypothesis && looked_at_ < kMostMoves; ++i) {
    for (std::int64_t j = 0; j < reference && looked_at_ < kMostMoves; ++j) {
      if (std::abs(i - j) > kFarthestMove) continue;
      const std::int64_t longest = std::min({kLongestRun, hypothesis - i, reference - j});
      for (std::int64_t length = 1; length <= longest && looked_at_ < kMostMoves; ++length) {
        if (word_at(hypothesis_, i + length - 1) != word_at(reference_, j + length - 1)) break;
        try_run(alignment, i, j, length);
      }
    }
  }
  const bool saves = found_ && std::get<0>(best_rank_) > 0 && looked_at_ < kMostMoves;
  return saves ? best_ : hypothesis_;
}

std::int64_t count_edits(TokenIds hypothesis, const TokenIds& reference) {
  if (reference.empty()) return length_of(hypothesis);
  std::int64_t moves = 0, looked_at = 0;
  for (;;) {
    TokenIds after = MoveSearch(hypothesis, reference, looked_at).best();
    if (after == hypothesis) break;
    hypothesis = std::move(after);
    ++moves;
  }
  return moves + EditDistance(hypothesis, reference).edits();
}

}  // namespace

TerStatistics& TerStatistics::operator+=(const TerStatistics& other) {
  edits += other.edits;
  reference_words += other.reference_words;
  return *this;
}

TerStatistics ter_statistics(std::string_view hypothesis, std::span<const std::string> references,
                             const TerOptions& options) {
  if (references.empty()) throw ConfigurationError("TER was given no reference, expected at least one");
  TokenNumbering number;
  const auto words_of = [&](std::string_view sentence) {
    return number(bleu_tokens(sentence, BleuTokenizer::none, !options.case_sensitive));
  };
  const TokenIds words = words_of(hypothesis);
  TerStatistics statistics{.edits = std::numeric_limits<std::int64_t>::max()};
  for (const std::string& reference : references) {
    const TokenIds reference_words = words_of(reference);
    statistics.edits = std::min(statistics.edits, count_edits(words, reference_words));
    statistics.reference_words += static_cast<double>(reference_words.size());
  }
  statistics.reference_words /= static_cast<double>(references.size());
  return statistics;
}

double ter_score(const TerStatistics& statistics) {
  if (statistics.reference_words == 0) return statistics.edits > 0 ? 100 : 0;
  return 100 * (static_cast<double>(statistics.edits) / statistics.reference_words);
}

std::string ter_signature(const TerOptions& options, std::size_t references) {
  return "nrefs:" + std::to_string(references) + (options.case_sensitive ? "|case:mixed" : "|case:lc") +
         "|tok:tercom|norm:no|punct:yes|asian:no|version:dragoman-" DRAGOMAN_VERSION;
}

std::string ter_text(double score, std::string_view signature) {
  return std::string("TER|").append(signature).append(" = ") + fixed(score, 2);
}

}  // namespace dragoman
