#include "trainer/search.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "io/error.h"
#include "io/tokenizer.h"

namespace dragoman {

namespace {

struct Hypothesis {
  std::vector<std::int32_t> ids;
  double log_probability = 0;
  std::vector<float> attention;  // (steps, source tokens) where it is wanted
};

/// A hypothesis of some row, one token longer.
struct Candidate {
  double log_probability;
  std::int64_t row;
  std::int32_t token;

  bool better_than(const Candidate& other) const {
    if (log_probability != other.log_probability) return log_probability > other.log_probability;
    return row != other.row ? row < other.row : token < other.token;
  }
};

/// One sentence on its way.
struct Beam {
  std::int64_t sentence = 0;
  std::size_t source = 0;   // tokens
  std::size_t longest = 0;  // tokens, </s> included, after which it is cut off
  std::vector<Hypothesis> running;
  std::vector<Translation> finished;
};

/// The best few of many candidates, best first.
class BestCandidates {
 public:
  explicit BestCandidates(std::size_t capacity) : capacity_(capacity) {}

  void offer(const Candidate& candidate) {
    if (best_.size() == capacity_) {
      if (!candidate.better_than(best_.back())) return;
      best_.pop_back();
    }
    const auto better = [](const Candidate& a, const Candidate& b) { return a.better_than(b); };
    best_.insert(std::upper_bound(best_.begin(), best_.end(), candidate, better), candidate);
  }
  const std::vector<Candidate>& best() const { return best_; }

 private:
  std::size_t capacity_;
  std::vector<Candidate> best_;
};

/// How well the source was attended to: the sum over its tokens of log min(1, sum of their weights), at most 0.
double coverage(const std::vector<float>& attention, std::size_t source) {
  constexpr double kLeast = 1e-6;  // a token without any weight
  double sum = 0;
  for (std::size_t s = 0; s < source; ++s) {
    double weight = 0;
    for (std::size_t at = s; at < attention.size(); at += source) weight += double{attention[at]};
    sum += std::log(std::clamp(weight, kLeast, 1.0));
  }
  return sum;
}

/// @param length in tokens, </s> included where it was reached
void finish(Beam& beam, Hypothesis hypothesis, std::size_t length, const SearchOptions& options) {
  const double norm = std::pow(static_cast<double>(length), options.length_penalty);
  Translation translation{.ids = std::move(hypothesis.ids),
                          .log_probability = hypothesis.log_probability,
                          .score = hypothesis.log_probability / norm,
                          .attention = {}};
  if (options.coverage_penalty > 0) {
    translation.score += options.coverage_penalty * coverage(hypothesis.attention, beam.source);
  }
  if (options.attention) translation.attention = std::move(hypothesis.attention);
  beam.finished.push_back(std::move(translation));
}

/// Whether the last n tokens of ids and `token` are somewhere in ids already.
bool repeats(const std::vector<std::int32_t>& ids, std::int32_t token, std::size_t n) {
  if (n == 0 || ids.size() < n) return false;
  const auto tail = ids.end() - static_cast<std::ptrdiff_t>(n - 1);
  for (auto begin = ids.begin(); ids.end() - begin >= static_cast<std::ptrdiff_t>(n); ++begin) {
    const auto last = begin + static_cast<std::ptrdiff_t>(n - 1);
    if (*last == token && std::equal(begin, last, tail)) return true;
  }
  return false;
}

/// How many of the best candidates can matter to a sentence: enough for `beam` that go on even where as many end.
std::size_t candidates(const SearchOptions& options) { return 2 * static_cast<std::size_t>(options.beam); }

/// How many tokens of a hypothesis to look at for these: each token that it has may forbid one.
std::size_t tokens_of_a_row(const SearchOptions& options, std::size_t length) {
  return candidates(options) + (options.no_repeat_ngram > 0 ? length : 0);
}

/// The likeliest tokens of every row, alike in number, and what the rows attended to.
struct NextTokens {
  std::span<const kernels::IndexedValue> tokens;
  std::int64_t first_row;
  ConstView attention;  // by row of the batch; empty where nobody wants it
};

/// The best of a sentence's hypotheses, one token longer.
BestCandidates choose(const Beam& beam, const NextTokens& next, const SearchOptions& options, bool may_repeat) {
  const std::size_t a_row = next.tokens.size() / beam.running.size();
  BestCandidates best(candidates(options));
  for (std::size_t i = 0; i < beam.running.size(); ++i) {
    const Hypothesis& hypothesis = beam.running[i];
    for (const auto& [log_probability, token] : next.tokens.subspan(i * a_row, a_row)) {
      if (token == SpecialIds::end) {
        if (hypothesis.ids.size() + 1 < static_cast<std::size_t>(options.min_length)) continue;
      } else if (!may_repeat && repeats(hypothesis.ids, token, static_cast<std::size_t>(options.no_repeat_ngram))) {
        continue;
      }
      best.offer({hypothesis.log_probability + static_cast<double>(log_probability),
                  next.first_row + static_cast<std::int64_t>(i), token});
    }
  }
  return best;
}

/// Grows one sentence's hypotheses by a token.
/// @return the rows that the new hypotheses came from
std::vector<std::int64_t> grow(Beam& beam, const NextTokens& next_tokens, const SearchOptions& options) {
  const auto width = static_cast<std::size_t>(options.beam);
  BestCandidates best = choose(beam, next_tokens, options, false);
  if (best.best().empty()) best = choose(beam, next_tokens, options, true);
  std::vector<Hypothesis> next;
  std::vector<std::int64_t> rows;
  for (std::size_t rank = 0; rank < best.best().size() && next.size() < width; ++rank) {
    const Candidate& candidate = best.best()[rank];
    Hypothesis hypothesis = beam.running[static_cast<std::size_t>(candidate.row - next_tokens.first_row)];
    hypothesis.log_probability = candidate.log_probability;
    if (next_tokens.attention.data != nullptr) {
      const float* weights = next_tokens.attention.row(candidate.row);
      hypothesis.attention.insert(hypothesis.attention.end(), weights, weights + beam.source);
    }
    if (candidate.token == SpecialIds::end) {
      const std::size_t length = hypothesis.ids.size() + 1;
      if (rank < width) finish(beam, std::move(hypothesis), length, options);
      continue;
    }
    hypothesis.ids.push_back(candidate.token);
    next.push_back(std::move(hypothesis));
    rows.push_back(candidate.row);
  }
  beam.running = std::move(next);
  return rows;
}

bool done(const Beam& beam, int width) {
  return beam.finished.size() >= static_cast<std::size_t>(width) || beam.running.empty() ||
         beam.running.front().ids.size() >= beam.longest;
}

/// The best translations, first of all those that came to an end.
std::vector<Translation> best_of(Beam& beam, const SearchOptions& options) {
  const auto wanted = static_cast<std::size_t>(options.n_best);
  const auto better = [](const Translation& a, const Translation& b) { return a.score > b.score; };
  std::stable_sort(beam.finished.begin(), beam.finished.end(), better);
  const std::size_t ended = beam.finished.size();
  if (ended < wanted) {
    for (Hypothesis& hypothesis : beam.running) {
      const std::size_t length = hypothesis.ids.size();
      finish(beam, std::move(hypothesis), length, options);
    }
    std::stable_sort(beam.finished.begin() + static_cast<std::ptrdiff_t>(ended), beam.finished.end(), better);
  }
  if (beam.finished.size() > wanted) beam.finished.resize(wanted);
  return std::move(beam.finished);
}

std::vector<Beam> start_beams(Offsets offsets, const SearchOptions& options) {
  std::vector<Beam> beams(offsets.size() - 1);
  for (std::size_t b = 0; b < beams.size(); ++b) {
    const auto source = static_cast<std::size_t>(offsets[b + 1] - offsets[b]);  // with </s>
    const std::size_t usual = std::max(2 * (source - 1), static_cast<std::size_t>(options.min_length)) + 10;
    const std::size_t longest = options.max_length > 0 ? static_cast<std::size_t>(options.max_length) : usual;
    beams[b] = {static_cast<std::int64_t>(b), source, longest, {Hypothesis{}}, {}};
  }
  return beams;
}

}  // namespace

BeamSearch::BeamSearch(Ensemble ensemble, const SearchOptions& options, std::vector<std::int32_t> excluded)
    : ensemble_(std::move(ensemble)), options_(options), excluded_(std::move(excluded)) {
  if (options.n_best > options.beam) {
    throw ConfigurationError(std::to_string(options.n_best) + " best translations are wanted of a beam of " +
                             std::to_string(options.beam) + "; raise the beam");
  }
  if (options.max_length > 0 && options.min_length > options.max_length) {
    throw ConfigurationError("the least length of a translation, " + std::to_string(options.min_length) +
                             ", is above the greatest, " + std::to_string(options.max_length));
  }
  if (wants_attention() && !ensemble_.has_attention()) {
    throw ConfigurationError("the model has no attention, so that there are no weights to show or to go by");
  }
}

std::size_t BeamSearch::find_next_tokens(std::span<const Parameters> parameters, std::size_t length,
                                         Scratch& scratch) const {
  const std::int64_t tokens = ensemble_.target_vocabulary() - SpecialIds::end;
  const std::size_t found =
      std::min(tokens_of_a_row(options_, length), static_cast<std::size_t>(tokens) - excluded_.size());
  scratch.next_tokens.clear();
  ensemble_.for_log_probabilities(parameters, scratch, [&](std::int64_t row, const float* of_tokens) {
    const std::size_t end = (static_cast<std::size_t>(row) + 1) * found;
    for (const auto& [value, index] : scratch.largest.find(of_tokens + SpecialIds::end, tokens,
                                                           static_cast<std::int64_t>(found + excluded_.size()))) {
      const std::int32_t token = index + SpecialIds::end;
      const bool excluded = std::find(excluded_.begin(), excluded_.end(), token) != excluded_.end();
      if (!excluded && scratch.next_tokens.size() < end) scratch.next_tokens.push_back({value, token});
    }
  });
  return found;
}

std::vector<std::vector<Translation>> BeamSearch::translate(std::span<const Parameters> parameters,
                                                            std::span<const std::int32_t> ids, Offsets offsets,
                                                            Scratch& scratch,
                                                            const std::function<void()>& before_step) const {
  std::vector<Beam> beams = start_beams(offsets, options_);
  std::vector<std::vector<Translation>> translations(beams.size());
  ensemble_.encode(parameters, ids, offsets, scratch);

  std::vector<std::int64_t> origins;  // the row of this step that each row of the next one continues
  std::vector<std::int32_t> previous(beams.size(), ensemble_.begin_id());
  std::vector<TranslationModel::HypothesisRows> rows;
  while (!beams.empty()) {
    if (before_step) before_step();
    rows.clear();
    std::int64_t row = 0;
    for (const Beam& beam : beams) {
      rows.push_back({beam.sentence, row, static_cast<std::int64_t>(beam.running.size())});
      row += rows.back().count;
    }
    ensemble_.step(parameters, previous, rows, scratch);
    const std::size_t length = beams.front().running.front().ids.size();  // of every running hypothesis
    const std::size_t a_row = find_next_tokens(parameters, length, scratch);
    ConstView attention;
    if (wants_attention()) attention = ensemble_.attention_weights(rows, scratch);
    const std::span<const kernels::IndexedValue> next = scratch.next_tokens;
    origins.clear();
    previous.clear();
    std::vector<Beam> going_on;
    for (std::size_t i = 0; i < beams.size(); ++i) {
      Beam& beam = beams[i];
      const auto first = static_cast<std::size_t>(rows[i].begin), count = static_cast<std::size_t>(rows[i].count);
      const auto parents = grow(beam, {next.subspan(first * a_row, count * a_row), rows[i].begin, attention}, options_);
      if (done(beam, options_.beam)) {
        translations[static_cast<std::size_t>(beam.sentence)] = best_of(beam, options_);
        continue;
      }
      origins.insert(origins.end(), parents.begin(), parents.end());
      for (const Hypothesis& hypothesis : beam.running) previous.push_back(hypothesis.ids.back());
      going_on.push_back(std::move(beam));
    }
    ensemble_.keep_rows(origins, scratch);
    beams = std::move(going_on);
  }
  return translations;
}

}  // namespace dragoman
