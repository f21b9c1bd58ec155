#include "io/configuration_checks.h"

#include <algorithm>
#include <bit>
#include <initializer_list>
#include <stdexcept>

namespace dragoman {
namespace {

/// Gathers contradictions; keys are named by the members that hold them.
class Checker {
 public:
  explicit Checker(const std::vector<Field>& fields) : fields_(fields) {}
  std::vector<Contradiction> found;

  const Field& field(const void* member) const {
    for (const Field& field : fields_)
      if (field.address == member) return field;
    throw std::logic_error("a member is checked that configuration_schema.cpp does not describe");
  }
  template <typename T>
  std::string key(const T& member) const {
    return field(&member).path;
  }
  template <typename T>
  std::string value(const T& member) const {
    return format_value(field(&member));
  }
  /// "batch.micro_batches is 4"
  template <typename T>
  std::string stating(const T& member) const {
    return key(member) + " is " + value(member);
  }
  /// "batch.micro_batches, which is 4"
  template <typename T>
  std::string with_value(const T& member) const {
    return key(member) + ", which is " + value(member);
  }

  /// Reports "KEY is VALUE, `rest`"; `others` are the further members that the sentence is about.
  template <typename T>
  void report(const T& member, std::initializer_list<const void*> others, const std::string& rest) {
    Contradiction contradiction{{key(member)}, stating(member) + ", " + rest};
    for (const void* other : others) contradiction.keys.push_back(field(other).path);
    found.push_back(std::move(contradiction));
  }

 private:
  const std::vector<Field>& fields_;
};

void check_text(Checker& checker, const TextPair& pair) {
  const auto missing = [&](const auto& absent, const auto& given) {
    checker.found.push_back({{checker.key(given), checker.key(absent)},
                             checker.key(absent) + " is missing, but " + checker.key(given) + " is given"});
  };
  if (pair.source.empty() && !pair.target.empty()) missing(pair.source, pair.target);
  if (pair.target.empty() && !pair.source.empty()) missing(pair.target, pair.source);
}

void check_corpus(Checker& checker, const Configuration& c) {
  for (const TextPair* pair : {&c.corpus.train, &c.corpus.valid, &c.corpus.test}) check_text(checker, *pair);
  const TokenizerConfiguration& tokenizer = c.corpus.tokenizer;
  if (!tokenizer.source_file.empty() && tokenizer.shared != (tokenizer.source_file == tokenizer.target_file))
    checker.report(tokenizer.shared, {&tokenizer.source_file},
                   "but " + checker.key(tokenizer.source_file) + " names " +
                       (tokenizer.shared ? "two files" : "one file for both languages"));
  const int& slots = c.batch.micro_batches;
  if (!std::has_single_bit(static_cast<unsigned>(slots))) {
    checker.report(slots, {}, "must be a power of two");
  } else if (c.corpus.shards % slots != 0) {
    checker.report(c.corpus.shards, {&slots}, "must be a multiple of " + checker.with_value(slots));
  }
  if (c.batch.tokens < slots) checker.report(c.batch.tokens, {&slots}, "must be >= " + checker.with_value(slots));
}

void check_tied_output(Checker& checker, const ModelConfiguration& model) {
  if (!model.tied_output) return;
  if (model.readout > 0) {
    if (model.readout != model.embedding)
      checker.report(model.tied_output, {&model.readout, &model.embedding},
                     "but " + checker.stating(model.readout) + ", not the " + checker.value(model.embedding) + " of " +
                         checker.key(model.embedding));
    return;
  }
  const bool attends = model.attention.type != AttentionType::none;
  const int width = model.decoder.units + (attends ? model.encoder.units : 0);
  if (width != model.embedding)
    checker.report(
        model.tied_output,
        {&model.embedding, &model.readout, &model.decoder.units, &model.encoder.units, &model.attention.type},
        "but without a readout layer the logits are computed from " + std::to_string(width) + " units, not from the " +
            std::to_string(model.embedding) + " of " + checker.key(model.embedding));
}

void check_attention(Checker& checker, const ModelConfiguration& model) {
  const AttentionConfiguration& attention = model.attention;
  const AttentionType& scored_by = attention.type == AttentionType::local ? attention.score : attention.type;
  const bool multiplies_values =
      attention.scoring() == AttentionType::dot || attention.scoring() == AttentionType::scaled_dot;
  if (multiplies_values && model.encoder.units != model.decoder.units)
    checker.report(scored_by, {&model.encoder.units, &model.decoder.units},
                   "but " + checker.stating(model.encoder.units) + " and " + checker.stating(model.decoder.units) +
                       ", which must agree for that; general takes any widths");
  if (attention.scoring() == AttentionType::multi_head && attention.units % attention.heads != 0)
    checker.report(
        attention.heads, {&attention.units, &scored_by},
        "which cannot share the " + checker.value(attention.units) + " of " + checker.key(attention.units) + " evenly");
  if (model.decoder.input_feeding && attention.type == AttentionType::none) {
    checker.report(model.decoder.input_feeding, {&attention.type},
                   "but " + checker.stating(attention.type) + ", so that there is no context vector to feed");
  } else if (model.decoder.input_feeding && attention.query != AttentionQuery::decoder_output) {
    checker.report(model.decoder.input_feeding, {&attention.query},
                   "but " + checker.stating(attention.query) +
                       ", whose context vector is the same at every step; set one of the two otherwise");
  }
}

void check_model(Checker& checker, const ModelConfiguration& model, const TokenizerConfiguration& tokenizer) {
  if (model.shared_embedding && !tokenizer.shared)
    checker.report(model.shared_embedding, {&tokenizer.shared},
                   "but " + checker.stating(tokenizer.shared) + ", so that the two sides have different pieces");
  if (model.encoder.bidirectional && model.encoder.units % 2 != 0)
    checker.report(model.encoder.units, {&model.encoder.bidirectional},
                   "must be even, half each way, where " + checker.key(model.encoder.bidirectional) + " is true");
  if (model.encoder.self_attention_heads > 0 && model.encoder.units % model.encoder.self_attention_heads != 0)
    checker.report(model.encoder.self_attention_heads, {&model.encoder.units},
                   "which cannot share the " + checker.value(model.encoder.units) + " of " +
                       checker.key(model.encoder.units) + " evenly");
  if (model.bridge == BridgeType::identity && model.encoder.units != model.decoder.units)
    checker.report(model.bridge, {&model.encoder.units, &model.decoder.units},
                   "but " + checker.stating(model.encoder.units) + " and " + checker.stating(model.decoder.units) +
                       ", which must agree for that");
  check_attention(checker, model);
  check_tied_output(checker, model);
}

void check_training(Checker& checker, const TrainingConfiguration& training, const TokenizerConfiguration& tokenizer) {
  if (training.bpe_dropout > 0 && tokenizer.source_file.empty() && tokenizer.model != TokenizerModel::bpe)
    checker.report(training.bpe_dropout, {&tokenizer.model}, "but " + checker.stating(tokenizer.model) + ", not bpe");
  if (training.gradient_precision == Precision::bf16 && training.gradient_exchange == GradientExchangeType::mpi)
    checker.report(
        training.gradient_precision, {&training.gradient_exchange},
        "which the exact exchange alone sends; set " + checker.key(training.gradient_exchange) + " to exact");
  const OptimizerConfiguration& optimizer = training.optimizer;
  const auto only = [&](const auto& member, const std::string& user) {
    checker.report(member, {&optimizer.type}, "but only " + user + " uses it; " + checker.stating(optimizer.type));
  };
  if (optimizer.momentum != 0 && optimizer.type != OptimizerType::sgd) only(optimizer.momentum, "sgd");
  if (optimizer.nesterov && optimizer.type != OptimizerType::sgd) only(optimizer.nesterov, "sgd");
  if (optimizer.nesterov && optimizer.type == OptimizerType::sgd && optimizer.momentum == 0)
    checker.report(optimizer.nesterov, {&optimizer.momentum}, "but " + checker.stating(optimizer.momentum));

  const ScheduleConfiguration& schedule = training.schedule;
  if (schedule.type == ScheduleType::warmup_inverse_sqrt && schedule.warmup_steps == 0)
    checker.report(schedule.warmup_steps, {&schedule.type},
                   "must be >= 1 where " + checker.key(schedule.type) + " is warmup_inverse_sqrt");
  if (schedule.minimum_learning_rate > optimizer.learning_rate)
    checker.report(schedule.minimum_learning_rate, {&optimizer.learning_rate},
                   "must be <= " + checker.with_value(optimizer.learning_rate));
}

void check_r_drop(Checker& checker, const Configuration& c) {
  const DropoutConfiguration& of = c.model.dropouts;
  const double most = std::max({of.embedding.value_or(c.model.dropout), of.layers.value_or(c.model.dropout),
                                of.readout.value_or(c.model.dropout), of.words, of.recurrent, of.attention});
  if (c.training.r_drop > 0 && most == 0)
    checker.report(c.training.r_drop, {&c.model.dropout},
                   "but there is no dropout by which its two passes would differ; set " + checker.key(c.model.dropout) +
                       ", or one of model.dropouts");
}

void check_plateau(Checker& checker, const Configuration& c) {
  const ScheduleConfiguration& schedule = c.training.schedule;
  if (schedule.type != ScheduleType::plateau) {
    if (schedule.minimum_factor > 0)
      checker.report(schedule.minimum_factor, {&schedule.type},
                     "but only plateau uses it; " + checker.stating(schedule.type));
    return;
  }
  if (schedule.return_to_best && !c.checkpoint.keep_best)
    checker.report(schedule.return_to_best, {&c.checkpoint.keep_best, &schedule.type},
                   "but " + checker.stating(c.checkpoint.keep_best) +
                       ", so that there would be nothing to return to; set one of the two otherwise");
  if (c.validation.patience > 0 && c.validation.patience <= std::max(1, schedule.patience))
    checker.report(c.validation.patience, {&schedule.patience, &schedule.type},
                   "so that training ends before anything decays; it must be > " +
                       (schedule.patience > 1 ? checker.with_value(schedule.patience) : "1") + ", or 0");
}

}  // namespace

std::vector<Contradiction> find_contradictions(const Configuration& configuration, const std::vector<Field>& fields) {
  Checker checker(fields);
  check_corpus(checker, configuration);
  check_model(checker, configuration.model, configuration.corpus.tokenizer);
  check_training(checker, configuration.training, configuration.corpus.tokenizer);
  check_r_drop(checker, configuration);
  check_plateau(checker, configuration);
  return std::move(checker.found);
}

}  // namespace dragoman
