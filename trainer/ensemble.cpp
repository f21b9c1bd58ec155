#include "trainer/ensemble.h"

#include <numeric>
#include <utility>

#include "layers/kernels/log_mean_exp.h"

namespace dragoman {

namespace {

bool attends(const TranslationModel& model) { return model.options().attention.kind != AttentionKind::none; }

}  // namespace

Ensemble::Ensemble(std::vector<const TranslationModel*> models) : models_(std::move(models)) {
  if (models_.empty()) throw ShapeError("an ensemble needs a model");
  for (const TranslationModel* model : models_) {
    const TranslationModelOptions &one = model->options(), &first = models_.front()->options();
    if (one.source_vocabulary != first.source_vocabulary || one.target_vocabulary != first.target_vocabulary) {
      throw ShapeError("models of an ensemble have vocabularies of " + std::to_string(one.source_vocabulary) + " and " +
                       std::to_string(one.target_vocabulary) + " pieces, expected " +
                       std::to_string(first.source_vocabulary) + " and " + std::to_string(first.target_vocabulary));
    }
    attentive_ += attends(*model) ? 1 : 0;
  }
}

void Ensemble::encode(std::span<const Parameters> parameters, std::span<const std::int32_t> ids, Offsets offsets,
                      Scratch& scratch) const {
  std::vector<std::int64_t> sentences(offsets.size() - 1);
  std::iota(sentences.begin(), sentences.end(), 0);
  scratch.members.resize(models_.size());
  for (std::size_t m = 0; m < models_.size(); ++m) {
    Scratch::Member& member = scratch.members[m];
    models_[m]->encode(parameters[m], ids, offsets, member.source, member.model);
    gather_rows(member.source.first, sentences, member.before);
  }
}

void Ensemble::step(std::span<const Parameters> parameters, std::span<const std::int32_t> previous,
                    std::span<const TranslationModel::HypothesisRows> rows, Scratch& scratch) const {
  for (std::size_t m = 0; m < models_.size(); ++m) {
    Scratch::Member& member = scratch.members[m];
    member.output =
        models_[m]->step(parameters[m], member.source, previous, rows, member.before, member.after, member.model);
  }
}

void Ensemble::keep_rows(std::span<const std::int64_t> rows, Scratch& scratch) const {
  for (Scratch::Member& member : scratch.members) gather_rows(member.after, rows, member.before);
}

ConstView Ensemble::log_probabilities(std::span<const Parameters> parameters, std::int64_t begin, std::int64_t count,
                                      Scratch& scratch) const {
  scratch.views.clear();
  for (std::size_t m = 0; m < models_.size(); ++m) {
    Scratch::Member& member = scratch.members[m];
    member.log_probabilities.resize(count, target_vocabulary());
    models_[m]->log_probabilities(parameters[m], member.output.row_range(begin, count), member.log_probabilities);
    scratch.views.push_back(member.log_probabilities);
  }
  if (models_.size() == 1) return scratch.views.front();
  scratch.log_probabilities.resize(count, target_vocabulary());
  kernels::log_mean_exp(scratch.views, scratch.log_probabilities);
  return scratch.log_probabilities;
}

ConstView Ensemble::attention_weights(std::span<const TranslationModel::HypothesisRows> rows, Scratch& scratch) const {
  if (!has_attention()) throw ShapeError("models without attention have no attention weights");
  scratch.views.clear();
  for (std::size_t m = 0; m < models_.size(); ++m) {
    if (!attends(*models_[m])) continue;
    Scratch::Member& member = scratch.members[m];
    models_[m]->attention_weights(member.source, rows, member.model, member.attention);
    scratch.views.push_back(member.attention);
  }
  if (attentive_ == 1) return scratch.views.front();
  const ConstView first = scratch.views.front();
  scratch.attention.resize(first.rows, first.columns);
  for (std::int64_t r = 0; r < first.rows; ++r) {
    float* mean = scratch.attention.view().row(r);
    for (std::int64_t s = 0; s < first.columns; ++s) {
      float sum = 0;
      for (const ConstView& weights : scratch.views) sum += weights.row(r)[s];
      mean[s] = sum / static_cast<float>(attentive_);
    }
  }
  return scratch.attention;
}

}  // namespace dragoman
