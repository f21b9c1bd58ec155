#include "io/sweep_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "io/error.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

using test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

std::vector<std::string> names(const SweepGrid& grid) {
  std::vector<std::string> names;
  for (const SweepRow& row : grid.rows) names.push_back(row.name);
  return names;
}

std::vector<std::string> values(const std::string& axis) {
  std::vector<std::string> values;
  for (const SweepRow& row : read_sweep_grid(std::vector{axis}, "").rows) values.push_back(row.settings.at(0).value);
  return values;
}

std::string message_of(const std::vector<std::string>& axes, const std::filesystem::path& variants = "") {
  try {
    read_sweep_grid(axes, variants);
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "no ConfigurationError";
}

TEST(SweepGridTest, AllCombinationsComeWithTheLastAxisFastest) {
  const SweepGrid grid = read_sweep_grid(std::vector<std::string>{"model.dropout=0.1,0.3", "seed=1,2,3"}, "");
  EXPECT_THAT(grid.labels, ElementsAre("dropout", "seed"));
  EXPECT_THAT(names(grid), ElementsAre("dropout=0.1,seed=1", "dropout=0.1,seed=2", "dropout=0.1,seed=3",
                                       "dropout=0.3,seed=1", "dropout=0.3,seed=2", "dropout=0.3,seed=3"));
  EXPECT_THAT(grid.rows[4].settings, ElementsAre(Setting{"model.dropout", "0.3"}, Setting{"seed", "2"}));
}

TEST(SweepGridTest, CommasInsideBracketsBracesAndQuotesDoNotSplit) {
  EXPECT_THAT(values("corpus.train.source=[a.en, b.en],c.en"), ElementsAre("[a.en, b.en]", "c.en"));
  EXPECT_THAT(values("model.decoder={units: 8, layers: 2}, {layers: 1}"),
              ElementsAre("{units: 8, layers: 2}", "{layers: 1}"));
  EXPECT_THAT(values(R"(corpus.directory="a, b",'c,d',e)"), ElementsAre(R"("a, b")", R"("c,d")", "e"));
  EXPECT_THAT(values("a.rate=1.0e-3,null"), ElementsAre("1.0e-3", "null"));
  EXPECT_THAT(values(R"(a.text="null",null,"5",5)"), ElementsAre(R"("null")", "null", R"("5")", "5"));
}

TEST(SweepGridTest, LabelsAreTheShortestEndsThatTellKeysApart) {
  const SweepGrid grid = read_sweep_grid(
      std::vector<std::string>{"model.encoder.units=8", "model.decoder.units=8", "model.readout=4", "units=1"}, "");
  EXPECT_THAT(grid.labels, ElementsAre("encoder.units", "decoder.units", "readout", "units"));
}

TEST(SweepGridTest, NamesAreFitForAnyFileSystemAndDifferAsTheirValuesDo) {
  const SweepGrid grid =
      read_sweep_grid(std::vector<std::string>{R"(a.b=../x/y,"../x/y","../x y",ä,ö,{c: [1, 2]},)" +
                                               std::string(200, 'z') + "," + std::string(199, 'z') + "y"},
                      "");
  const std::vector<std::string> all = names(grid);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
  EXPECT_THAT(all, testing::Each(MatchesRegex("[A-Za-z0-9=][A-Za-z0-9._+=,-]{0,150}")));
  EXPECT_THAT(all[5], MatchesRegex("b=-c-1,-2-[0-9a-f]{8}"));
}

TEST(SweepGridTest, ARowKeepsItsNameWhenValuesAreAdded) {
  const SweepGrid before = read_sweep_grid(std::vector<std::string>{"a.b={c: 1}"}, "");
  const SweepGrid after = read_sweep_grid(std::vector<std::string>{"a.b={d: 1},{c: 1},[c 1]"}, "");
  EXPECT_EQ(after.rows[1].name, before.rows[0].name);
}

TEST(SweepGridTest, VariantsAreNamedRowsThatTheGridMultiplies) {
  const TemporaryFolder folder;
  test::write_file(folder / "v.yaml",
                   "base:\n"
                   "wide: {model.encoder.units: 64, model.decoder: {units: 64}}\n");
  const SweepGrid alone = read_sweep_grid({}, folder / "v.yaml");
  EXPECT_THAT(names(alone), ElementsAre("base", "wide"));
  EXPECT_THAT(alone.rows[0].settings, ElementsAre());
  EXPECT_THAT(alone.rows[1].settings,
              ElementsAre(Setting{"model.encoder.units", "64"}, Setting{"model.decoder", "{units: 64}"}));
  const SweepGrid both = read_sweep_grid(std::vector<std::string>{"seed=1,2"}, folder / "v.yaml");
  EXPECT_THAT(names(both), ElementsAre("base,seed=1", "base,seed=2", "wide,seed=1", "wide,seed=2"));
  EXPECT_EQ(both.rows[3].variant, "wide");
  EXPECT_EQ(both.rows[3].settings.back(), (Setting{"seed", "2"}));
}

TEST(SweepGridTest, WhatIsNoGridIsRefusedWithItsPlace) {
  EXPECT_EQ(message_of({"seed"}), "--grid seed:1:1: expected key.path=VALUE,VALUE,..., such as model.dropout=0.1,0.2");
  EXPECT_THAT(message_of({"seed="}), HasSubstr("there is no value"));
  EXPECT_EQ(message_of({"seed=1,2,1"}), "--grid seed=1,2,1:1:10: 1 is given twice; leave one");
  EXPECT_THAT(message_of({"seed=1", "seed=2"}), HasSubstr("seed has an axis already"));
  EXPECT_THAT(message_of({"seed={a"}), HasSubstr("--grid seed={a:1:"));
  EXPECT_THAT(message_of({"run=a,b"}), HasSubstr("which the sweep names itself"));
}

TEST(SweepGridTest, WhatIsNoVariantIsRefusedWithItsPlace) {
  const TemporaryFolder folder;
  const std::string file = folder / "v.yaml";
  const auto message = [&](const std::string& yaml) {
    test::write_file(file, yaml);
    return message_of({}, file);
  };
  EXPECT_EQ(message("- a\n"),
            file + ":1:1: expected names with what each changes, such as wide: {model.encoder.units: 1024}");
  EXPECT_EQ(message("a: 3\n"), file + ":1:4: a is 3, expected what it changes, such as {model.dropout: 0.2}");
  EXPECT_EQ(message("a: {seed: 1}\na: {seed: 2}\n"), file + ":2:1: a is given twice; rename one");
  EXPECT_EQ(message("a: {run: b}\n"),
            file + ":1:5: run is the folder of each row, which the sweep names itself; leave it out");
}

}  // namespace
}  // namespace dragoman
