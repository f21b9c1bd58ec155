// launch/slurm.sbatch where srun, scontrol and the program only write down what they are asked for.
// tests/faults/slurm.py runs it under a real Slurm.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace dragoman::test {
namespace {

class SlurmScriptTest : public testing::Test {
 protected:
  void SetUp() override {
    script("srun", "[ \"$1\" != --mpi=list ] || { echo pmix; exit; }\nshift 2\nexec \"$@\"");
    script("scontrol", "echo \"scontrol $*\" >> \"$ASKED\"");
    script("program", "echo \"$*\" >> \"$ASKED\"\n[ \"$1\" = prepare ] || exit \"$STATUS\"");
  }

  /// What the script asks for when it is submitted with these arguments, one line each.
  std::string asked(std::vector<std::string> arguments, const std::string& status,
                    std::map<std::string, std::string> environment = {}) const {
    std::filesystem::remove(folder_ / "asked");
    environment.insert({{"PATH", folder_.path().string() + ":/usr/bin:/bin"},
                        {"DRAGOMAN", folder_ / "program"},
                        {"ASKED", folder_ / "asked"},
                        {"STATUS", status},
                        {"SLURM_JOB_ID", "7"}});
    arguments.insert(arguments.begin(), DRAGOMAN_SOURCE_FOLDER "/launch/slurm.sbatch");
    const ProcessResult result = run_process("/bin/bash", arguments, {.environment = environment});
    EXPECT_EQ(std::to_string(result.status), status) << result.err;
    return read_file(folder_ / "asked");
  }

 private:
  void script(const std::string& name, const std::string& commands) const {
    write_file(folder_ / name, "#!/bin/bash\n" + commands + "\n");
    std::filesystem::permissions(folder_ / name, std::filesystem::perms::owner_all);
  }

  TemporaryFolder folder_;
};

TEST_F(SlurmScriptTest, PreparesAndTrainsAndGoesBackIntoTheQueueWhenStopped) {
  EXPECT_EQ(asked({"a.yaml", "--set", "seed=2", "--fresh"}, "75"),
            "prepare a.yaml --set seed=2\ntrain a.yaml --set seed=2 --fresh\nscontrol requeue 7\n");
  EXPECT_EQ(asked({"a.yaml", "--fresh"}, "0", {{"SLURM_RESTART_COUNT", "1"}}), "prepare a.yaml\ntrain a.yaml\n");
}

TEST_F(SlurmScriptTest, TrainsASweepOrTheRowOfItsTaskInAnArray) {
  EXPECT_EQ(asked({"a.yaml", "--grid", "seed=1,2"}, "75"), "sweep a.yaml --grid seed=1,2\nscontrol requeue 7\n");
  EXPECT_EQ(asked({"a.yaml", "--variants=v.yaml"}, "1", {{"SLURM_ARRAY_TASK_ID", "3"}}),
            "sweep a.yaml --variants=v.yaml --only 3\n");
}

}  // namespace
}  // namespace dragoman::test
