#include "launch/sweep_command.h"

#include <chrono>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "io/manifest.h"
#include "launch/errors.h"
#include "launch/job.h"
#include "launch/log.h"
#include "launch/prepare_command.h"
#include "launch/stop_signals.h"
#include "launch/sweep_record.h"
#include "launch/sweep_table.h"
#include "launch/train_command.h"
#include "trainer/communicator.h"
#include "trainer/peak_memory.h"

namespace dragoman {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::span<const SweepRun> chosen_runs(const SweepPlan& plan, const SweepOptions& options) {
  if (!options.only) return plan.runs;
  const auto row = static_cast<std::size_t>(*options.only);
  if (row >= plan.runs.size()) {
    throw UsageError("--only " + std::to_string(row) + " names no row: there are " + std::to_string(plan.runs.size()) +
                     ", counted from 0");
  }
  return std::span(plan.runs).subspan(row, 1);
}

class Sweep {
 public:
  Sweep(const SweepOptions& options, Communicator& communicator) : options_(options), communicator_(communicator) {}

  /// Exit status of all runs.
  int run(std::span<const SweepRun> runs);

 private:
  /// Exit status of one run, whose failure has been told.
  int run_one(const SweepRun& run);
  int train(const SweepRun& run);
  void prepare_where_missing(const SweepRun& run);
  void record(const SweepRun& run, const SweepStart& start);

  const SweepOptions& options_;
  Communicator& communicator_;
  const Clock::time_point began_ = Clock::now();
};

int Sweep::run(std::span<const SweepRun> runs) {
  int status = kExitDone, number = 0;
  for (const SweepRun& run : runs) {
    log_info("run " + std::to_string(++number) + " of " + std::to_string(runs.size()) + ": " + run.row.name);
    const int ended = run_one(run);
    if (ended == kExitStopped) return kExitStopped;
    if (ended != kExitDone) status = kExitFailure;
  }
  return status;
}

int Sweep::run_one(const SweepRun& run) {
  const Clock::time_point begin = Clock::now();
  try {
    prepare_where_missing(run);
    return options_.prepare ? int{kExitDone} : train(run);
  } catch (...) {
    const Failure failure = describe_current_exception();
    require_failed_alike(communicator_, failure);
    if (communicator_.rank() == 0) log_error(run.configuration.run + " failed: " + failure.message);
    record(run, {"failed", seconds_since(begin), std::nullopt, failure.message});
    return kExitFailure;
  }
}

void Sweep::prepare_where_missing(const SweepRun& run) {
  // Not the last training's limit: while one rank trains a tokenizer, the others wait as long as it takes.
  communicator_.limit_silence(0);
  const std::filesystem::path folder = run.configuration.corpus_folder();
  std::string missing;  // rank 0 looks, for all
  if (communicator_.rank() == 0 && !std::filesystem::exists(folder / Manifest::kName)) missing = "yes";
  communicator_.broadcast(missing);
  if (missing.empty()) return;
  const PreparedCorpus prepared = prepare_together(run.configuration, communicator_);
  if (communicator_.rank() == 0) log_info("prepared " + folder.string() + "\n" + prepared.report.text());
}

int Sweep::train(const SweepRun& run) {
  const bool measures_memory = restart_peak_memory();
  const Clock::time_point begin = Clock::now();
  const TrainingStart start{.minutes_spent = seconds_since(began_) / 60};
  const TrainingOutcome outcome = train_shown(run.configuration, start, options_.progress, communicator_);
  const bool stopped = outcome == TrainingOutcome::stopped;
  if (!stopped && outcome != TrainingOutcome::finished) {
    log_info(run.configuration.run + " was finished already");
    return kExitDone;
  }
  const std::int64_t peak = largest_peak_memory(communicator_);
  record(run, {stopped ? "stopped" : "finished", seconds_since(begin),
               measures_memory ? std::optional(peak) : std::nullopt, ""});
  return stopped ? kExitStopped : kExitDone;
}

/// What the run has come to is in its checkpoints; a record that cannot be written costs the table a figure.
void Sweep::record(const SweepRun& run, const SweepStart& start) {
  if (communicator_.rank() != 0) return;
  try {
    add_to_sweep_record(run.configuration.run, start);
  } catch (const FileError& failure) {
    log_warning(failure.what());
  }
}

}  // namespace

int tell_sweep(const SweepOptions& options, std::ostream& out) {
  const SweepPlan plan = plan_sweep(options.choice);
  if (options.count) {
    out << plan.runs.size() << '\n';
  } else {
    print_sweep_table(out, plan, chosen_runs(plan, options), options.json);
  }
  return kExitDone;
}

int run_sweep(const SweepOptions& options, Communicator& communicator, std::ostream& out) {
  const SweepPlan plan = plan_sweep(options.choice);
  const std::span<const SweepRun> runs = chosen_runs(plan, options);
  if (!options.prepare) catch_stop_signals();
  const int status = Sweep(options, communicator).run(runs);
  if (communicator.rank() == 0 && !options.prepare) print_sweep_table(out, plan, runs, options.json);
  return status;
}

}  // namespace dragoman
