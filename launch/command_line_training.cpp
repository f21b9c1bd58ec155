#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>

#include "launch/commands.h"
#include "launch/option_checks.h"

namespace dragoman {
namespace {

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

void add_train(Commands& commands) {
  const auto options = std::make_shared<TrainOptions>();
  CLI::App* command =
      commands.add("train", "Training", "Train the configured model, going on where the run folder has a checkpoint",
                   "  launch/mpirun.sh -n 2 dragoman train configs/multi30k-en-de.yaml\n"
                   "  dragoman train my.yaml --from runs/general/checkpoints/step-00012000.h5 --set run=runs/special",
                   [options] { return *options; });
  add_configuration(*command, options->configuration, options->settings);
  CLI::Option* fresh =
      command->add_flag("--fresh", options->fresh, "start over: set this run's checkpoints aside first");
  fresh->group("Where to begin");
  command
      ->add_option("--from", options->from,
                   "fine-tune: begin with the parameters of this checkpoint, or of the best of a run")
      ->option_text("RUN|CHECKPOINT")
      ->group("Where to begin");
  command
      ->add_flag("--accept-change", options->accept_change,
                 "resume although schedule, optimizer, dropout or batch have changed")
      ->excludes(fresh)
      ->option_text(" ")
      ->group("Where to begin");
  add_progress(*command, options->progress);
  command->add_flag(
      "--profile", options->profile,
      "at the end, tell where the time went, keep that in RUN/profile.json for `dragoman report`, and write "
      "a trace of some steps to RUN/trace.json, for chrome://tracing or Perfetto");
}

void add_sweep(Commands& commands) {
  const auto options = std::make_shared<SweepOptions>();
  CLI::App* command = commands.add(
      "sweep", "Training", "Train every configuration of a grid, each in a run folder of its own, and print a table",
      "  launch/mpirun.sh -n 2 dragoman sweep my.yaml --grid model.dropout=0.1,0.3 --grid seed=1,2,3\n"
      "  dragoman sweep my.yaml --variants attention.yaml --table",
      [options] { return *options; });
  SweepChoice& choice = options->choice;
  add_configuration(*command, choice.configuration, choice.settings);
  const auto text = [command](const char* name, auto& value, const char* description, const char* kind) {
    return command->add_option(name, value, description)->option_text(kind);
  };
  text("--grid", choice.grid, "values of one key, in YAML flow form; given again, all combinations are trained",
       "KEY.PATH=VALUE,...")
      ->allow_extra_args(false);
  text("--variants", choice.variants, "YAML file of named rows, NAME: {KEY.PATH: VALUE, ...}", "FILE");
  text("--out", choice.out, "folder of the run folders (default: the configuration's run, then -sweep)", "DIR");
  text("--only", options->only, "train, or show, the row of this number alone, counted from 0", "K")
      ->check(whole_number(0));
  const char* const instead = "Instead of training";
  CLI::Option* count = command->add_flag("--count", options->count, "print the number of rows")->group(instead);
  CLI::Option* prepare =
      command->add_flag("--prepare", options->prepare, "prepare the corpora that are missing")->group(instead);
  CLI::Option* table =
      command->add_flag("--table", options->table, "print the table of what is done so far")->group(instead);
  count->excludes(prepare)->excludes(table)->option_text(" ");
  prepare->excludes(table)->option_text(" ");
  table->option_text(" ");
  command->add_flag("--json", options->json, "the table as one JSON object a run, at full precision");
  add_progress(*command, options->progress);
}

void add_average(Commands& commands) {
  const auto options = std::make_shared<AverageOptions>();
  CLI::App* command = commands.add(
      "average", "Training", "Write a checkpoint with the mean of several checkpoints' parameters",
      "  dragoman average runs/my/checkpoints/step-*.h5 --out averaged.h5", [options] { return *options; });
  command->add_option("CHECKPOINT", options->checkpoints, "checkpoints of one model")->required()->option_text("...");
  command->add_option("--out", options->out, "checkpoint to write (required)")->required()->option_text("FILE");
}

void add_benchmark(Commands& commands) {
  const auto options = std::make_shared<BenchmarkOptions>();
  CLI::App* command = commands.add(
      "benchmark", "Training", "Time real training steps and print one JSON line; keeps nothing",
      "  mpirun -n 2 dragoman benchmark configs/multi30k-en-de.yaml --steps 200", [options] { return *options; });
  add_configuration(*command, options->configuration, options->settings);
  command->add_option("--steps", options->steps, "steps to time (default 100)")
      ->check(whole_number(1))
      ->option_text("N");
  command->add_flag("--profile", options->profile, "tell where the time goes, too");
}

void add_plan(Commands& commands) {
  const auto options = std::make_shared<PlanOptions>();
  CLI::App* command = commands.add(
      "plan", "Training", "Predict step times on many ranks from figures measured on few",
      "  dragoman plan --compute-ms 463 --deviation-ms 12 --update-ms 24 --parameters 7017073 --link-gbit 10",
      [options] { return *options; });
  const auto number = [command](const char* name, double& value, double low, const char* description,
                                const char* group) {
    return command->add_option(name, value, description)
        ->check(number_of_at_least(low))
        ->option_text("X")
        ->group(group);
  };
  const char* const benchmark = "From dragoman benchmark";
  number("--compute-ms", options->compute_ms, 0, "compute_ms_per_step (required)", benchmark)->required();
  number("--deviation-ms", options->deviation_ms, 0, "compute_ms_deviation (default 0)", benchmark);
  number("--update-ms", options->update_ms, 0, "update_ms_per_step (default 0)", benchmark);
  command->add_option("--parameters", options->parameters, "parameters (required)")
      ->required()
      ->check(whole_number(1))
      ->option_text("N")
      ->group(benchmark);
  command
      ->add_option("--gradient-precision", options->gradient_precision,
                   "training.gradient_precision: f32 (default) or bf16")
      ->check(one_of({"f32", "bf16"}))
      ->option_text("NAME")
      ->group("Job");
  command->add_option("--ranks-per-node", options->ranks_per_node, "default 1")
      ->check(whole_number(1, 100000))
      ->option_text("R")
      ->group("Job");
  const char* const network = "Network";
  number("--link-gbit", options->link_gbit, 1e-3, "a node's link, each way, Gbit/s (required)", network)->required();
  number("--latency-us", options->latency_us, 0, "of a message between nodes, microseconds (default 50)", network);
  number("--node-gbyte", options->node_gbyte, 1e-3, "between ranks of a node, each way, GB/s (default 5)", network);
  command->add_flag("--json", options->json, "one JSON object a line");
}

}  // namespace

void add_training_commands(Commands& commands) {
  add_train(commands);
  add_sweep(commands);
  add_average(commands);
  add_benchmark(commands);
  add_plan(commands);
}

}  // namespace dragoman
