#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "io/configuration.h"
#include "io/corpus.h"

namespace dragoman {

/// What rank 0 finds out before a corpus is built, and every rank has to know.
struct CorpusPlan {
  bool reusable = false;                   // the folder holds the very corpus asked for; nothing has to be done
  std::string settings_hash, inputs_hash;  // see Manifest
  std::int64_t train_pairs = 0, valid_pairs = 0, test_pairs = 0;  // lines a side; counted only where not reusable
  std::int64_t train_bytes = 0;                                   // of both sides' training lines

  /// One line of text, to be broadcast.
  std::string serialize() const;
  static CorpusPlan parse(const std::string& text);
  bool operator==(const CorpusPlan&) const = default;
};

/// Hash of the settings that a corpus depends on. Reads no file, so `train` can compare it with a manifest's at once.
/// The run's seed is not among them: runs of several seeds share one corpus.
std::string corpus_settings_hash(const CorpusConfiguration& configuration);

/// The same with the content of every input file and given tokenizer model.
/// @throws FileError where one cannot be read.
std::string corpus_inputs_hash(const CorpusConfiguration& configuration);

/// Whether the folder holds a whole corpus of these inputs; every byte is read. A damaged one is no error here.
bool holds_corpus(const std::filesystem::path& folder, const std::string& inputs_hash);

/// Decides whether the corpus in `folder` can be used as it is: its inputs hash agrees and every file in it is whole.
/// If not, reads all text once and so checks it. Changes nothing on disk.
/// @throws ConfigurationError where no training text is configured; FileError for bad input, with file and line.
CorpusPlan plan_corpus(const CorpusConfiguration& configuration, const std::filesystem::path& folder);

/// Where the configuration names text: that the corpus was prepared from it, with these settings. Files that are no
/// longer there are not missed, since training reads shards alone; those that are there are read once.
/// @throws ConfigurationError naming what differs and the prepare command.
void require_current_corpus(const Corpus& corpus, const CorpusConfiguration& configuration);

}  // namespace dragoman
