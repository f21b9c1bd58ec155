#include "io/configuration_schema.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace dragoman {
namespace {

constexpr Range at_least(double low) { return {.low = low}; }
constexpr Range between(double low, double high) { return {.low = low, .high = high}; }
constexpr Range above(double low) { return {.low = low, .low_included = false}; }
constexpr Range fraction() { return {.low = 0, .high = 1, .high_included = false}; }
constexpr Range share() { return {.low = 0, .high = 1, .low_included = false}; }

// Wide enough for any machine, and products of two still fit an int.
constexpr double kWidest = 32768;
constexpr double kMostLayers = 64;

class SchemaBuilder {
 public:
  std::vector<Field> fields;

  /// Runs `describe_section` with `name` before every key and `change` as their policy.
  template <typename Describe>
  void section(std::string_view name, ChangePolicy change, Describe describe_section) {
    const std::string outer = std::exchange(prefix_, prefix_ + std::string(name) + ".");
    const ChangePolicy outer_change = std::exchange(change_, change);
    describe_section();
    prefix_ = outer;
    change_ = outer_change;
  }
  template <typename Describe>
  void section(std::string_view name, Describe describe_section) {
    section(name, change_, describe_section);
  }

  template <typename Number>
  Field& number(std::string_view name, Number& value, Range range, std::string_view unit, std::string_view meaning) {
    return add(name, &value, &value, range, unit, meaning);
  }
  Field& flag(std::string_view name, bool& value, std::string_view meaning) {
    return add(name, &value, &value, {}, "", meaning);
  }
  Field& text(std::string_view name, std::string& value, std::string_view default_note, std::string_view meaning) {
    Field& field = add(name, &value, &value, {}, "", meaning);
    field.default_note = default_note;
    return field;
  }
  Field& files(std::string_view name, std::vector<std::string>& value, std::string_view meaning) {
    return add(name, &value, &value, {}, "", meaning);
  }
  Field& file_pair(std::string_view name, FilePair pair, std::string_view meaning) {
    return add(name, pair, pair.source, {}, "", meaning);
  }
  template <typename Enum>
  Field& choice(std::string_view name, Enum& value, std::vector<std::pair<std::string_view, Enum>> table,
                std::string_view meaning) {
    Choice choice;
    for (const auto& entry : table) choice.names.push_back(entry.first);
    choice.get = [&value, table]() -> std::string_view {
      for (const auto& entry : table)
        if (entry.second == value) return entry.first;
      return "";
    };
    choice.set = [&value, table](std::string_view chosen) {
      for (const auto& entry : table)
        if (entry.first == chosen) value = entry.second;
    };
    return add(name, std::move(choice), &value, {}, "", meaning);
  }

 private:
  Field& add(std::string_view name, decltype(Field::value) value, const void* address, Range range,
             std::string_view unit, std::string_view meaning) {
    fields.push_back({.path = prefix_ + std::string(name),
                      .value = std::move(value),
                      .address = address,
                      .range = range,
                      .unit = unit,
                      .meaning = meaning,
                      .default_note = {},
                      .change = change_});
    return fields.back();
  }

  std::string prefix_;
  ChangePolicy change_ = ChangePolicy::never;
};

void describe_text(SchemaBuilder& b, std::string_view split, TextPair& pair, std::string_view source_meaning,
                   std::string_view target_meaning) {
  b.section(split, [&] {
    b.files("source", pair.source, source_meaning);
    b.files("target", pair.target, target_meaning);
  });
}

void describe_tokenizer(SchemaBuilder& b, TokenizerConfiguration& c) {
  b.choice("model", c.model,
           {{"bpe", TokenizerModel::bpe},
            {"unigram", TokenizerModel::unigram},
            {"word", TokenizerModel::word},
            {"char", TokenizerModel::character}},
           "Kind of SentencePiece model that `prepare` trains.");
  b.number("vocabulary", c.vocabulary, between(8, 1 << 24), "pieces",
           "Size of each vocabulary, the four special pieces included.");
  b.flag("shared", c.shared, "One model for both languages; false trains one for each.");
  b.number("character_coverage", c.character_coverage, between(0.98, 1), "share",
           "Share of the characters of the text that get pieces; the rest become unknown.");
  b.number(
      "sample_lines", c.sample_lines, at_least(1), "lines a side",
      "Most lines of each side that a model is trained on, drawn at random but every time the same; fewer where they "
      "come to more than 160 MiB of text (`unigram`: 28 MiB).");
  b.file_pair("file", {&c.source_file, &c.target_file},
              "SentencePiece model to use instead of training one, or `{source: FILE, target: FILE}`; the keys above "
              "are then without effect, and `shared` says whether it is one file.");
}

void describe_corpus(SchemaBuilder& b, CorpusConfiguration& c) {
  describe_text(b, "train", c.train,
                "Text to train on, plain or gzip, one sentence a line, for `prepare`; `train` only looks, where it is "
                "there, whether it is still the same.",
                "Its translation, line by line.");
  describe_text(b, "valid", c.valid, "Text that validation and the choice of the best checkpoint go by.",
                "Its translation.");
  describe_text(b, "test", c.test, "Held-out text for `evaluate --split test`.", "Its translation.");
  b.text("source_language", c.source_language, "suffix of the first training file",
         "Name of the source language, such as en.");
  b.text("target_language", c.target_language, "suffix of the first training file", "Name of the target language.");
  b.section("tokenizer", [&] { describe_tokenizer(b, c.tokenizer); });
  b.number("shards", c.shards, between(1, 65536), "files",
           "Training files that the corpus is dealt into; a multiple of `batch.micro_batches`.");
  b.number("max_length", c.max_length, between(1, 100000), "pieces",
           "Longest side of a training pair, `</s>` not counted; longer pairs are dropped and counted.");
  b.choice("duplicates", c.duplicates, {{"keep", DuplicatePolicy::keep}, {"drop", DuplicatePolicy::drop}},
           "Whether a training pair that came before is kept; `drop` takes 16 bytes of memory a pair.");
  // What it holds may not change within a run, as hashes show; where it lies may.
  b.text("directory", c.directory, "`RUN/corpus`", "Folder of the prepared corpus; name one to share it between runs.")
      .change = ChangePolicy::free;
}

void describe_initialization(SchemaBuilder& b, InitializationConfiguration& c) {
  b.choice("weights", c.weights,
           {{"xavier_uniform", Initialization::xavier_uniform},
            {"xavier_normal", Initialization::xavier_normal},
            {"he_uniform", Initialization::he_uniform},
            {"he_normal", Initialization::he_normal},
            {"uniform", Initialization::uniform}},
           "Distribution that weights are drawn from; biases start at 0.");
  b.number("range", c.range, above(0), "", "Half width of `uniform`; without effect on the others.");
  b.number("embedding_deviation", c.embedding_deviation, above(0), "",
           "Standard deviation of the embeddings' first values, uniform around 0. Far smaller ones, such as fans would "
           "give, delay attention; far larger ones delay learning where the output is tied.");
  b.flag("orthogonal_recurrent", c.orthogonal_recurrent, "Recurrent weights start as orthogonal matrices, one a gate.");
  b.number("forget_bias", c.forget_bias, {}, "", "Start value of the bias of the LSTM's forget gate.");
}

void describe_dropouts(SchemaBuilder& b, DropoutConfiguration& c) {
  const std::string_view as_dropout = "`model.dropout`";
  b.number("embedding", c.embedding, fraction(), "share", "Of units of the embeddings.").default_note = as_dropout;
  b.number("layers", c.layers, fraction(), "share", "Of units of LSTM layers' outputs, and of self-attention's.")
      .default_note = as_dropout;
  b.number("readout", c.readout, fraction(), "share", "Of units before the logits.").default_note = as_dropout;
  b.number("words", c.words, fraction(), "share", "Of tokens, on either side: their embedding is zero as a whole.");
  b.number("recurrent", c.recurrent, fraction(), "share",
           "Of units of LSTM layers' hidden states on the way to the next step, the same at every step of a sentence.");
  b.number("attention", c.attention, fraction(), "share", "Of attention weights, after softmax; self-attention's too.");
}

void describe_model(SchemaBuilder& b, ModelConfiguration& c) {
  b.number("embedding", c.embedding, between(1, kWidest), "units", "Width of source and target embedding.");
  b.section("encoder", [&] {
    b.number("layers", c.encoder.layers, between(1, kMostLayers), "layers", "LSTM layers of the encoder.");
    b.number("units", c.encoder.units, between(1, kWidest), "units",
             "Width of a layer's output; half each way where bidirectional.");
    b.flag("bidirectional", c.encoder.bidirectional, "Reads the source in both directions.");
    b.flag("residual", c.encoder.residual, "Every layer but the first adds its input to its output.");
    b.number(
        "self_attention_heads", c.encoder.self_attention_heads, between(0, kWidest), "heads",
        "Heads of self-attention over the encoder's output, which is added to it and normalised (the first part of "
        "a layer of Vaswani et al. 2017); 0: none.");
  });
  b.section("decoder", [&] {
    b.number("layers", c.decoder.layers, between(1, kMostLayers), "layers", "LSTM layers of the decoder.");
    b.number("units", c.decoder.units, between(1, kWidest), "units", "Width of a layer's output.");
    b.flag("input_feeding", c.decoder.input_feeding,
           "Feeds the context vector into the decoder's next step (Luong et al. 2015).");
    b.flag("residual", c.decoder.residual, "Every layer but the first adds its input to its output.");
  });
  b.flag("layer_normalization", c.layer_normalization,
         "Layer normalisation in the cells of all LSTM layers (Ba et al. 2016).");
  b.choice(
      "bridge", c.bridge, {{"dense", BridgeType::dense}, {"identity", BridgeType::identity}},
      "From the encoder's final states to the decoder's first: a tanh dense layer for each state, or the states as "
      "they are.");
  b.section("attention", [&] {
    b.choice(
        "type", c.attention.type,
        {{"additive", AttentionType::additive},
         {"dot", AttentionType::dot},
         {"scaled_dot", AttentionType::scaled_dot},
         {"general", AttentionType::general},
         {"multi_head", AttentionType::multi_head},
         {"local", AttentionType::local},
         {"none", AttentionType::none}},
        "How a query is scored against the keys: `additive` (Bahdanau et al. 2015); by its product with the encoder's "
        "output, `dot`, by that over the square root of their width, `scaled_dot`, or with the output times a matrix, "
        "`general` (Luong et al. 2015); by several heads, `multi_head` (Vaswani et al. 2017); `local`, by one of these "
        "under a Gaussian window around a position that the query predicts (Luong et al. 2015, but for their cut at "
        "the window's edge); or `none`, a decoder that has the encoder's final state alone.");
    b.choice("score", c.attention.score,
             {{"additive", AttentionType::additive},
              {"dot", AttentionType::dot},
              {"scaled_dot", AttentionType::scaled_dot},
              {"general", AttentionType::general},
              {"multi_head", AttentionType::multi_head}},
             "What `local` scores with; without effect on the others.");
    b.number(
        "window", c.attention.window, between(1, kWidest), "pieces",
        "Width of the window of `local` on either side of its centre, twice its standard deviation; without effect "
        "on the others.");
    b.number(
        "units", c.attention.units, between(1, kWidest), "units",
        "Width of the space that additive and multi_head score in, and local predicts positions in; without effect "
        "on the others.");
    b.number("heads", c.attention.heads, between(1, kWidest), "heads",
             "Heads of multi_head, which share its units; without effect on the others.");
    b.choice(
        "query", c.attention.query,
        {{"decoder_output", AttentionQuery::decoder_output}, {"encoder_final", AttentionQuery::encoder_final}},
        "What is scored: the decoder's output at every step, or once the state that the decoder begins with, made of "
        "the encoder's final one.");
  });
  b.number("readout", c.readout, between(0, kWidest), "units",
           "Width of the tanh layer before the logits; 0: no such "
           "layer.");
  b.flag("tied_output", c.tied_output,
         "Logits share the target embedding's weights; the width before the logits must be `model.embedding`.");
  b.flag(
      "shared_embedding", c.shared_embedding,
      "Source and target tokens have one embedding; wants one tokenizer for both. With `tied_output` the logits share "
      "it too.");
  b.number("dropout", c.dropout, fraction(), "share",
           "Share of the units of embeddings, of LSTM layers' outputs and before the logits that are set to zero while "
           "training.")
      .change = ChangePolicy::on_request;
  b.section("dropouts", ChangePolicy::on_request, [&] { describe_dropouts(b, c.dropouts); });
  b.section("initialization", [&] { describe_initialization(b, c.initialization); });
}

void describe_batch(SchemaBuilder& b, BatchConfiguration& c) {
  b.number("tokens", c.tokens, between(1, 1 << 28), "tokens a step",
           "Size of the global batch, padding included: rows times the longest side, summed over the micro-batches.");
  b.number("micro_batches", c.micro_batches, between(1, 65536), "slots",
           "Parts that a global batch is computed in, shared among ranks and threads; a power of two.");
  b.number("pool_shards", c.pool_shards, between(1, 65536), "shards",
           "Shards of one slot that are shuffled together; more of them mix better and take more memory.");
}

void describe_optimizer(SchemaBuilder& b, OptimizerConfiguration& c) {
  b.choice("type", c.type,
           {{"sgd", OptimizerType::sgd},
            {"rmsprop", OptimizerType::rmsprop},
            {"adam", OptimizerType::adam},
            {"adamw", OptimizerType::adamw}},
           "Rule that turns gradients into updates.");
  b.number("learning_rate", c.learning_rate, above(0), "", "Highest learning rate of the schedule.");
  b.number("momentum", c.momentum, fraction(), "", "Share of the last update that is added to the next; `sgd` only.");
  b.flag("nesterov", c.nesterov, "Nesterov's form of momentum; `sgd` only.");
  b.number("rho", c.rho, fraction(), "", "Decay of the mean of squared gradients; `rmsprop` only.");
  b.number("beta1", c.beta1, fraction(), "", "Decay of the first moment; `adam` and `adamw` only.");
  b.number("beta2", c.beta2, fraction(), "", "Decay of the second moment; `adam` and `adamw` only.");
  b.number("epsilon", c.epsilon, at_least(0), "",
           "Added to the denominator; 0 is the type's own default, 1e-7 for `rmsprop` and 1e-8 for `adam` and "
           "`adamw`.");
  b.number("weight_decay", c.weight_decay, at_least(0), "",
           "Decay of the weights: beside the gradient with `adamw`, as an L2 penalty in it with the others.");
  b.number("clip_norm", c.clip_norm, at_least(0), "",
           "Gradients of a larger global norm are scaled down to it; 0: none are.");
}

void describe_schedule(SchemaBuilder& b, ScheduleConfiguration& c) {
  b.choice("type", c.type,
           {{"constant", ScheduleType::constant},
            {"exponential", ScheduleType::exponential},
            {"step", ScheduleType::step},
            {"plateau", ScheduleType::plateau},
            {"warmup_inverse_sqrt", ScheduleType::warmup_inverse_sqrt}},
           "How the learning rate changes: not at all, smoothly by `decay`, at once every `decay_every_steps`, where "
           "validation stops improving, or as the inverse square root of the step.");
  b.number("warmup_steps", c.warmup_steps, at_least(0), "steps",
           "Steps over which the rate rises linearly from 0, before any type.");
  b.number("decay_after_steps", c.decay_after_steps, at_least(0), "steps",
           "Nothing decays before; `exponential` and `step` only.");
  b.number("decay_every_steps", c.decay_every_steps, at_least(1), "steps",
           "Steps that one `decay` takes; `exponential` and `step` only.");
  b.number("decay", c.decay, share(), "factor", "Factor of one decay; `exponential`, `step` and `plateau` only.");
  b.number("patience", c.patience, at_least(0), "validations",
           "Validations without a new best before a decay; `plateau` only.");
  b.flag("return_to_best", c.return_to_best,
         "After a decay parameters, their averages and the optimizer's state are those of the best checkpoint again; "
         "`plateau` only.");
  b.number("minimum_factor", c.minimum_factor, fraction(), "factor",
           "Training ends when all decays together fall below this factor; 0: it does not. `plateau` only.");
  b.number("minimum_learning_rate", c.minimum_learning_rate, at_least(0), "", "Nothing decays below.");
}

void describe_training(SchemaBuilder& b, TrainingConfiguration& c) {
  b.number("max_steps", c.max_steps, at_least(1), "steps", "Steps after which training has finished.").change =
      ChangePolicy::free;
  b.number("threads", c.threads, between(1, 1024), "threads a rank",
           "Threads that compute slots side by side inside a rank.")
      .change = ChangePolicy::free;
  b.section("optimizer", [&] { describe_optimizer(b, c.optimizer); });
  b.section("schedule", [&] { describe_schedule(b, c.schedule); });
  b.number("label_smoothing", c.label_smoothing, fraction(), "share",
           "Share of the target distribution that is spread evenly over the vocabulary.");
  b.number(
      "r_drop", c.r_drop, at_least(0), "",
      "Weight of how far two passes over the same pairs, each with dropout of its own, are apart (R-Drop, Liang et "
      "al. 2021, whose values are 1 to 5); a step takes twice the time. 0: one pass.");
  b.number(
      "bpe_dropout", c.bpe_dropout, fraction(), "share",
      "Share of the tokenizer's merges that are left out, other ones in every epoch, so that training sees words in "
      "many pieces; wants a `bpe` model.");
  b.number(
      "average_decay", c.average_decay, fraction(), "",
      "Decay of a moving average of the parameters, which is then what is validated and translated with; 0: none is "
      "kept. 0.999 averages about the last 1,000 steps.");
  b.choice("precision", c.precision, {{"f32", Precision::f32}, {"bf16", Precision::bf16}},
           "What factors of products with weights are rounded to; parameters, sums, softmax and optimizer are f32 in "
           "either case. bf16 is faster on processors that have it, and wants AVX-512.");
  b.choice("gradient_exchange", c.gradient_exchange,
           {{"exact", GradientExchangeType::exact}, {"mpi", GradientExchangeType::mpi}},
           "How ranks add gradients: in one fixed tree, bit-identical for any number of ranks, or by MPI_Allreduce.");
  b.choice("gradient_precision", c.gradient_precision, {{"f32", Precision::f32}, {"bf16", Precision::bf16}},
           "What gradients are rounded to before two are added and when the sum is done; bf16 halves what ranks send.");
  b.choice(
       "isa", c.isa,
       {{"auto", InstructionSetChoice::automatic},
        {"sse41", InstructionSetChoice::sse41},
        {"avx2", InstructionSetChoice::avx2},
        {"avx512", InstructionSetChoice::avx512}},
       "Highest instruction set of x86 that any rank uses, for nodes of different processors to train together; auto: "
       "each the best that it has, and all ranks must have the same.")
      .change = ChangePolicy::free;
  b.number(
       "time_limit_minutes", c.time_limit_minutes, at_least(0), "minutes",
       "After so long a start of training commits a checkpoint and exits with status 75, as on a signal; 0: no limit.")
      .change = ChangePolicy::free;
  b.number("exchange_timeout_seconds", c.exchange_timeout_seconds, above(0), "seconds",
           "A rank that neither takes part nor answers for so long is named, and ends the job.")
      .change = ChangePolicy::free;
}

void describe_validation(SchemaBuilder& b, ValidationConfiguration& c) {
  b.number("every_steps", c.every_steps, at_least(1), "steps", "Steps between two validations.");
  b.choice("metric", c.metric,
           {{"loss", ValidationMetric::loss},
            {"perplexity", ValidationMetric::perplexity},
            {"accuracy", ValidationMetric::accuracy},
            {"bleu", ValidationMetric::bleu}},
           "What the best checkpoint, `patience` and the `plateau` schedule go by.");
  b.number("patience", c.patience, at_least(0), "validations",
           "Validations without a new best before training stops; 0: it never stops early.");
  b.number("beam", c.beam, between(1, 1000), "hypotheses",
           "Beam of the translations that BLEU is computed on; 1: "
           "greedy.");
  b.number("length_penalty", c.length_penalty, at_least(0), "",
           "Exponent of the length that a hypothesis' log-probability is divided by; 0: not divided.");
  b.number("batch_tokens", c.batch_tokens, between(1, 1 << 28), "tokens", "Size of a batch in validation.");
  b.choice<std::string>(
      "bleu_tokenize", c.bleu_tokenize, {{"13a", "13a"}, {"none", "none"}, {"intl", "intl"}, {"char", "char"}},
      "Tokeniser of BLEU, named as in sacreBLEU; `char` for languages that set no spaces between words.");
  b.flag("bleu_lowercase", c.bleu_lowercase, "BLEU without regard to case.");
}

void describe_checkpoint(SchemaBuilder& b, CheckpointConfiguration& c) {
  b.number("every_steps", c.every_steps, at_least(1), "steps", "Steps between two checkpoints.");
  b.number("keep_last", c.keep_last, at_least(1), "checkpoints", "Newest checkpoints that are kept.");
  b.flag("keep_best", c.keep_best, "Keeps the best by `validation.metric` beside them.");
  b.number("keep_every_steps", c.keep_every_steps, at_least(0), "steps",
           "Checkpoints of steps divisible by it are kept for good; 0: none.");
  b.choice(
      "on_error", c.on_error, {{"stop", OnCheckpointError::stop}, {"keep_going", OnCheckpointError::keep_going}},
      "What a checkpoint that cannot be written does: end the job, or be reported and tried again next time. A line "
      "of `metrics.jsonl` ends the job likewise, or is left out.");
}

}  // namespace

std::vector<Field> describe(Configuration& c) {
  SchemaBuilder b;
  Field& run = b.text("run", c.run, "required", "Run folder: checkpoints, metrics, and by default the corpus.");
  run.required = true;
  run.change = ChangePolicy::free;
  b.number("seed", c.seed, at_least(0), "",
           "Fixes initial weights, shuffling and dropout; the corpus does not depend on it.");
  b.section("corpus", ChangePolicy::never, [&] { describe_corpus(b, c.corpus); });
  b.section("model", ChangePolicy::never, [&] { describe_model(b, c.model); });
  b.section("batch", ChangePolicy::on_request, [&] { describe_batch(b, c.batch); });
  b.section("training", ChangePolicy::on_request, [&] { describe_training(b, c.training); });
  b.section("validation", ChangePolicy::free, [&] { describe_validation(b, c.validation); });
  b.section("checkpoint", ChangePolicy::free, [&] { describe_checkpoint(b, c.checkpoint); });
  b.section("logging", ChangePolicy::free, [&] {
    b.number("every_steps", c.logging.every_steps, at_least(1), "steps",
             "Steps between two `train` lines of `metrics.jsonl`.");
    b.flag("tensorboard", c.logging.tensorboard,
           "Writes the figures of `metrics.jsonl` to `RUN/tensorboard/` as well, for TensorBoard.");
  });
  return std::move(b.fields);
}

}  // namespace dragoman
