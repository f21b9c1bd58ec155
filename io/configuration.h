#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dragoman {

// One struct per section of the YAML file, with the defaults that hold where a key is absent.
// docs/configuration.md describes every key, configuration_schema.cpp names each with its range, configuration_reader.h
// reads and checks them.

struct TextPair {
  std::vector<std::string> source, target;  // files, line-aligned, read one after another
  bool operator==(const TextPair&) const = default;
};

enum class TokenizerModel { bpe, unigram, word, character };

struct TokenizerConfiguration {
  TokenizerModel model = TokenizerModel::bpe;
  int vocabulary = 8000;
  bool shared = true;  // one model for both languages
  double character_coverage = 1.0;
  std::int64_t sample_lines = 1'000'000;  // lines of each side that the model is trained on
  std::string source_file, target_file;   // given SentencePiece models, used instead of training; equal when shared
  bool operator==(const TokenizerConfiguration&) const = default;
};

enum class DuplicatePolicy { keep, drop };

struct CorpusConfiguration {
  TextPair train, valid, test;
  std::string source_language, target_language;  // default: the suffix of the first training file
  TokenizerConfiguration tokenizer;
  int shards = 64;
  int max_length = 100;  // pieces on either side, </s> not counted; longer pairs are dropped and counted
  DuplicatePolicy duplicates = DuplicatePolicy::keep;
  std::string directory;  // empty: RUN/corpus
  bool operator==(const CorpusConfiguration&) const = default;
};

struct EncoderConfiguration {
  int layers = 1;
  int units = 512;  // width of the output; half each way where bidirectional
  bool bidirectional = true;
  bool residual = false;         // every layer but the first adds its input to its output
  int self_attention_heads = 0;  // over the output; 0: none
  bool operator==(const EncoderConfiguration&) const = default;
};

struct DecoderConfiguration {
  int layers = 1;
  int units = 512;
  bool input_feeding = false;
  bool residual = false;
  bool operator==(const DecoderConfiguration&) const = default;
};

enum class AttentionType { additive, dot, scaled_dot, general, multi_head, local, none };
enum class AttentionQuery { decoder_output, encoder_final };

struct AttentionConfiguration {
  AttentionType type = AttentionType::additive;
  AttentionType score = AttentionType::general;  // of local
  int window = 10;                               // of local: keys on either side of the predicted position
  int units = 512;
  int heads = 8;
  AttentionQuery query = AttentionQuery::decoder_output;

  /// How queries are scored: by `type`, or what local attention scores with.
  AttentionType scoring() const { return type == AttentionType::local ? score : type; }
  bool operator==(const AttentionConfiguration&) const = default;
};

enum class BridgeType { dense, identity };

enum class Initialization { xavier_uniform, xavier_normal, he_uniform, he_normal, uniform };

struct InitializationConfiguration {
  Initialization weights = Initialization::xavier_uniform;
  double range = 0.1;                 // half width of `uniform`
  double embedding_deviation = 0.25;  // standard deviation of the embeddings' values
  bool orthogonal_recurrent = true;
  double forget_bias = 1.0;
  bool operator==(const InitializationConfiguration&) const = default;
};

struct DropoutConfiguration {
  std::optional<double> embedding, layers, readout;  // without: ModelConfiguration::dropout
  double words = 0.0, recurrent = 0.0, attention = 0.0;
  bool operator==(const DropoutConfiguration&) const = default;
};

struct ModelConfiguration {
  int embedding = 256;
  EncoderConfiguration encoder;
  DecoderConfiguration decoder;
  bool layer_normalization = false;       // in the LSTMs' cells
  BridgeType bridge = BridgeType::dense;  // from the encoder's final states to the decoder's first
  AttentionConfiguration attention;
  int readout = 256;              // width of the tanh layer before the logits; 0: none
  bool tied_output = false;       // logits share the target embedding; needs readout == embedding
  bool shared_embedding = false;  // of source and target; needs corpus.tokenizer.shared
  double dropout = 0.0;
  DropoutConfiguration dropouts;
  InitializationConfiguration initialization;
  bool operator==(const ModelConfiguration&) const = default;
};

struct BatchConfiguration {
  int tokens = 4096;      // rows × longest side, summed over the micro-batches of one step
  int micro_batches = 4;  // slots: a power of two
  int pool_shards = 8;    // shards of one slot that are shuffled together in memory
  bool operator==(const BatchConfiguration&) const = default;
};

enum class OptimizerType { sgd, rmsprop, adam, adamw };

struct OptimizerConfiguration {
  OptimizerType type = OptimizerType::adam;
  double learning_rate = 1.0e-3;
  double momentum = 0.0;              // sgd
  bool nesterov = false;              // sgd
  double rho = 0.9;                   // rmsprop
  double beta1 = 0.9, beta2 = 0.999;  // adam, adamw
  double epsilon = 0.0;               // 0: the type's own default, 1e-7 for rmsprop and 1e-8 for adam and adamw
  double weight_decay = 0.0;
  double clip_norm = 1.0;  // 0: no clipping
  bool operator==(const OptimizerConfiguration&) const = default;
};

enum class ScheduleType { constant, exponential, step, plateau, warmup_inverse_sqrt };

struct ScheduleConfiguration {
  ScheduleType type = ScheduleType::constant;
  int warmup_steps = 0;                   // linear, before any type
  std::int64_t decay_after_steps = 0;     // exponential, step: nothing decays before
  std::int64_t decay_every_steps = 1000;  // exponential, step
  double decay = 0.5;                     // factor of exponential, step and plateau
  int patience = 2;                       // plateau: validations without a new best
  bool return_to_best = true;             // plateau: go on from the best checkpoint after a decay
  double minimum_factor = 0.0;            // plateau: training ends where the decays' product falls below
  double minimum_learning_rate = 0.0;
  bool operator==(const ScheduleConfiguration&) const = default;
};

enum class Precision { f32, bf16 };
enum class GradientExchangeType { exact, mpi };
enum class InstructionSetChoice { automatic, sse41, avx2, avx512 };

struct TrainingConfiguration {
  std::int64_t max_steps = 6000;
  int threads = 1;
  OptimizerConfiguration optimizer;
  ScheduleConfiguration schedule;
  double label_smoothing = 0.0;
  double r_drop = 0.0;         // weight of what two passes with dropout disagree; 0: one pass
  double bpe_dropout = 0.0;    // share of merges left out of training text
  double average_decay = 0.0;  // of the moving average of the parameters; 0: none is kept
  Precision precision = Precision::f32;
  GradientExchangeType gradient_exchange = GradientExchangeType::exact;
  Precision gradient_precision = Precision::f32;               // of what is added up over slots and sent
  InstructionSetChoice isa = InstructionSetChoice::automatic;  // the highest that any rank uses
  double time_limit_minutes = 0;                               // of one start; then stops as on a signal; 0: none
  double exchange_timeout_seconds = 600;                       // a partner silent for longer ends the job, by name
  bool operator==(const TrainingConfiguration&) const = default;
};

enum class ValidationMetric { loss, perplexity, accuracy, bleu };

struct ValidationConfiguration {
  std::int64_t every_steps = 200;
  ValidationMetric metric = ValidationMetric::bleu;  // what the best checkpoint and patience go by
  int patience = 0;                                  // validations without a new best before training stops; 0: never
  int beam = 1;
  double length_penalty = 1.0;
  int batch_tokens = 4096;
  std::string bleu_tokenize = "13a";
  bool bleu_lowercase = false;
  bool operator==(const ValidationConfiguration&) const = default;
};

enum class OnCheckpointError { stop, keep_going };

struct CheckpointConfiguration {
  std::int64_t every_steps = 200;
  int keep_last = 3;
  bool keep_best = true;
  std::int64_t keep_every_steps = 0;  // 0: none are kept for their step number
  OnCheckpointError on_error = OnCheckpointError::stop;
  bool operator==(const CheckpointConfiguration&) const = default;
};

struct LoggingConfiguration {
  std::int64_t every_steps = 20;  // a `train` line in metrics.jsonl
  bool tensorboard = true;        // the same figures in RUN/tensorboard
  bool operator==(const LoggingConfiguration&) const = default;
};

struct Configuration {
  std::string run;
  std::uint64_t seed = 1;
  CorpusConfiguration corpus;
  ModelConfiguration model;
  BatchConfiguration batch;
  TrainingConfiguration training;
  ValidationConfiguration validation;
  CheckpointConfiguration checkpoint;
  LoggingConfiguration logging;

  /// corpus.directory, or RUN/corpus where that is empty.
  std::filesystem::path corpus_folder() const;

  bool operator==(const Configuration&) const = default;
};

}  // namespace dragoman
