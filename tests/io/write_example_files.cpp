// Writes the files that read_with_h5py.py compares: write_example_files FOLDER
#include <cstdio>
#include <exception>
#include <filesystem>

#include "tests/io/example_files.h"

int main(int count, char** arguments) {
  if (count != 2) return 2;
  try {
    const std::filesystem::path folder = arguments[1];
    std::filesystem::create_directories(folder);
    dragoman::write_shard(folder / "valid.h5", dragoman::test::example_valid_shard());
    dragoman::write_shard(folder / "train.h5", dragoman::test::example_train_shard());
    dragoman::write_soft_alignments(folder / "soft.h5", dragoman::test::example_alignments());
    dragoman::test::ExampleCheckpoint().write(folder / "step-00012000.h5");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
