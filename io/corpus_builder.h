#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "io/configuration.h"
#include "io/corpus_plan.h"
#include "io/corpus_report.h"
#include "io/tokenizer.h"

namespace dragoman {

/// The ranks that prepare a corpus together; one alone by default. They share the corpus folder's file system.
struct RankGroup {
  int rank = 0, world = 1;
  std::function<void()> barrier = [] {};
  std::function<void(std::string&)> broadcast = [](std::string&) {};  // rank 0's text to all
};

struct PreparedCorpus {
  bool reused = false;  // the folder already held this very corpus
  CorpusReport report;  // on rank 0 only
};

/// Text to corpus: called by all ranks alike. The files are the same, byte for byte, for any number of ranks.
///
/// All work happens in a folder of its own, `folder`/.prepare-HOST-PROCESS, so that several may be at it; only when
/// everything is written is the corpus that was there replaced, its manifest first removed and the new one written
/// last. Memory does not grow with the text, but by 16 bytes a pair on rank 0 where duplicates are dropped.
/// @throws ConfigurationError or FileError on the rank that finds the fault; the caller has to end the others.
PreparedCorpus prepare_corpus(const CorpusConfiguration& configuration, const std::filesystem::path& folder,
                              const RankGroup& ranks = {});

/// The phases of prepare_corpus, for a corpus that is not reusable. Between any two stands a barrier.
struct CorpusJob {
  CorpusConfiguration configuration;
  std::filesystem::path folder;
  CorpusPlan plan;
  int rank = 0, world = 1;
  std::string staging_name;

  std::filesystem::path staging() const { return folder / staging_name; }
};

/// 1. Rank 0: clears what interrupted runs left, then trains the tokenizers or takes the given models.
/// They are trained on corpus.tokenizer.sample_lines pairs, or fewer where these exceed 160 MiB (unigram: 28 MiB) of
/// text.
void stage_tokenizers(const CorpusJob& job);
TokenizerPair open_staged_tokenizers(const CorpusJob& job);
/// 2. All: tokenizes this rank's share of the training text and deals its pairs to shards.
/// @return the pairs of the share, kept ones and tokens not yet counted
SplitReport tokenize_share(const CorpusJob& job, const TokenizerPair& tokenizers);
/// 3. Rank 0: where duplicates are dropped, finds them.
void find_duplicates(const CorpusJob& job);
/// 4. All: writes this rank's share of the shards, validation and test included, and what to tell rank 0 about them.
void write_share(const CorpusJob& job, const TokenizerPair& tokenizers, const SplitReport& tokenized);
/// 5. Rank 0: puts the finished files in place, the manifest last.
CorpusReport finish_corpus(const CorpusJob& job);

}  // namespace dragoman
