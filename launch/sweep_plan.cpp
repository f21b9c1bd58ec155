#include "launch/sweep_plan.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "io/configuration_reader.h"
#include "io/corpus_plan.h"
#include "io/error.h"
#include "io/yaml_tree.h"
#include "launch/errors.h"

namespace dragoman {
namespace {

constexpr const char* kCorpora = "corpora";  // no row is called so

std::filesystem::path folder_of(const SweepChoice& choice) {
  if (!choice.out.empty()) return choice.out;
  return read_configuration(choice.configuration, choice.settings).run + "-sweep";
}

Configuration configuration_of(const SweepRow& row, const SweepChoice& choice, const std::filesystem::path& folder) {
  std::vector<std::string> settings = choice.settings;
  for (const Setting& setting : row.settings) settings.push_back(setting.text());
  settings.push_back("run=" + yaml_scalar((folder / row.name).string()));
  Configuration configuration = read_configuration(choice.configuration, settings);
  if (configuration.corpus.directory.empty()) {
    const std::string hash = corpus_settings_hash(configuration.corpus);
    configuration.corpus.directory = (folder / kCorpora / hash.substr(0, 12)).string();
  }
  return configuration;
}

/// Adds the lines of a message that are not there yet: most mistakes are those of several rows.
void add_problems(const std::string& message, std::vector<std::string>& problems) {
  std::istringstream lines(message);
  for (std::string line; std::getline(lines, line);) {
    if (std::find(problems.begin(), problems.end(), line) == problems.end()) problems.push_back(line);
  }
}

void require_none(const std::vector<std::string>& problems) {
  if (problems.empty()) return;
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : "\n") + problem;
  throw ConfigurationError(text);
}

void check_corpora(const std::vector<SweepRun>& runs) {
  std::map<std::filesystem::path, const SweepRun*> first_in;
  for (const SweepRun& run : runs) {
    const std::filesystem::path folder = run.configuration.corpus_folder().lexically_normal();
    const SweepRun& first = *first_in.emplace(folder, &run).first->second;
    if (corpus_settings_hash(first.configuration.corpus) == corpus_settings_hash(run.configuration.corpus)) continue;
    throw ConfigurationError("the runs " + first.row.name + " and " + run.row.name +
                             " would keep different corpora in one folder, " + folder.string() +
                             "; set corpus.directory to null, so that each has a folder of its own");
  }
}

}  // namespace

SweepPlan plan_sweep(const SweepChoice& choice) {
  if (choice.grid.empty() && choice.variants.empty()) {
    throw UsageError("a sweep needs --grid or --variants, which say what differs between its runs");
  }
  SweepGrid grid = read_sweep_grid(choice.grid, choice.variants);
  SweepPlan plan{.folder = folder_of(choice), .labels = std::move(grid.labels), .runs = {}};
  std::vector<std::string> problems;
  for (SweepRow& row : grid.rows) {
    if (row.name == kCorpora)
      add_problems("no variant may be called corpora, as the folder of the corpora is", problems);
    try {
      Configuration configuration = configuration_of(row, choice, plan.folder);
      plan.runs.push_back({std::move(row), std::move(configuration)});
    } catch (const ConfigurationError& error) {
      add_problems(error.what(), problems);
    }
  }
  require_none(problems);
  check_corpora(plan.runs);
  return plan;
}

bool has_corpus_of_sweep(const SweepRun& run) {
  const std::filesystem::path folder = std::filesystem::path(run.configuration.run).parent_path();
  return run.configuration.corpus_folder().parent_path() == folder / kCorpora;
}

}  // namespace dragoman
