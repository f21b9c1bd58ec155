#include "launch/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "launch/errors.h"
#include "launch/inference_flags.h"
#include "launch/option_checks.h"
#include "launch/version.h"

namespace dragoman {
namespace {

std::string see_help(const CLI::App& command) {
  const std::string name = command.get_parent() == nullptr ? "dragoman" : "dragoman " + command.get_name();
  return "; see `" + name + " --help`";
}

/// The whole command line; parsing fills the options of the command that was given.
class Parser {
 public:
  Parser();
  Request parse(int argc, const char* const* argv);

 private:
  CLI::App* add_command(const std::string& name, const std::string& group, const std::string& description,
                        const std::string& examples, std::function<Request()> request);
  void add_phrasebook();
  void add_prepare();
  void add_train();
  void add_sweep();
  void add_average();
  void add_benchmark();
  void add_plan();
  void add_evaluate();
  void add_translate();
  void add_rescore();
  void add_score();
  void add_inspect();
  void add_report();

  /// @throws UsageError where an argument was left over.
  void check_unknown() const;

  struct Command {
    CLI::App* app;
    std::function<Request()> request;  // the options that parsing has filled
  };

  CLI::App app_{"Dragoman trains attention-based LSTM translation models on clusters of CPUs.", "dragoman"};
  std::vector<Command> commands_;
  bool version_ = false;
  PhrasebookOptions phrasebook_;
  std::string phrasebook_folder_;  // CLI11 would read a path up to its first space
  PrepareOptions prepare_;
  TrainOptions train_;
  SweepOptions sweep_;
  AverageOptions average_;
  BenchmarkOptions benchmark_;
  PlanOptions plan_;
  EvaluateOptions evaluate_;
  TranslateOptions translate_;
  RescoreOptions rescore_;
  ScoreOptions score_;
  InspectOptions inspect_;
  ReportOptions report_;
};

/// CONFIG and --set, alike wherever a command takes a configuration.
void add_configuration(CLI::App& command, std::string& configuration, std::vector<std::string>& settings) {
  command.add_option("CONFIG", configuration, "configuration, a YAML file")->required()->option_text(" ");
  command.add_option("--set", settings, "change one key, value in YAML flow form; may be given again")
      ->allow_extra_args(false)
      ->option_text("KEY.PATH=VALUE");
}

void add_progress(CLI::App& command, ProgressMode& progress) {
  const std::map<std::string, ProgressMode> modes = {
      {"auto", ProgressMode::automatic}, {"live", ProgressMode::live}, {"plain", ProgressMode::plain}};
  command
      .add_option_function<std::string>(
          "--progress", [&progress, modes](const std::string& name) { progress = modes.at(name); },
          "live: one line, rewritten; plain: a line now and then; auto (default): live on a terminal")
      ->check(one_of({"auto", "live", "plain"}))
      ->option_text("MODE");
}

Parser::Parser() {
  app_.set_help_flag("-h,--help", "print this and exit");
  app_.add_flag("--version", version_, "print the versions of Dragoman and its libraries and exit");
  app_.require_subcommand(0, 1);
  app_.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app_.footer(
      "`dragoman COMMAND --help` tells more of each. prepare, train, sweep, evaluate, translate, report and benchmark\n"
      "run alone or under `mpirun -n N` or `srun`. Results go to standard output, the rest to standard error.\n"
      "Exit status: 0 done, 2 wrong usage or configuration, 1 failure, 75 stopped on request after a checkpoint.");
  add_phrasebook();
  add_prepare();
  add_train();
  add_sweep();
  add_average();
  add_benchmark();
  add_plan();
  add_evaluate();
  add_translate();
  add_rescore();
  add_score();
  add_inspect();
  add_report();
}

CLI::App* Parser::add_command(const std::string& name, const std::string& group, const std::string& description,
                              const std::string& examples, std::function<Request()> request) {
  CLI::App* command = app_.add_subcommand(name, description);
  command->group(group);
  command->set_help_flag("-h,--help", "print this and exit");
  command->footer("Examples:\n" + examples);
  commands_.push_back({command, std::move(request)});
  return command;
}

void Parser::add_phrasebook() {
  CLI::App* command =
      add_command("phrasebook", "Text and corpus",
                  "Write the built-in English-German corpus, generated from templates: {train,valid,test}.{en,de}",
                  "  dragoman phrasebook --pairs 100000 --seed 1 --out runs/quickstart/text", [this] {
                    phrasebook_.folder = phrasebook_folder_;
                    return phrasebook_;
                  });
  command
      ->add_option("--pairs", phrasebook_.pairs, "training pairs (default " + std::to_string(phrasebook_.pairs) + ")")
      ->check(whole_number(1))
      ->option_text("N");
  command->add_option("--seed", phrasebook_.seed, "which pairs; equal seeds give equal files (default 1)")
      ->check(whole_number(0))
      ->option_text("K");
  command->add_option("--out", phrasebook_folder_, "folder to write to, made where missing (required)")
      ->required()
      ->option_text("DIR");
}

void Parser::add_prepare() {
  CLI::App* command = add_command("prepare", "Text and corpus", "Turn text into a tokenizer and a sharded corpus",
                                  "  dragoman prepare configs/multi30k-en-de.yaml\n"
                                  "  mpirun -n 2 dragoman prepare my.yaml --set corpus.tokenizer.vocabulary=16000",
                                  [this] { return prepare_; });
  add_configuration(*command, prepare_.configuration, prepare_.settings);
}

void Parser::add_train() {
  CLI::App* command =
      add_command("train", "Training", "Train the configured model, going on where the run folder has a checkpoint",
                  "  launch/mpirun.sh -n 2 dragoman train configs/multi30k-en-de.yaml\n"
                  "  dragoman train my.yaml --from runs/general/checkpoints/step-00012000.h5 --set run=runs/special",
                  [this] { return train_; });
  add_configuration(*command, train_.configuration, train_.settings);
  CLI::Option* fresh = command->add_flag("--fresh", train_.fresh, "start over: set this run's checkpoints aside first");
  fresh->group("Where to begin");
  command->add_option("--from", train_.from, "fine-tune: begin with the parameters of this checkpoint")
      ->option_text("CHECKPOINT")
      ->group("Where to begin");
  command
      ->add_flag("--accept-change", train_.accept_change,
                 "resume although schedule, optimizer, dropout or batch have changed")
      ->excludes(fresh)
      ->option_text(" ")
      ->group("Where to begin");
  add_progress(*command, train_.progress);
  command->add_flag("--profile", train_.profile,
                    "at the end, tell where the time went, and write a trace of some steps to RUN/trace.json, for "
                    "chrome://tracing or Perfetto");
}

void Parser::add_sweep() {
  CLI::App* command = add_command(
      "sweep", "Training", "Train every configuration of a grid, each in a run folder of its own, and print a table",
      "  launch/mpirun.sh -n 2 dragoman sweep my.yaml --grid model.dropout=0.1,0.3 --grid seed=1,2,3\n"
      "  dragoman sweep my.yaml --variants attention.yaml --table",
      [this] { return sweep_; });
  SweepChoice& choice = sweep_.choice;
  add_configuration(*command, choice.configuration, choice.settings);
  const auto text = [command](const char* name, auto& value, const char* description, const char* kind) {
    return command->add_option(name, value, description)->option_text(kind);
  };
  text("--grid", choice.grid, "values of one key, in YAML flow form; given again, all combinations are trained",
       "KEY.PATH=VALUE,...")
      ->allow_extra_args(false);
  text("--variants", choice.variants, "YAML file of named rows, NAME: {KEY.PATH: VALUE, ...}", "FILE");
  text("--out", choice.out, "folder of the run folders (default: the configuration's run, then -sweep)", "DIR");
  text("--only", sweep_.only, "train, or show, the row of this number alone, counted from 0", "K")
      ->check(whole_number(0));
  const char* const instead = "Instead of training";
  CLI::Option* count = command->add_flag("--count", sweep_.count, "print the number of rows")->group(instead);
  CLI::Option* prepare =
      command->add_flag("--prepare", sweep_.prepare, "prepare the corpora that are missing")->group(instead);
  CLI::Option* table =
      command->add_flag("--table", sweep_.table, "print the table of what is done so far")->group(instead);
  count->excludes(prepare)->excludes(table)->option_text(" ");
  prepare->excludes(table)->option_text(" ");
  table->option_text(" ");
  command->add_flag("--json", sweep_.json, "the table as one JSON object a run, at full precision");
  add_progress(*command, sweep_.progress);
}

void Parser::add_average() {
  CLI::App* command =
      add_command("average", "Training", "Write a checkpoint with the mean of several checkpoints' parameters",
                  "  dragoman average runs/my/checkpoints/step-*.h5 --out averaged.h5", [this] { return average_; });
  command->add_option("CHECKPOINT", average_.checkpoints, "checkpoints of one model")->required()->option_text("...");
  command->add_option("--out", average_.out, "checkpoint to write (required)")->required()->option_text("FILE");
}

void Parser::add_benchmark() {
  CLI::App* command = add_command(
      "benchmark", "Training", "Time real training steps and print one JSON line; keeps nothing",
      "  mpirun -n 2 dragoman benchmark configs/multi30k-en-de.yaml --steps 200", [this] { return benchmark_; });
  add_configuration(*command, benchmark_.configuration, benchmark_.settings);
  command->add_option("--steps", benchmark_.steps, "steps to time (default 100)")
      ->check(whole_number(1))
      ->option_text("N");
  command->add_flag("--profile", benchmark_.profile, "tell where the time goes, too");
}

void Parser::add_plan() {
  CLI::App* command = add_command(
      "plan", "Training", "Predict step times on many ranks from figures measured on few",
      "  dragoman plan --compute-ms 463 --deviation-ms 12 --update-ms 24 --parameters 7017073 --link-gbit 10",
      [this] { return plan_; });
  const auto number = [command](const char* name, double& value, double low, const char* description,
                                const char* group) {
    return command->add_option(name, value, description)
        ->check(number_of_at_least(low))
        ->option_text("X")
        ->group(group);
  };
  const char* const benchmark = "From dragoman benchmark";
  number("--compute-ms", plan_.compute_ms, 0, "compute_ms_per_step (required)", benchmark)->required();
  number("--deviation-ms", plan_.deviation_ms, 0, "compute_ms_deviation (default 0)", benchmark);
  number("--update-ms", plan_.update_ms, 0, "update_ms_per_step (default 0)", benchmark);
  command->add_option("--parameters", plan_.parameters, "parameters (required)")
      ->required()
      ->check(whole_number(1))
      ->option_text("N")
      ->group(benchmark);
  command
      ->add_option("--gradient-precision", plan_.gradient_precision,
                   "training.gradient_precision: f32 (default) or bf16")
      ->check(one_of({"f32", "bf16"}))
      ->option_text("NAME")
      ->group("Job");
  command->add_option("--ranks-per-node", plan_.ranks_per_node, "default 1")
      ->check(whole_number(1, 100000))
      ->option_text("R")
      ->group("Job");
  const char* const network = "Network";
  number("--link-gbit", plan_.link_gbit, 1e-3, "a node's link, each way, Gbit/s (required)", network)->required();
  number("--latency-us", plan_.latency_us, 0, "of a message between nodes, microseconds (default 50)", network);
  number("--node-gbyte", plan_.node_gbyte, 1e-3, "between ranks of a node, each way, GB/s (default 5)", network);
  command->add_flag("--json", plan_.json, "one JSON object a line");
}

void Parser::add_evaluate() {
  CLI::App* command = add_command("evaluate", "Translations", "Translate a held-out set and score it with BLEU",
                                  "  mpirun -n 2 dragoman evaluate runs/my --split test --output test.out\n"
                                  "  dragoman evaluate averaged.h5 --source news.en --reference news.de --json\n"
                                  "  dragoman evaluate runs/my --by-length 5",
                                  [this] { return evaluate_; });
  add_model_flags(*command, evaluate_.inference);
  add_search_flags(*command, evaluate_.inference.search);
  const auto text = [command](const char* name, std::string& value, const char* description, const char* kind) {
    return command->add_option(name, value, description)->option_text(kind)->group("Text");
  };
  CLI::Option* split = text("--split", evaluate_.split, "part of the run's corpus: test (default) or valid", "NAME");
  split->check(one_of({"valid", "test"}));
  CLI::Option* source = text("--source", evaluate_.source, "text to translate, in the place of a split", "FILE");
  CLI::Option* reference = text("--reference", evaluate_.reference, "its translation, line by line", "FILE");
  source->needs(reference)->excludes(split);
  reference->needs(source);
  command->add_option("--tokenize", evaluate_.tokenize, "BLEU's tokeniser: 13a (default), none, intl or char")
      ->check(one_of({"13a", "none", "intl", "char"}))
      ->option_text("NAME");
  command->add_flag("--lowercase", evaluate_.lowercase, "ignore case in BLEU");
  command
      ->add_option("--by-length", evaluate_.by_length,
                   "also BLEU by the length of the source, sentences of every N lengths in words together")
      ->check(whole_number(1, 1000))
      ->option_text("N");
  command->add_option("--output", evaluate_.output, "file for the translations")->option_text("FILE");
  command->add_flag("--json", evaluate_.json, "the score as a JSON object, at full precision");
}

void Parser::add_translate() {
  CLI::App* command = add_command("translate", "Translations", "Translate standard input to standard output",
                                  "  dragoman translate runs/my < source.en > translation.de\n"
                                  "  dragoman translate runs/my --n-best 5 < source.en > five-best.txt\n"
                                  "  dragoman translate runs/my --attention attention.html < source.en\n"
                                  "  dragoman translate runs/seed-1 runs/seed-2 < source.en > ensemble.de",
                                  [this] { return translate_; });
  add_model_flags(*command, translate_.inference);
  add_search_flags(*command, translate_.inference.search);
  command
      ->add_option("--n-best", translate_.n_best,
                   "so many translations of a sentence, each a line: NUMBER ||| TEXT ||| log_probability= X ||| SCORE")
      ->check(whole_number(1, 1000))
      ->option_text("N");
  add_alignment_flags(*command, translate_.alignments);
}

void Parser::add_rescore() {
  CLI::App* command = add_command(
      "rescore", "Translations", "Print how likely a model finds given translations: log-probability, and per token",
      "  dragoman rescore runs/my --source test.en --target test.de\n"
      "  dragoman rescore runs/my --source test.en --target test.de --alignments test.align",
      [this] { return rescore_; });
  add_model_flags(*command, rescore_.inference);
  command->add_option("--source", rescore_.source, "text, one sentence a line (required)")
      ->required()
      ->option_text("FILE");
  command->add_option("--target", rescore_.target, "its translation, line by line (required)")
      ->required()
      ->option_text("FILE");
  add_alignment_flags(*command, rescore_.alignments);
}

void Parser::add_score() {
  CLI::App* command = add_command("score", "Translations", "Score translations against references",
                                  "  dragoman score --hypothesis out.de --reference test2016.de\n"
                                  "  dragoman score --hypothesis out.de --reference a.de b.de --sentence --json\n"
                                  "  dragoman score --hypothesis out.de --reference test2016.de --metric chrf\n"
                                  "  dragoman score --hypothesis base.de --reference test2016.de --compare new.de",
                                  [this] { return score_; });
  command->add_option("--hypothesis", score_.hypothesis, "translations, detokenised, one a line (required)")
      ->required()
      ->option_text("FILE");
  command->add_option("--reference", score_.references, "one or more references, line by line (required)")
      ->required()
      ->option_text("FILE...");
  command->add_option("--metric", score_.metric, "bleu (default), chrf or ter")
      ->check(one_of({"bleu", "chrf", "ter"}))
      ->option_text("NAME");
  command->add_flag("--lowercase", score_.lowercase, "ignore case, as ter does anyway");
  command->add_option("--tokenize", score_.tokenize, "13a (default), none, intl or char")
      ->check(one_of({"13a", "none", "intl", "char"}))
      ->option_text("NAME")
      ->group("BLEU");
  command->add_option("--smooth", score_.smooth, "exp (default), floor, add-k or none")
      ->check(one_of({"exp", "floor", "add-k", "none"}))
      ->option_text("NAME")
      ->group("BLEU");
  command->add_option("--smooth-value", score_.smooth_value, "of floor (default 0.1) and add-k (default 1)")
      ->check(number_of_at_least(0))
      ->option_text("X")
      ->group("BLEU");
  command
      ->add_option("--word-order", score_.word_order, "n-grams of words that count too: 0 (default), 1 or 2 (chrF++)")
      ->check(whole_number(0, 2))
      ->option_text("N")
      ->group("chrF");
  command->add_flag("--case-sensitive", score_.case_sensitive, "let a word in another case be another word")
      ->group("TER");
  command->add_flag("--confidence", score_.confidence, "with a 95 % interval, by bootstrap resampling")
      ->group("Significance");
  command->add_option("--compare", score_.compare, "other systems' translations: do they differ from --hypothesis?")
      ->option_text("FILE...")
      ->group("Significance");
  command->add_option("--test", score_.test, "bootstrap (paired, default) or randomization (approximate)")
      ->check(one_of({"bootstrap", "randomization"}))
      ->option_text("NAME")
      ->group("Significance");
  command
      ->add_option("--samples", score_.samples, "how often to draw (default 1000 of bootstrap, 10000 of randomization)")
      ->check(whole_number(1, 1'000'000))
      ->option_text("N")
      ->group("Significance");
  command->add_option("--seed", score_.seed, "of what is drawn (default 12345)")
      ->option_text("K")
      ->group("Significance");
  command->add_flag("--sentence", score_.sentence, "a score for each line instead of one for all");
  command->add_flag("--json", score_.json, "one JSON object a score, at full precision");
}

void Parser::add_inspect() {
  CLI::App* command = add_command("inspect", "Translations",
                                  "Tell what is in a shard, a checkpoint, soft alignments, a corpus or a run folder",
                                  "  dragoman inspect runs/quickstart\n"
                                  "  dragoman inspect runs/quickstart/corpus/train-00000-of-00064.h5 --verify",
                                  [this] { return inspect_; });
  command->add_option("FILE|RUN", inspect_.path, "file, or run folder for its newest good checkpoint")
      ->required()
      ->option_text(" ");
  command->add_flag("--verify", inspect_.verify, "read every file whole and check its content hash");
}

void Parser::add_report() {
  CLI::App* command = add_command("report", "Translations",
                                  "Write an HTML page that shows a run: curves, times, corpus and translations",
                                  "  dragoman report runs/my\n"
                                  "  mpirun -n 2 dragoman report runs/my --out my.html --samples 100",
                                  [this] { return report_; });
  command->add_option("RUN", report_.run, "run folder; training may still be going on")->required()->option_text(" ");
  add_speed_flags(*command, report_.inference);
  add_search_flags(*command, report_.inference.search);
  command->add_option("--out", report_.out, "page to write (default: RUN/report.html)")->option_text("FILE");
  command->add_option("--samples", report_.samples, "validation pairs to show with their translations (default 20)")
      ->check(whole_number(0, 1'000'000))
      ->option_text("N");
  command
      ->add_option("--by-length", report_.by_length,
                   "BLEU by the length of the source, sentences of every N lengths in words together (default 5)")
      ->check(whole_number(1, 1000))
      ->option_text("N");
}

bool is_flag(const std::string& argument) { return argument.starts_with('-'); }

/// Arguments that nothing knows what to do with: flags, or where there are none, the first of others, since the values
/// of unknown flags are left over too.
std::vector<std::string> unknown_arguments(const CLI::App& command) {
  const std::vector<std::string> left = command.remaining();
  std::vector<std::string> flags;
  for (const std::string& argument : left) {
    if (is_flag(argument)) flags.push_back(argument.substr(0, argument.find('=')));
  }
  if (flags.empty() && !left.empty()) return {left.front()};
  return flags;
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

[[noreturn]] void throw_unknown(const CLI::App& command, const std::string& kind,
                                const std::vector<std::string>& unknown, const std::vector<std::string>& names) {
  const std::string where = command.get_parent() == nullptr ? "" : " of dragoman " + command.get_name();
  std::string text;
  for (const std::string& name : unknown) {
    text += (text.empty() ? "" : "\n") + ("unknown " + kind + " '" + name + "'") + where + suggestion(name, names);
  }
  throw UsageError(text + see_help(command));
}

void Parser::check_unknown() const {
  std::vector<std::string> names;
  for (const Command& command : commands_) names.push_back(command.app->get_name());
  // Behind an unknown command's name everything is left over, flags that are right included.
  const std::vector<std::string> left = app_.remaining();
  if (!left.empty() && !is_flag(left.front())) throw_unknown(app_, "command", {left.front()}, names);
  if (const auto unknown = unknown_arguments(app_); !unknown.empty()) {
    throw_unknown(app_, "option", unknown, flags_of(app_));
  }
  for (const Command& command : commands_) {
    const auto unknown = unknown_arguments(*command.app);
    if (unknown.empty()) continue;
    if (is_flag(unknown.front())) throw_unknown(*command.app, "option", unknown, flags_of(*command.app));
    throw_unknown(*command.app, "argument", unknown, {});
  }
}

Request Parser::parse(int argc, const char* const* argv) {
  const auto chosen = [this]() -> const Command* {
    for (const Command& command : commands_) {
      if (command.app->parsed()) return &command;
    }
    return nullptr;
  };
  try {
    app_.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Reply{app_.help()};
  } catch (const CLI::ParseError& error) {
    check_unknown();  // tells more than the consequence that was found first
    const Command* command = chosen();
    std::string sentence = error.what();
    if (error.get_name() == "ArgumentMismatch") sentence = sentence.substr(0, sentence.find(':')) + " needs a value";
    throw UsageError(sentence + see_help(command == nullptr ? app_ : *command->app));
  }
  if (version_) return Reply{version_text()};
  const Command* command = chosen();
  if (command == nullptr) throw UsageError("no command was given" + see_help(app_));
  return command->request();
}

}  // namespace

Request parse_command_line(int argc, const char* const* argv) { return Parser().parse(argc, argv); }

}  // namespace dragoman
