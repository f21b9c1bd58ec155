#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "io/configuration.h"
#include "io/sweep_grid.h"

namespace dragoman {

/// Which configurations to train, from the command line.
struct SweepChoice {
  std::string configuration;          // YAML file that all have in common
  std::vector<std::string> settings;  // "key.path=VALUE", in order
  std::vector<std::string> grid;      // "key.path=VALUE,VALUE,...", one an axis
  std::string variants;               // YAML file of named settings; empty: none
  std::string out;                    // folder of the run folders; empty: the configuration's run with -sweep behind it
};

/// A row with all that it takes to train it.
struct SweepRun {
  SweepRow row;
  Configuration configuration;  // its run is FOLDER/NAME
};

struct SweepPlan {
  std::filesystem::path folder;
  std::vector<std::string> labels;  // of the grid's axes
  std::vector<SweepRun> runs;
};

/// Reads and checks every row's configuration. Where corpus.directory is null, rows whose corpus settings agree get one
/// folder in common below FOLDER/corpora.
/// @throws ConfigurationError with all problems of all rows, each once; also where two rows would keep different
/// corpora
///         in one folder.
SweepPlan plan_sweep(const SweepChoice& choice);

/// Whether the run's corpus is the sweep's own, in FOLDER/corpora, which nothing else prepares.
bool has_corpus_of_sweep(const SweepRun& run);

}  // namespace dragoman
