#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "launch/commands.h"
#include "launch/inference_flags.h"
#include "launch/option_checks.h"

namespace dragoman {
namespace {

void add_evaluate(Commands& commands) {
  const auto options = std::make_shared<EvaluateOptions>();
  CLI::App* command = commands.add("evaluate", "Translations", "Translate a held-out set and score it with BLEU",
                                   "  mpirun -n 2 dragoman evaluate runs/my --split test --output test.out\n"
                                   "  dragoman evaluate averaged.h5 --source news.en --reference news.de --json\n"
                                   "  dragoman evaluate runs/my --by-length 5",
                                   [options] { return *options; });
  add_model_flags(*command, options->inference);
  add_search_flags(*command, options->inference.search);
  const auto text = [command](const char* name, std::string& value, const char* description, const char* kind) {
    return command->add_option(name, value, description)->option_text(kind)->group("Text");
  };
  CLI::Option* split = text("--split", options->split, "part of the run's corpus: test (default) or valid", "NAME");
  split->check(one_of({"valid", "test"}));
  CLI::Option* source = text("--source", options->source, "text to translate, in the place of a split", "FILE");
  CLI::Option* reference = text("--reference", options->reference, "its translation, line by line", "FILE");
  source->needs(reference)->excludes(split);
  reference->needs(source);
  command
      ->add_option("--tokenize", options->tokenize,
                   "BLEU's tokeniser: 13a, none, intl or char (default: that of validation)")
      ->check(one_of({"13a", "none", "intl", "char"}))
      ->option_text("NAME");
  command->add_flag("--lowercase", options->lowercase, "ignore case in BLEU");
  command
      ->add_option("--by-length", options->by_length,
                   "also BLEU by the length of the source, sentences of every N lengths in words together")
      ->check(whole_number(1, 1000))
      ->option_text("N");
  command->add_option("--output", options->output, "file for the translations")->option_text("FILE");
  command->add_flag("--json", options->json, "the score as a JSON object, at full precision");
}

void add_translate(Commands& commands) {
  const auto options = std::make_shared<TranslateOptions>();
  CLI::App* command = commands.add("translate", "Translations", "Translate standard input to standard output",
                                   "  dragoman translate runs/my < source.en > translation.de\n"
                                   "  dragoman translate runs/my --n-best 5 < source.en > five-best.txt\n"
                                   "  dragoman translate runs/my --attention attention.html < source.en\n"
                                   "  dragoman translate runs/seed-1 runs/seed-2 < source.en > ensemble.de",
                                   [options] { return *options; });
  add_model_flags(*command, options->inference);
  add_search_flags(*command, options->inference.search);
  command
      ->add_option("--n-best", options->n_best,
                   "so many translations of a sentence, each a line: NUMBER ||| TEXT ||| log_probability= X ||| SCORE")
      ->check(whole_number(1, 1000))
      ->option_text("N");
  add_alignment_flags(*command, options->alignments);
}

void add_rescore(Commands& commands) {
  const auto options = std::make_shared<RescoreOptions>();
  CLI::App* command = commands.add(
      "rescore", "Translations", "Print how likely a model finds given translations: log-probability, and per token",
      "  dragoman rescore runs/my --source test.en --target test.de\n"
      "  dragoman rescore runs/my --source test.en --target test.de --alignments test.align",
      [options] { return *options; });
  add_model_flags(*command, options->inference);
  command->add_option("--source", options->source, "text, one sentence a line (required)")
      ->required()
      ->option_text("FILE");
  command->add_option("--target", options->target, "its translation, line by line (required)")
      ->required()
      ->option_text("FILE");
  add_alignment_flags(*command, options->alignments);
}

void add_score(Commands& commands) {
  const auto options = std::make_shared<ScoreOptions>();
  CLI::App* command = commands.add("score", "Translations", "Score translations against references",
                                   "  dragoman score --hypothesis out.de --reference test2016.de\n"
                                   "  dragoman score --hypothesis out.de --reference a.de b.de --sentence --json\n"
                                   "  dragoman score --hypothesis out.de --reference test2016.de --metric chrf\n"
                                   "  dragoman score --hypothesis base.de --reference test2016.de --compare new.de",
                                   [options] { return *options; });
  command->add_option("--hypothesis", options->hypothesis, "translations, detokenised, one a line (required)")
      ->required()
      ->option_text("FILE");
  command->add_option("--reference", options->references, "one or more references, line by line (required)")
      ->required()
      ->option_text("FILE...");
  command->add_option("--metric", options->metric, "bleu (default), chrf or ter")
      ->check(one_of({"bleu", "chrf", "ter"}))
      ->option_text("NAME");
  command->add_flag("--lowercase", options->lowercase, "ignore case, as ter does anyway");
  command->add_option("--tokenize", options->tokenize, "13a (default), none, intl or char")
      ->check(one_of({"13a", "none", "intl", "char"}))
      ->option_text("NAME")
      ->group("BLEU");
  command->add_option("--smooth", options->smooth, "exp (default), floor, add-k or none")
      ->check(one_of({"exp", "floor", "add-k", "none"}))
      ->option_text("NAME")
      ->group("BLEU");
  command->add_option("--smooth-value", options->smooth_value, "of floor (default 0.1) and add-k (default 1)")
      ->check(number_of_at_least(0))
      ->option_text("X")
      ->group("BLEU");
  command
      ->add_option("--word-order", options->word_order, "n-grams of words that count too: 0 (default), 1 or 2 (chrF++)")
      ->check(whole_number(0, 2))
      ->option_text("N")
      ->group("chrF");
  command->add_flag("--case-sensitive", options->case_sensitive, "let a word in another case be another word")
      ->group("TER");
  command->add_flag("--confidence", options->confidence, "with a 95 % interval, by bootstrap resampling")
      ->group("Significance");
  command->add_option("--compare", options->compare, "other systems' translations: do they differ from --hypothesis?")
      ->option_text("FILE...")
      ->group("Significance");
  command->add_option("--test", options->test, "bootstrap (paired, default) or randomization (approximate)")
      ->check(one_of({"bootstrap", "randomization"}))
      ->option_text("NAME")
      ->group("Significance");
  command
      ->add_option("--samples", options->samples,
                   "how often to draw (default 1000 of bootstrap, 10000 of randomization)")
      ->check(whole_number(1, 1'000'000))
      ->option_text("N")
      ->group("Significance");
  command->add_option("--seed", options->seed, "of what is drawn (default 12345)")
      ->check(whole_number(0))
      ->option_text("K")
      ->group("Significance");
  command->add_flag("--sentence", options->sentence, "a score for each line instead of one for all");
  command->add_flag("--json", options->json, "one JSON object a score, at full precision");
}

void add_inspect(Commands& commands) {
  const auto options = std::make_shared<InspectOptions>();
  CLI::App* command = commands.add("inspect", "Translations",
                                   "Tell what is in a shard, a checkpoint, soft alignments, a corpus or a run folder",
                                   "  dragoman inspect runs/quickstart\n"
                                   "  dragoman inspect runs/quickstart/corpus/train-00000-of-00064.h5 --verify",
                                   [options] { return *options; });
  command->add_option("FILE|RUN", options->path, "file, or run folder for its newest good checkpoint")
      ->required()
      ->option_text(" ");
  command->add_flag("--verify", options->verify, "read every file whole and check its content hash");
}

void add_report(Commands& commands) {
  const auto options = std::make_shared<ReportOptions>();
  CLI::App* command = commands.add("report", "Translations",
                                   "Write an HTML page that shows a run: curves, times, corpus and translations",
                                   "  dragoman report runs/my\n"
                                   "  mpirun -n 2 dragoman report runs/my --out my.html --samples 100",
                                   [options] { return *options; });
  command->add_option("RUN", options->run, "run folder; training may still be going on")->required()->option_text(" ");
  add_speed_flags(*command, options->inference);
  add_search_flags(*command, options->inference.search);
  command->add_option("--out", options->out, "page to write (default: RUN/report.html)")->option_text("FILE");
  command->add_option("--samples", options->samples, "validation pairs to show with their translations (default 20)")
      ->check(whole_number(0, 1'000'000))
      ->option_text("N");
  command
      ->add_option("--by-length", options->by_length,
                   "BLEU by the length of the source, sentences of every N lengths in words together (default 5)")
      ->check(whole_number(1, 1000))
      ->option_text("N");
}

}  // namespace

void add_translation_commands(Commands& commands) {
  add_evaluate(commands);
  add_translate(commands);
  add_rescore(commands);
  add_score(commands);
  add_inspect(commands);
  add_report(commands);
}

}  // namespace dragoman
