#include "launch/sweep_command.h"

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
#include "trainer/steady_seconds.h"

namespace dragoman {
namespace {

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
  bool prepare_where_wanted(const SweepRun& run);
  bool stop_wanted(const SweepRun& next);
  void record(const SweepRun& run, const SweepAttempt& attempt);

  const SweepOptions& options_;
  Communicator& communicator_;
  const double began_ = steady_seconds();
};

int Sweep::run(std::span<const SweepRun> runs) {
  int status = kExitDone, number = 0;
  for (const SweepRun& run : runs) {
    if (number > 0 && stop_wanted(run)) return kExitStopped;
    log_info("run " + std::to_string(++number) + " of " + std::to_string(runs.size()) + ": " + run.row.name);
    const int ended = run_one(run);
    if (ended == kExitStopped) return kExitStopped;
    if (ended != kExitDone) status = kExitFailure;
  }
  return status;
}

int Sweep::run_one(const SweepRun& run) {
  const double begin = steady_seconds();
  try {
    const bool prepared = prepare_where_wanted(run);
    if (options_.prepare) return kExitDone;
    return prepared && stop_wanted(run) ? int{kExitStopped} : train(run);
  } catch (...) {
    const Failure failure = describe_current_exception();
    require_failed_alike(communicator_, failure);
    if (communicator_.rank() == 0) log_error(run.configuration.run + " failed: " + failure.message);
    if (!options_.prepare) record(run, {"failed", steady_seconds() - begin, std::nullopt, failure.message});
    return kExitFailure;
  }
}

/// @return whether it was
bool Sweep::prepare_where_wanted(const SweepRun& run) {
  // Not the last training's limit: while one rank trains a tokenizer, the others wait as long as it takes.
  communicator_.limit_silence(0);
  const std::filesystem::path folder = run.configuration.corpus_folder();
  std::string wanted;  // rank 0 looks, for all
  // One of the sweep's own may have changed, and is reused where it has not.
  const bool renews = options_.prepare && has_corpus_of_sweep(run);
  if (communicator_.rank() == 0 && (renews || !std::filesystem::exists(folder / Manifest::kName))) wanted = "yes";
  communicator_.broadcast(wanted);
  if (wanted.empty()) return false;
  const PreparedCorpus prepared = prepare_together(run.configuration, communicator_);
  if (communicator_.rank() == 0) log_info("prepared " + folder.string() + "\n" + prepared.report.text());
  return true;
}

/// Whether any rank was told to stop, or has no time left to begin with `next`. A training looks by itself, but only
/// after a step. Collective.
bool Sweep::stop_wanted(const SweepRun& next) {
  const double limit = next.configuration.training.time_limit_minutes;
  std::int64_t wanted = stop_signal_received() || (limit > 0 && (steady_seconds() - began_) / 60 >= limit) ? 1 : 0;
  communicator_.sum(std::span(&wanted, 1));
  if (wanted > 0) log_info("stopped on request before " + next.configuration.run + "; start again to go on");
  return wanted > 0;
}

int Sweep::train(const SweepRun& run) {
  const bool measures_memory = restart_peak_memory();
  const double begin = steady_seconds();
  const TrainingStart start{.minutes_spent = (begin - began_) / 60};
  const TrainingOutcome outcome = train_shown(run.configuration, start, options_.progress, communicator_);
  const bool stopped = outcome == TrainingOutcome::stopped;
  if (!stopped && outcome != TrainingOutcome::finished) {
    log_info(run.configuration.run + " was finished already");
    return kExitDone;
  }
  const std::int64_t peak = largest_peak_memory(communicator_);
  record(run, {stopped ? "stopped" : "finished", steady_seconds() - begin,
               measures_memory ? std::optional(peak) : std::nullopt, ""});
  return stopped ? kExitStopped : kExitDone;
}

/// What the run has come to is in its checkpoints; a record that cannot be written costs the table a figure.
void Sweep::record(const SweepRun& run, const SweepAttempt& attempt) {
  if (communicator_.rank() != 0) return;
  try {
    add_to_sweep_record(run.configuration.run, attempt);
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
