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
  bool full() const { return best_.size() == capacity_; }
  double worst() const { return best_.back().log_probability; }
  const std::vector<Candidate>& best() const { return best_; }

 private:
  std::size_t capacity_;
  std::vector<Candidate> best_;
};

void offer_row(const Hypothesis& hypothesis, ConstView log_probabilities, std::int64_t row, BestCandidates& best) {
  const float* values = log_probabilities.row(row);
  for (std::int64_t token = SpecialIds::end; token < log_probabilities.columns; ++token) {
    const double log_probability = hypothesis.log_probability + static_cast<double>(values[token]);
    if (best.full() && log_probability < best.worst()) continue;
    best.offer({log_probability, row, static_cast<std::int32_t>(token)});
  }
}

Translation finish(Hypothesis hypothesis, std::size_t length, double length_penalty) {
  const double norm = std::pow(static_cast<double>(length), length_penalty);
  return {std::move(hypothesis.ids), hypothesis.log_probability, hypothesis.log_probability / norm};
}

/// Grows one sentence's hypotheses by a token. @return the rows that the new hypotheses came from
std::vector<std::int64_t> grow(Beam& beam, ConstView log_probabilities, std::int64_t first_row,
                               const SearchOptions& options) {
  const auto width = static_cast<std::size_t>(options.beam);
  BestCandidates best(2 * width);  // enough for `width` that go on even where as many end
  for (std::size_t i = 0; i < beam.running.size(); ++i) {
    offer_row(beam.running[i], log_probabilities, first_row + static_cast<std::int64_t>(i), best);
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
    scratch.log_probabilities.resize(row, model_->options().target_vocabulary);
    model_->step(parameters, scratch.source, previous, rows, scratch.before, scratch.after, scratch.log_probabilities,
                 scratch.model);
    origins.clear();
    previous.clear();
    std::vector<Beam> going_on;
    for (std::size_t i = 0; i < beams.size(); ++i) {
      Beam& beam = beams[i];
      const auto parents = grow(beam, scratch.log_probabilities, rows[i].begin, options_);
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
