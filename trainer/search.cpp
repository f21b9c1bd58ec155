#include "trainer/search.h"

#include <algorithm>
#include <cmath>

#include "io/tokenizer.h"

namespace dragoman {

namespace {

struct Hypothesis {
  std::vector<std::int32_t> ids;
  double log_probability = 0;
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

Translation finish(Hypothesis hypothesis, std::size_t length, double length_penalty) {
  const double norm = std::pow(static_cast<double>(length), length_penalty);
  return {std::move(hypothesis.ids), hypothesis.log_probability, hypothesis.log_probability / norm};
}

/// How many of the best candidates can matter to a sentence: enough for `beam` that go on even where as many end.
std::size_t candidates(const SearchOptions& options) { return 2 * static_cast<std::size_t>(options.beam); }

/// Grows one sentence's hypotheses by a token. @param next_tokens the likeliest tokens of every row, alike in number
/// @return the rows that the new hypotheses came from
std::vector<std::int64_t> grow(Beam& beam, std::span<const kernels::IndexedValue> next_tokens, std::int64_t first_row,
                               const SearchOptions& options) {
  const auto width = static_cast<std::size_t>(options.beam);
  const std::size_t a_row = next_tokens.size() / beam.running.size();
  BestCandidates best(candidates(options));
  for (std::size_t i = 0; i < beam.running.size(); ++i) {
    for (const auto& [log_probability, token] : next_tokens.subspan(i * a_row, a_row)) {
      best.offer({beam.running[i].log_probability + static_cast<double>(log_probability),
                  first_row + static_cast<std::int64_t>(i), token});
    }
  }
  std::vector<Hypothesis> next;
  std::vector<std::int64_t> rows;
  for (std::size_t rank = 0; rank < best.best().size() && next.size() < width; ++rank) {
    const Candidate& candidate = best.best()[rank];
    Hypothesis hypothesis = beam.running[static_cast<std::size_t>(candidate.row - first_row)];
    hypothesis.log_probability = candidate.log_probability;
    if (candidate.token == SpecialIds::end) {
      const std::size_t length = hypothesis.ids.size() + 1;
      if (rank < width) beam.finished.push_back(finish(std::move(hypothesis), length, options.length_penalty));
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

Translation best_of(Beam& beam, double length_penalty) {
  if (beam.finished.empty()) {
    for (Hypothesis& hypothesis : beam.running) {
      const std::size_t length = hypothesis.ids.size();
      beam.finished.push_back(finish(std::move(hypothesis), length, length_penalty));
    }
  }
  return std::move(*std::max_element(beam.finished.begin(), beam.finished.end(),
                                     [](const Translation& a, const Translation& b) { return a.score < b.score; }));
}

std::vector<Beam> start_beams(Offsets offsets) {
  std::vector<Beam> beams(offsets.size() - 1);
  for (std::size_t b = 0; b < beams.size(); ++b) {
    const auto source = static_cast<std::size_t>(offsets[b + 1] - offsets[b] - 1);
    beams[b] = {static_cast<std::int64_t>(b), 2 * source + 10, {Hypothesis{}}, {}};
  }
  return beams;
}

}  // namespace

std::size_t BeamSearch::find_next_tokens(const Parameters& parameters, ConstView x, Scratch& scratch) const {
  constexpr std::int64_t kRows = 64;  // their log-probabilities stay in the second-level cache
  const std::int64_t vocabulary = model_->options().target_vocabulary;
  scratch.next_tokens.clear();
  for (std::int64_t begin = 0; begin < x.rows; begin += kRows) {
    const std::int64_t rows = std::min(kRows, x.rows - begin);
    scratch.log_probabilities.resize(rows, vocabulary);
    model_->log_probabilities(parameters, x.row_range(begin, rows), scratch.log_probabilities);
    for (std::int64_t r = 0; r < rows; ++r) {
      const float* of_tokens = scratch.log_probabilities.view().row(r) + SpecialIds::end;
      for (const auto& [value, index] : scratch.largest.find(of_tokens, vocabulary - SpecialIds::end,
                                                             static_cast<std::int64_t>(candidates(options_)))) {
        scratch.next_tokens.push_back({value, index + SpecialIds::end});
      }
    }
  }
  return std::min(candidates(options_), static_cast<std::size_t>(vocabulary - SpecialIds::end));
}

std::vector<Translation> BeamSearch::translate(const Parameters& parameters, std::span<const std::int32_t> ids,
                                               Offsets offsets, Scratch& scratch,
                                               const std::function<void()>& before_step) const {
  std::vector<Beam> beams = start_beams(offsets);
  std::vector<Translation> translations(beams.size());
  model_->encode(parameters, ids, offsets, scratch.source, scratch.model);

  std::vector<std::int64_t> origins;  // the row in scratch.after that each row of this step continues
  origins.reserve(beams.size());
  for (const Beam& beam : beams) origins.push_back(beam.sentence);
  gather_rows(scratch.source.first, origins, scratch.before);
  std::vector<std::int32_t> previous(beams.size(), SpecialIds::begin);
  std::vector<TranslationModel::HypothesisRows> rows;
  while (!beams.empty()) {
    if (before_step) before_step();
    rows.clear();
    std::int64_t row = 0;
    for (const Beam& beam : beams) {
      rows.push_back({beam.sentence, row, static_cast<std::int64_t>(beam.running.size())});
      row += rows.back().count;
    }
    const ConstView x =
        model_->step(parameters, scratch.source, previous, rows, scratch.before, scratch.after, scratch.model);
    const std::size_t a_row = find_next_tokens(parameters, x, scratch);
    const std::span<const kernels::IndexedValue> next = scratch.next_tokens;
    origins.clear();
    previous.clear();
    std::vector<Beam> going_on;
    for (std::size_t i = 0; i < beams.size(); ++i) {
      Beam& beam = beams[i];
      const auto first = static_cast<std::size_t>(rows[i].begin), count = static_cast<std::size_t>(rows[i].count);
      const auto parents = grow(beam, next.subspan(first * a_row, count * a_row), rows[i].begin, options_);
      if (done(beam, options_.beam)) {
        translations[static_cast<std::size_t>(beam.sentence)] = best_of(beam, options_.length_penalty);
        continue;
      }
      origins.insert(origins.end(), parents.begin(), parents.end());
      for (const Hypothesis& hypothesis : beam.running) previous.push_back(hypothesis.ids.back());
      going_on.push_back(std::move(beam));
    }
    gather_rows(scratch.after, origins, scratch.before);
    beams = std::move(going_on);
  }
  return translations;
}

}  // namespace dragoman
