#include "io/checkpoint_file.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <bit>

#include "io/content_hash.h"
#include "tests/io/example_files.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

using test::Destination;
using test::ExampleCheckpoint;
using test::file_error;
using test::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

class CheckpointFileTest : public ::testing::Test {
 protected:
  CheckpointFileTest() { example.write(path); }
  TemporaryFolder folder;
  std::filesystem::path path = folder / "step-00012000.h5";
  ExampleCheckpoint example;
};

TEST_F(CheckpointFileTest, RoundTripKeepsEveryBit) {
  Destination parameters(example.tensors.parameters), optimizer(example.tensors.optimizer),
      average(example.tensors.average);
  CheckpointState state = read_checkpoint(path, {parameters.spans, optimizer.spans, average.spans});
  EXPECT_EQ(state.parameters_hash, parameters_hash(example.tensors.parameters));
  state.parameters_hash.clear();
  EXPECT_EQ(state, example.state);
  for (std::size_t i = 0; i < example.tensors.parameters.size(); ++i) {
    // Compared as bits: one of them holds a NaN with a payload and a negative zero.
    const auto expected = example.tensors.parameters[i].values;
    EXPECT_TRUE(
        std::equal(expected.begin(), expected.end(), parameters.values[i].begin(), parameters.values[i].end(),
                   [](float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }))
        << example.tensors.parameters[i].name;
  }
  EXPECT_EQ(optimizer.values[0], example.values[3]);
  EXPECT_EQ(average.values[0], example.values[5]);
}

TEST_F(CheckpointFileTest, EqualContentHasEqualBytes) {
  std::swap(example.tensors.parameters[0], example.tensors.parameters[2]);  // the order of tensors is no content
  example.write(folder / "again.h5");
  EXPECT_EQ(test::read_file(folder / "again.h5"), test::read_file(path));
}

TEST_F(CheckpointFileTest, NothingIsVisibleBeforeTheCommit) {
  const auto temporary = CheckpointImage(example.state, example.tensors).write(folder / "step-00000001.h5");
  EXPECT_FALSE(std::filesystem::exists(folder / "step-00000001.h5"));
  commit_checkpoint(temporary, folder / "step-00000001.h5");
  EXPECT_EQ(inspect_checkpoint(folder / "step-00000001.h5").state.step, 12'000);
  EXPECT_FALSE(std::filesystem::exists(temporary));
}

TEST_F(CheckpointFileTest, InspectingListsTensorsByName) {
  const CheckpointContents contents = inspect_checkpoint(path);
  ASSERT_EQ(contents.tensors.parameters.size(), 4u);
  EXPECT_EQ(contents.tensors.parameters[0].name, "attention.scale");
  EXPECT_TRUE(contents.tensors.parameters[0].shape.empty());
  EXPECT_EQ(contents.tensors.parameters[1].name, "decoder/bias");
  EXPECT_EQ(contents.tensors.parameters[2].shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(contents.tensors.parameters[3].shape, (std::vector<std::int64_t>{0, 4}));
  ASSERT_EQ(contents.tensors.optimizer.size(), 1u);
  EXPECT_EQ(contents.tensors.optimizer[0].name, "adam.first_moment");
  ASSERT_EQ(contents.tensors.average.size(), 1u);
  EXPECT_EQ(contents.tensors.average[0].name, "decoder/bias");
}

TEST_F(CheckpointFileTest, ParametersHashFollowsItsRecipe) {
  const std::vector<float> w = {1, 2}, b = {3};
  const std::vector<NamedConstSpan> parameters = {{"w", {1, 2}, w}, {"b", {1}, b}};
  const std::string bytes(
      "b\1\0\0\0\0\0\0\0\0\0\x40\x40"
      "w\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\0\0\x80\x3f\0\0\0\x40",
      38);
  EXPECT_EQ(parameters_hash(parameters), content_hash(bytes).hex());
}

TEST_F(CheckpointFileTest, AGroupWithoutSpansIsNotRead) {
  Destination parameters(example.tensors.parameters);
  read_checkpoint(path, {.parameters = parameters.spans, .optimizer = {}, .average = {}});
  EXPECT_EQ(parameters.values[0], example.values[0]);
}

TEST_F(CheckpointFileTest, AnotherModelIsRefusedBeforeMemoryIsTouched) {
  Destination good(example.tensors.parameters), optimizer(example.tensors.optimizer);
  const auto refusal = [&](const std::vector<NamedSpan>& spans) {
    return file_error([&] { read_checkpoint(path, {spans, optimizer.spans, {}}); });
  };
  std::vector<NamedSpan> spans = good.spans;
  spans.back().shape = {4, 0};
  EXPECT_THAT(refusal(spans), HasSubstr("step-00012000.h5: /parameters/unused has shape (0, 4), expected (4, 0)"));
  spans = good.spans;
  spans.back().name = "used";
  EXPECT_THAT(refusal(spans), AllOf(HasSubstr("/parameters/used is missing"), HasSubstr("of another model")));
  spans = good.spans;
  spans.pop_back();
  EXPECT_THAT(refusal(spans), HasSubstr("/parameters/unused is left over"));
  for (const auto& values : good.values)
    for (const float value : values) EXPECT_EQ(value, -77.0F);
}

TEST_F(CheckpointFileTest, DamageAnywhereIsRefused) {
  const std::string good = test::read_file(path);
  Destination parameters(example.tensors.parameters);
  for (std::size_t at = 0; at < good.size(); at += 97) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x01);
    test::write_file(folder / "bad.h5", bad);
    EXPECT_THAT(file_error([&] {
                  read_checkpoint(folder / "bad.h5", {parameters.spans, {}, {}});
                }),
                HasSubstr("bad.h5 is "));
    test::write_file(folder / "bad.h5", good.substr(0, at));
    EXPECT_THAT(file_error([&] { inspect_checkpoint(folder / "bad.h5"); }), HasSubstr("bad.h5 is "));
  }
}

TEST_F(CheckpointFileTest, NamesThatHdf5WouldBendAreRefused) {
  for (const char* name : {"", "a//b", "/a", "a/", "a/./b"}) {
    const std::vector<NamedConstSpan> parameters = {{name, {1}, example.values[2]}};
    EXPECT_THROW(CheckpointImage(example.state, {parameters, {}, {}}), Error) << name;
  }
  const std::vector<NamedConstSpan> twice = {{"a", {1}, example.values[2]}, {"a", {1}, example.values[2]}};
  EXPECT_THROW(CheckpointImage(example.state, {twice, {}, {}}), Error);
  const std::vector<NamedConstSpan> wrong = {{"a", {2}, example.values[2]}};
  EXPECT_THROW(CheckpointImage(example.state, {wrong, {}, {}}), Error);
}

TEST_F(CheckpointFileTest, AnOptimizerMayHaveBegunLater) {
  example.state.optimizer_began = 11'000;
  example.write(path);
  EXPECT_EQ(inspect_checkpoint(path).state.optimizer_began, 11'000);
  example.state.optimizer_began = example.state.step + 1;
  example.write(path);
  EXPECT_THROW(inspect_checkpoint(path), FileError);
}

TEST_F(CheckpointFileTest, HundredsOfTensorsAndLongTextsFit) {
  std::vector<NamedConstSpan> parameters;
  for (int i = 0; i < 300; ++i) parameters.push_back({"layer" + std::to_string(i) + "/w", {2, 3}, example.values[0]});
  example.state.configuration.assign(200'000, 'c');
  example.state.source_tokenizer.assign(300'000, '\x80');
  example.state.target_tokenizer = "target";
  commit_checkpoint(CheckpointImage(example.state, {parameters, {}, {}}).write(path), path);
  const CheckpointContents contents = inspect_checkpoint(path);
  EXPECT_EQ(contents.tensors.parameters.size(), 300u);
  EXPECT_EQ(contents.state.configuration, example.state.configuration);
  EXPECT_EQ(contents.state.source_tokenizer, example.state.source_tokenizer);
  EXPECT_EQ(contents.state.target_tokenizer, "target");
}

}  // namespace
}  // namespace dragoman
