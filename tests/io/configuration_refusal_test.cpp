#include "io/configuration_reader.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "io/error.h"

namespace dragoman {
namespace {

std::string message_of(std::string_view yaml, const std::vector<std::string>& overrides = {}) {
  try {
    parse_configuration(yaml, "a.yaml", overrides);
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "accepted";
}

struct Refusal {
  std::string name, yaml, message;
  std::vector<std::string> overrides;
  friend std::ostream& operator<<(std::ostream& out, const Refusal& refusal) { return out << refusal.yaml; }
};

class ConfigurationRefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(ConfigurationRefusalTest, HasThisMessage) {
  EXPECT_EQ(message_of(GetParam().yaml, GetParam().overrides), GetParam().message);
}

std::string name_of(const testing::TestParamInfo<Refusal>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    OfValues, ConfigurationRefusalTest,
    testing::Values(
        Refusal{"BelowRange",
                "run: r\ntraining:\n  optimizer:\n    learning_rate: -0.1\n",
                "a.yaml:4:20: training.optimizer.learning_rate is -0.1, must be > 0",
                {}},
        Refusal{
            "AboveRange", "run: r\nmodel: {dropout: 1}\n", "a.yaml:2:18: model.dropout is 1, must be >= 0 and < 1", {}},
        Refusal{"Fraction",
                "run: r\ntraining: {max_steps: 1.5}\n",
                "a.yaml:2:23: training.max_steps is 1.5, must be a whole number >= 1",
                {}},
        Refusal{"ExponentInWholeNumber",
                "run: r\ntraining: {max_steps: 1e3}\n",
                "a.yaml:2:23: training.max_steps is 1e3, must be a whole number >= 1",
                {}},
        Refusal{"LeadingZero", "run: r\nseed: 010\n", "a.yaml:2:7: seed is 010, must be a whole number >= 0", {}},
        Refusal{"IntOverflow",
                "run: r\nvalidation: {patience: 2147483648}\n",
                "a.yaml:2:24: validation.patience is 2147483648, must be <= 2147483647",
                {}},
        Refusal{"Int64Overflow",
                "run: r\ntraining: {max_steps: 9223372036854775808}\n",
                "a.yaml:2:23: training.max_steps is 9223372036854775808, must be <= 9223372036854775807",
                {}},
        Refusal{"SeedOverflow",
                "run: r\nseed: 18446744073709551616\n",
                "a.yaml:2:7: seed is 18446744073709551616, must be <= 18446744073709551615",
                {}},
        Refusal{"NegativeSeed", "run: r\nseed: -1\n", "a.yaml:2:7: seed is -1, must be >= 0", {}},
        Refusal{"DoubleOverflow",
                "run: r\ntraining: {optimizer: {clip_norm: 1e400}}\n",
                "a.yaml:2:35: training.optimizer.clip_norm is 1e400, beyond the range of double precision",
                {}},
        Refusal{"Infinity",
                "run: r\ntraining: {optimizer: {clip_norm: .inf}}\n",
                "a.yaml:2:35: training.optimizer.clip_norm is .inf, must be a number >= 0",
                {}},
        Refusal{"NotANumber",
                "run: r\ntraining: {optimizer: {rho: nan}}\n",
                "a.yaml:2:29: training.optimizer.rho is nan, must be a number >= 0 and < 1",
                {}},
        Refusal{"QuotedNumber", "run: r\nseed: \"5\"\n", "a.yaml:2:7: seed is \"5\", must be a whole number >= 0", {}},
        Refusal{"YesForTrue",
                "run: r\ncheckpoint: {keep_best: yes}\n",
                "a.yaml:2:25: checkpoint.keep_best is yes, must be true or false",
                {}},
        Refusal{"EmptyNumber",
                "run: r\nmodel:\n  readout:\n\nbatch: {}\n",
                "a.yaml:3:3: model.readout is null, must be a whole number >= 0 and <= 32768",
                {}},
        Refusal{"UnknownName",
                "run: r\ntraining: {optimizer: {type: adm}}\n",
                "a.yaml:2:30: training.optimizer.type is adm, must be one of sgd, rmsprop, adam, adamw; did you mean "
                "adam?",
                {}},
        Refusal{"NameFarFromAll",
                "run: r\nvalidation: {metric: ter}\n",
                "a.yaml:2:22: validation.metric is ter, must be one of loss, perplexity, accuracy, bleu",
                {}},
        Refusal{"ListForText", "run: [a, b]\n", "a.yaml:1:6: run is a list, must be text", {}},
        Refusal{
            "LineEndInText", "run: |\n  a\n  b\n", "a.yaml:1:6: run holds a line end or another control character", {}},
        Refusal{"MappingForNumber",
                "run: r\nseed: {a: 1}\n",
                "a.yaml:2:7: seed is a mapping, must be a whole number >= 0",
                {}},
        Refusal{"NullInFileList",
                "run: r\ncorpus: {train: {source: [a, ~], target: b}}\n",
                "a.yaml:2:30: corpus.train.source holds null, must be a file name",
                {}},
        Refusal{"OneTokenizerSide",
                "run: r\ncorpus: {tokenizer: {file: {source: a}}}\n",
                "a.yaml:2:28: corpus.tokenizer.file is a mapping, must be a file or {source: FILE, target: FILE}",
                {}},
        Refusal{"UnknownTokenizerSide",
                "run: r\ncorpus: {tokenizer: {file: {source: a, tgt: b}}}\n",
                "a.yaml:2:40: corpus.tokenizer.file.tgt is unknown; its keys are source, target",
                {}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    OfKeys, ConfigurationRefusalTest,
    testing::Values(
        Refusal{"NearSibling",
                "run: r\nvalidation:\n  every_step: 3\n",
                "a.yaml:3:3: validation.every_step is unknown; did you mean every_steps?",
                {}},
        Refusal{"OtherSection",
                "run: r\ntraining: {dropout: 0.1}\n",
                "a.yaml:2:12: training.dropout is unknown; did you mean model.dropout?",
                {}},
        Refusal{"SeveralOtherSections",
                "run: r\nmodel: {units: 3}\n",
                "a.yaml:2:9: model.units is unknown; did you mean model.encoder.units, model.decoder.units or "
                "model.attention.units?",
                {}},
        Refusal{"MisspeltInOtherSection",
                "run: r\nlearnig_rate: 3\n",
                "a.yaml:2:1: learnig_rate is unknown; did you mean training.optimizer.learning_rate?",
                {}},
        Refusal{"SectionElsewhere",
                "run: r\nattention: {units: 3}\n",
                "a.yaml:2:1: attention is unknown; did you mean model.attention or model.dropouts.attention?",
                {}},
        Refusal{"Nothing",
                "run: r\nbatch: {quux: 3}\n",
                "a.yaml:2:9: batch.quux is unknown; its keys are tokens, micro_batches, pool_shards",
                {}},
        Refusal{"DottedKey",
                "run: r\ntraining.max_steps: 3\n",
                "a.yaml:2:1: training.max_steps is unknown; nest its parts as mappings, one below the other",
                {}},
        Refusal{
            "Twice", "run: r\nseed: 1\nseed: 2\n", "a.yaml:3:1: seed is given twice, first in line 2; leave one", {}},
        Refusal{"SectionTwice",
                "run: r\nbatch: {tokens: 8}\nbatch: {tokens: 16}\n",
                "a.yaml:3:1: batch is given twice, first in line 2; leave one",
                {}},
        Refusal{"ListAsKey",
                "run: r\nbatch: {[a]: 1}\n",
                "a.yaml:2:9: batch.a list is no key; the keys are tokens, micro_batches, pool_shards",
                {}},
        Refusal{"ScalarForSection",
                "run: r\nbatch: 64\n",
                "a.yaml:2:8: batch is 64, must be a mapping with the keys tokens, micro_batches, pool_shards",
                {}},
        Refusal{"NoRun", "seed: 1\n", "a.yaml:1:1: run is missing; name the run's folder, as in run: runs/NAME", {}},
        Refusal{"EmptyRun", "seed: 1\nrun:\n", "a.yaml:2:1: run is null, must be text", {}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    OfContradictions, ConfigurationRefusalTest,
    testing::Values(
        Refusal{"MicroBatches",
                "run: r\nbatch: {micro_batches: 6}\n",
                "a.yaml:2:24: batch.micro_batches is 6, must be a power of two",
                {}},
        Refusal{"Shards",
                "run: r\ncorpus:\n  shards: 10\n",
                "a.yaml:3:11: corpus.shards is 10, must be a multiple of batch.micro_batches, which is 4",
                {}},
        Refusal{"ShardsByDefault",
                "run: r\nbatch: {micro_batches: 128}\n",
                "a.yaml:2:24: corpus.shards is 64, must be a multiple of batch.micro_batches, which is 128",
                {}},
        Refusal{"Tokens",
                "run: r\nbatch: {tokens: 3}\n",
                "a.yaml:2:17: batch.tokens is 3, must be >= batch.micro_batches, which is 4",
                {}},
        Refusal{"TiedReadout",
                "run: r\nmodel: {readout: 128, tied_output: true}\n",
                "a.yaml:2:36: model.tied_output is true, but model.readout is 128, not the 256 of "
                "model.embedding",
                {}},
        Refusal{"TiedWithoutReadout",
                "run: r\nmodel: {readout: 0, tied_output: true}\n",
                "a.yaml:2:34: model.tied_output is true, but without a readout layer the logits are computed from 1024 "
                "units, not from the 256 of model.embedding",
                {}},
        Refusal{"SharedEmbeddingOfTwoTokenizers",
                "run: r\ncorpus: {tokenizer: {shared: false}}\nmodel: {shared_embedding: true}\n",
                "a.yaml:3:27: model.shared_embedding is true, but corpus.tokenizer.shared is false, so that the two "
                "sides have different pieces",
                {}},
        Refusal{"BpeDropoutOfAnotherModel",
                "run: r\ncorpus: {tokenizer: {model: word}}\ntraining: {bpe_dropout: 0.1}\n",
                "a.yaml:3:25: training.bpe_dropout is 0.1, but corpus.tokenizer.model is word, not bpe",
                {}},
        Refusal{"OddBidirectional",
                "run: r\nmodel: {encoder: {units: 255}}\n",
                "a.yaml:2:26: model.encoder.units is 255, must be even, half each way, where "
                "model.encoder.bidirectional is true",
                {}},
        Refusal{"RoundedGradientsThroughMpi",
                "run: r\ntraining:\n  gradient_exchange: mpi\n  gradient_precision: bf16\n",
                "a.yaml:4:23: training.gradient_precision is bf16, which the exact exchange alone sends; set "
                "training.gradient_exchange to exact",
                {}},
        Refusal{"ProductsOfDifferentWidths",
                "run: r\nmodel:\n  encoder: {units: 256}\n  attention: {type: scaled_dot}\n",
                "a.yaml:4:21: model.attention.type is scaled_dot, but model.encoder.units is 256 and "
                "model.decoder.units is 512, which must agree for that; general takes any widths",
                {}},
        Refusal{"HeadsThatCannotShare",
                "run: r\nmodel:\n  attention: {type: multi_head, heads: 7}\n",
                "a.yaml:3:40: model.attention.heads is 7, which cannot share the 512 of model.attention.units evenly",
                {}},
        Refusal{"InputFeedingWithoutAttention",
                "run: r\nmodel:\n  decoder: {input_feeding: true}\n  attention: {type: none}\n",
                "a.yaml:3:28: model.decoder.input_feeding is true, but model.attention.type is none, so that there is "
                "no context vector to feed",
                {}},
        Refusal{"InputFeedingOfTheSameContext",
                "run: r\nmodel:\n  decoder: {input_feeding: true}\n  attention: {query: encoder_final}\n",
                "a.yaml:3:28: model.decoder.input_feeding is true, but model.attention.query is encoder_final, whose "
                "context vector is the same at every step; set one of the two otherwise",
                {}},
        Refusal{"MomentumOfAdam",
                "run: r\ntraining: {optimizer: {momentum: 0.9}}\n",
                "a.yaml:2:34: training.optimizer.momentum is 0.9, but only sgd uses it; training.optimizer.type is "
                "adam",
                {}},
        Refusal{"NesterovWithoutMomentum",
                "run: r\ntraining: {optimizer: {type: sgd, nesterov: true}}\n",
                "a.yaml:2:45: training.optimizer.nesterov is true, but training.optimizer.momentum is 0.0",
                {}},
        Refusal{"NoWarmup",
                "run: r\ntraining: {schedule: {type: warmup_inverse_sqrt}}\n",
                "a.yaml:2:29: training.schedule.warmup_steps is 0, must be >= 1 where training.schedule.type is "
                "warmup_inverse_sqrt",
                {}},
        Refusal{"NothingToReturnTo",
                "run: r\ntraining: {schedule: {type: plateau}}\ncheckpoint: {keep_best: false}\n",
                "a.yaml:3:25: training.schedule.return_to_best is true, but checkpoint.keep_best is false, so that "
                "there would be nothing to return to; set one of the two otherwise",
                {}},
        Refusal{"EndsBeforeThePlateau",
                "run: r\ntraining: {schedule: {type: plateau}}\nvalidation: {patience: 2}\n",
                "a.yaml:3:24: validation.patience is 2, so that training ends before anything decays; it must be > "
                "training.schedule.patience, which is 2, or 0",
                {}},
        Refusal{"EndsWithTheFirstPlateau",
                "run: r\ntraining: {schedule: {type: plateau, patience: 0}}\nvalidation: {patience: 1}\n",
                "a.yaml:3:24: validation.patience is 1, so that training ends before anything decays; it must be > 1, "
                "or 0",
                {}},
        Refusal{"RDropWithoutDropout",
                "run: r\ntraining: {r_drop: 3}\n",
                "a.yaml:2:20: training.r_drop is 3.0, but there is no dropout by which its two passes would differ; "
                "set model.dropout, or one of model.dropouts",
                {}},
        Refusal{"MinimumFactorOfAnotherSchedule",
                "run: r\ntraining: {schedule: {minimum_factor: 0.1}}\n",
                "a.yaml:2:39: training.schedule.minimum_factor is 0.1, but only plateau uses it; "
                "training.schedule.type is constant",
                {}},
        Refusal{"MinimumAboveRate",
                "run: r\ntraining: {schedule: {minimum_learning_rate: 1}}\n",
                "a.yaml:2:46: training.schedule.minimum_learning_rate is 1.0, must be <= "
                "training.optimizer.learning_rate, which is 0.001",
                {}},
        Refusal{"SourceWithoutTarget",
                "run: r\ncorpus: {valid: {source: v.en}}\n",
                "a.yaml:2:26: corpus.valid.target is missing, but corpus.valid.source is given",
                {}},
        Refusal{"SharedTokenizerOfTwoFiles",
                "run: r\ncorpus: {tokenizer: {shared: true, file: {source: a, target: b}}}\n",
                "a.yaml:2:30: corpus.tokenizer.shared is true, but corpus.tokenizer.file names two files",
                {}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    OfText, ConfigurationRefusalTest,
    testing::Values(
        Refusal{"Empty", "", "a.yaml:1:1: the file is empty, must be a mapping of keys, such as run: runs/NAME", {}},
        Refusal{"List",
                "- a\n",
                "a.yaml:1:1: the file holds a list, must be a mapping of keys, such as run: runs/NAME",
                {}},
        Refusal{"Syntax", "run: r\nbatch: {tokens: 8]\n", "a.yaml:2:18: this is no valid YAML: illegal flow end", {}},
        Refusal{
            "OpenQuote", "run: \"r\nseed: 1\n", "a.yaml:2:8: a quoted text that begins further up is not closed", {}},
        Refusal{"Tab", "run: r\nbatch:\n \ttokens: 8\n", "a.yaml:3:2: the line is indented with a tab; use spaces", {}},
        Refusal{"Anchor",
                "run: &a r\ncorpus: {directory: *a}\n",
                "a.yaml:1:6: an anchor (&name) stands here; write the value out where needed",
                {}},
        Refusal{"Tag",
                "run: r\nseed: !!int 1\n",
                "a.yaml:2:7: the tag tag:yaml.org,2002:int stands here; leave it out, types follow from the keys",
                {}},
        Refusal{"SecondDocument",
                "run: r\n---\nrun: s\n",
                "a.yaml:3:1: a second document begins here; one is expected",
                {}},
        Refusal{"Deep",
                "run: " + std::string(100, '[') + std::string(100, ']'),
                "a.yaml:1:37: nested deeper than 32 levels",
                {}},
        Refusal{"Latin1",
                "run: r\ncorpus: {directory: M\xfcnchen}\n",
                "a.yaml:2:22: not UTF-8 from here; save the file as UTF-8",
                {}},
        Refusal{"Binary",
                std::string("run: \0r", 7),
                "a.yaml:1:6: a control character stands here; is this a text file?",
                {}},
        Refusal{"Huge",
                std::string((1 << 20) + 1, '#'),
                "a.yaml:1:1: the text has 1048577 bytes, more than any configuration",
                {}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    OfOverrides, ConfigurationRefusalTest,
    testing::Values(
        Refusal{"WrongValue",
                "run: r\n",
                "--set training.max_steps=x:1:20: training.max_steps is x, must be a whole number >= 1",
                {"training.max_steps=x"}},
        Refusal{"UnknownKey",
                "run: r\n",
                "--set model.dropuot=0.1:1:7: model.dropuot is unknown; did you mean dropout?",
                {"model.dropuot=0.1"}},
        Refusal{"NoEquals",
                "run: r\n",
                "--set seed:1:1: expected key.path=VALUE, such as training.max_steps=100",
                {"seed"}},
        Refusal{"NoKey", "run: r\n", "--set =3:1:1: expected key.path=VALUE, such as training.max_steps=100", {"=3"}},
        Refusal{"NoValue", "run: r\n", "--set seed=:1:6: seed is null, must be a whole number >= 0", {"seed="}},
        Refusal{"OpenBrace",
                "run: r\n",
                "--set seed={a:1:8: this is no valid YAML: end of map flow not found",
                {"seed={a"}},
        Refusal{"BelowAValue",
                "run: r\ncorpus: {tokenizer: {file: m}}\n",
                "--set corpus.tokenizer.file.source=n:1:1: corpus.tokenizer.file is m so far, which has no keys; set "
                "the whole of it, as in corpus.tokenizer.file={source: VALUE}",
                {"corpus.tokenizer.file.source=n"}},
        Refusal{"Contradiction",
                "run: r\n",
                "--set batch.micro_batches=6:1:21: batch.micro_batches is 6, must be a "
                "power of two",
                {"batch.micro_batches=6"}}),
    name_of);

TEST(ConfigurationRefusalsTest, AreReportedAllAtOnceInTheOrderOfTheText) {
  EXPECT_EQ(
      message_of("sede: 3\n"
                 "training:\n"
                 "  optimizer: {learning_rate: -0.1, type: adm}\n"
                 "validation:\n"
                 "  every_step: 3\n"
                 "model: {tied_output: true, embedding: 7}\n"
                 "run: [r]\n",
                 {"batch.tokens=none", "seed=x"}),
      "a.yaml:1:1: sede is unknown; did you mean seed?\n"
      "a.yaml:3:30: training.optimizer.learning_rate is -0.1, must be > 0\n"
      "a.yaml:3:42: training.optimizer.type is adm, must be one of sgd, rmsprop, adam, adamw; did you mean adam?\n"
      "a.yaml:5:3: validation.every_step is unknown; did you mean every_steps?\n"
      "a.yaml:6:22: model.tied_output is true, but model.readout is 256, not the 7 of model.embedding\n"
      "a.yaml:7:6: run is a list, must be text\n"
      "--set batch.tokens=none:1:14: batch.tokens is none, must be a whole number >= 1 and <= 268435456\n"
      "--set seed=x:1:6: seed is x, must be a whole number >= 0");
}

TEST(ConfigurationRefusalsTest, NothingIsConcludedFromARefusedValue) {
  EXPECT_EQ(message_of("run: r\nbatch: {micro_batches: x}\ncorpus: {shards: 7}\n"),
            "a.yaml:2:24: batch.micro_batches is x, must be a whole number >= 1 and <= 65536");
  EXPECT_EQ(message_of("run: r\nbatch: [4]\ncorpus: {shards: 7}\n"),
            "a.yaml:2:8: batch is a list, must be a mapping with the keys tokens, micro_batches, pool_shards");
}

}  // namespace
}  // namespace dragoman
