#include "launch/sweep_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "io/error.h"
#include "io/run_summary.h"
#include "launch/json_line.h"
#include "launch/log.h"
#include "launch/sweep_record.h"
#include "trainer/decimal.h"

namespace dragoman {
namespace {

struct RunState {
  RunSummary summary;
  SweepRecord record;
  std::string text;  // finished, failed, stopped, unfinished, new or unreadable
};

/// A run that finished is so for as long as nobody wants more steps of it.
bool finished(const RunSummary& summary, std::int64_t max_steps) {
  const bool out_of_steps = summary.step >= summary.max_steps;
  return summary.finished && (!out_of_steps || summary.step >= max_steps);
}

RunState state_of(const SweepRun& run) {
  const std::filesystem::path folder = run.configuration.run;
  RunState state;
  try {
    state = {summarize_run(RunFolder(folder)), read_sweep_record(folder), ""};
  } catch (const Error& failure) {  // the other rows are to be seen all the same
    log_warning(failure.what());
    state.text = "unreadable";
    return state;
  }
  for (const std::string& message : state.summary.messages) log_warning(message);
  const std::string last = state.record.last ? state.record.last->outcome : "";
  if (finished(state.summary, run.configuration.training.max_steps)) {
    state.text = "finished";
  } else if (last == "failed" || last == "stopped") {
    state.text = last;
  } else {
    state.text = state.summary.step > 0 ? "unfinished" : "new";
  }
  return state;
}

bool has_variants(const SweepPlan& plan) {
  return std::any_of(plan.runs.begin(), plan.runs.end(), [](const SweepRun& run) { return !run.row.variant.empty(); });
}

using Cells = std::vector<std::string>;

Cells header(const SweepPlan& plan) {
  Cells cells;
  if (has_variants(plan)) cells.emplace_back("variant");
  cells.insert(cells.end(), plan.labels.begin(), plan.labels.end());
  for (const char* name : {"state", "parameters", "steps", "best step", "loss", "perplexity", "BLEU", "target tokens/s",
                           "memory (MiB)", "minutes"}) {
    cells.emplace_back(name);
  }
  return cells;
}

/// The row's values: its variant, if it has one, and one for each axis.
Cells values_of(const SweepRun& run, std::size_t axes) {
  Cells cells;
  if (!run.row.variant.empty()) cells.push_back(run.row.variant);
  for (std::size_t i = run.row.settings.size() - axes; i < run.row.settings.size(); ++i) {
    cells.push_back(run.row.settings[i].value);
  }
  return cells;
}

std::string shown(const std::optional<double>& value, int decimals) { return value ? fixed(*value, decimals) : ""; }
std::string shown(std::int64_t count) { return count > 0 ? std::to_string(count) : ""; }

Cells row(const SweepRun& run, const RunState& state, std::size_t axes) {
  const RunSummary& summary = state.summary;
  Cells cells = values_of(run, axes);
  const std::int64_t mebibytes = state.record.peak_memory_bytes.value_or(0) >> 20;
  for (std::string& cell : Cells{state.text, shown(summary.parameters.value_or(0)), shown(summary.step),
                                 shown(summary.best_step), shown(summary.loss, 4), shown(summary.perplexity, 3),
                                 shown(summary.bleu, 2), shown(summary.target_tokens_per_second, 0), shown(mebibytes),
                                 state.record.last ? fixed(state.record.seconds / 60, 1) : ""}) {
    cells.push_back(std::move(cell));
  }
  return cells;
}

void print_row(std::ostream& out, const Cells& cells) {
  out << '|';
  for (const std::string& cell : cells) {
    out << ' ';
    for (const char c : cell) out << (c == '|' ? "\\|" : std::string(1, c));
    out << " |";
  }
  out << '\n';
}

nlohmann::ordered_json object(const SweepRun& run, const RunState& state) {
  nlohmann::ordered_json settings = nlohmann::ordered_json::object();
  for (const Setting& setting : run.row.settings) settings[setting.key] = setting.value;
  nlohmann::ordered_json object{{"run", run.configuration.run}};
  if (!run.row.variant.empty()) object["variant"] = run.row.variant;
  object["settings"] = settings;
  object["state"] = state.text;
  const RunSummary& summary = state.summary;
  const auto put = [&](const char* key, const auto& value) {
    if (value) object[key] = *value;
  };
  put("parameters", summary.parameters);
  object["steps"] = summary.step;
  if (summary.best_step > 0) object["best_step"] = summary.best_step;
  put("loss", summary.loss);
  put("perplexity", summary.perplexity);
  put("accuracy", summary.accuracy);
  put("bleu", summary.bleu);
  put("target_tokens_per_second", summary.target_tokens_per_second);
  put("peak_memory_bytes", state.record.peak_memory_bytes);
  if (state.record.last) object["minutes"] = state.record.seconds / 60;
  if (state.text == "failed") object["error"] = state.record.last->error;
  return object;
}

}  // namespace

void print_sweep_table(std::ostream& out, const SweepPlan& plan, std::span<const SweepRun> runs, bool json) {
  const Cells names = header(plan);
  if (!json) {
    print_row(out, names);
    print_row(out, Cells(names.size(), "---"));
  }
  for (const SweepRun& run : runs) {
    const RunState state = state_of(run);
    if (json) {
      out << json_line(object(run, state));
    } else {
      print_row(out, row(run, state, plan.labels.size()));
      if (state.text == "failed") log_warning(run.configuration.run + " failed: " + state.record.last->error);
    }
  }
}

}  // namespace dragoman
