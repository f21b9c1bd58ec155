#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "io/checkpoint_file.h"
#include "io/error.h"
#include "io/shard.h"
#include "io/soft_alignments.h"

namespace dragoman::test {

/// Three pairs with text, one of them with an empty source side.
Shard example_valid_shard();
/// Training shard without text.
Shard example_train_shard(int vocabulary = 8000);

/// Two translations of one line, the second cut off before its end, a line that was empty, and one more.
std::vector<SoftAlignment> example_alignments();

/// A checkpoint's content with the memory its spans point into.
struct ExampleCheckpoint {
  ExampleCheckpoint();
  ExampleCheckpoint(const ExampleCheckpoint&) = delete;
  ExampleCheckpoint& operator=(const ExampleCheckpoint&) = delete;

  CheckpointState state;
  std::vector<std::vector<float>> values;
  TensorGroups<NamedConstSpan> tensors;
  void write(const std::filesystem::path& path) const;
};

/// Spans over fresh memory, full of a value that no example holds.
struct Destination {
  explicit Destination(const std::vector<NamedConstSpan>& like);
  std::vector<std::vector<float>> values;
  std::vector<NamedSpan> spans;
};

/// What a FileError says; fails the test where none is thrown.
template <class Call>
std::string file_error(Call&& call) {
  try {
    std::forward<Call>(call)();
  } catch (const FileError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no FileError was thrown";
  return "";
}

}  // namespace dragoman::test
