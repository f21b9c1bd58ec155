#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "layers/translation_model.h"

namespace dragoman {

/// Models that decode together, step by step: a token's probability is the mean of the probabilities that they give it
/// (Sutskever et al. 2014, arXiv:1409.3215; Sennrich et al. 2016, arXiv:1606.02891), its attention weights the mean
/// over those models that have attention. Each model has its own encoder and decoder states. One model is an ensemble,
/// too, and its numbers are passed on as they are.
///
/// All calls take the models' parameters, in the order of the models.
class Ensemble {
 public:
  /// Memory of one worker, kept from call to call.
  struct Scratch {
    struct Member {  // of one model
      TranslationModel::Workspace model;
      TranslationModel::EncodedSource source;
      DecoderState before, after;
      ConstView output;          // of the last step, in `model`
      Tensor log_probabilities;  // of a few rows at a time
      Tensor attention;          // (rows, longest source)
    };
    std::vector<Member> members;
    std::vector<ConstView> views;
    Tensor log_probabilities, attention;  // of several models together
  };

  /// Implicit: a model serves where an ensemble is wanted. @param model must outlive this, and so below
  Ensemble(const TranslationModel& model) : Ensemble(std::vector<const TranslationModel*>{&model}) {}
  /// @throws ShapeError where there are none, or they have vocabularies of different sizes.
  explicit Ensemble(std::vector<const TranslationModel*> models);

  bool has_attention() const { return attentive_ > 0; }
  std::int64_t target_vocabulary() const { return models_.front()->options().target_vocabulary; }
  std::int32_t begin_id() const { return models_.front()->options().begin_id; }

  /// Makes ready for the first step, a row a sentence.
  void encode(std::span<const Parameters> parameters, std::span<const std::int32_t> ids, Offsets offsets,
              Scratch& scratch) const;
  /// See TranslationModel::step().
  void step(std::span<const Parameters> parameters, std::span<const std::int32_t> previous,
            std::span<const TranslationModel::HypothesisRows> rows, Scratch& scratch) const;
  /// Says which rows of the last step those of the next one continue.
  void keep_rows(std::span<const std::int64_t> rows, Scratch& scratch) const;

  /// Calls use(row, the log-probabilities (V) of its next token) for every row of the last step.
  template <class Use>
  void for_log_probabilities(std::span<const Parameters> parameters, Scratch& scratch, const Use& use) const {
    constexpr std::int64_t kRows = 64;  // their log-probabilities stay in the second-level cache
    const std::int64_t all = scratch.members.front().output.rows;
    for (std::int64_t begin = 0; begin < all; begin += kRows) {
      const ConstView some = log_probabilities(parameters, begin, std::min(kRows, all - begin), scratch);
      for (std::int64_t r = 0; r < some.rows; ++r) use(begin + r, some.row(r));
    }
  }
  /// What the rows of the last step attended to, as TranslationModel::attention_weights() gives it.
  /// @throws ShapeError where no model has attention.
  ConstView attention_weights(std::span<const TranslationModel::HypothesisRows> rows, Scratch& scratch) const;

 private:
  /// Of the rows [begin, begin + count) of the last step.
  ConstView log_probabilities(std::span<const Parameters> parameters, std::int64_t begin, std::int64_t count,
                              Scratch& scratch) const;

  std::vector<const TranslationModel*> models_;
  int attentive_ = 0;  // models that have attention
};

}  // namespace dragoman
