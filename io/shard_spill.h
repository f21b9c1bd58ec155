#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace dragoman {

/// A tokenized pair on its way to its shard.
struct SpilledPair {
  std::int64_t pair_id = 0;
  std::span<const std::int32_t> source, target;
};

/// One rank's tokenized pairs on disk, sorted by shard in large runs, so that whoever writes a shard finds its pairs
/// with few reads. Temporary files in this machine's byte order; memory is bounded by kRunBytes, not by the corpus.
class ShardSpillWriter {
 public:
  static constexpr std::size_t kRunBytes = std::size_t{32} << 20;

  /// @param run_bytes how much is held in memory before a run is written
  ShardSpillWriter(std::filesystem::path path, int shards, std::size_t run_bytes = kRunBytes);

  void add(int shard, const SpilledPair& pair);
  /// Writes what is left and the index. @throws FileError, as add() does.
  void finish();

 private:
  void write_run();
  void write(const void* bytes, std::size_t count);

  std::filesystem::path path_;
  std::ofstream file_;
  std::size_t run_bytes_, held_bytes_ = 0;
  std::vector<std::string> held_;    // by shard
  std::vector<std::int64_t> index_;  // shards + 1 file offsets for every run
  std::int64_t written_ = 0;
};

/// Reads what ShardSpillWriters wrote.
class ShardSpillReader {
 public:
  /// @throws FileError where the file is not a finished spill of that many shards.
  ShardSpillReader(std::filesystem::path path, int shards);

  /// Appends all pairs of one shard to `bytes`; for_each_spilled_pair takes them apart.
  void append_shard(int shard, std::string& bytes);

 private:
  std::filesystem::path path_;
  std::ifstream file_;
  std::size_t shards_;
  std::vector<std::int64_t> index_;
};

/// @param bytes whole pairs as append_shard gives them; the spans point into it
void for_each_spilled_pair(const std::string& bytes, const std::function<void(const SpilledPair&)>& visit);

}  // namespace dragoman
