#include "launch/launcher.h"

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include "io/error.h"

namespace dragoman {
namespace {

std::optional<int> environment_number(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  const std::string_view digits(text);
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

struct Variables {
  const char *rank, *processes, *advice;
};

// A batch script's own shell has SLURM_NTASKS but no SLURM_STEP_*: only srun makes a step. mpirun comes first, for
// inside a Slurm job its processes inherit the step variables of the daemons that started them.
constexpr Variables kLaunchers[] = {
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "start it with the mpirun of the MPI that it was built with"},
    {"PMI_RANK", "PMI_SIZE", "start it with the mpirun of the MPI that it was built with"},
    {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS",
     "start it with srun --mpi=pmix, or with mpirun inside the allocation (srun --mpi=list shows what Slurm offers)"},
};

const Variables* find_launcher() {
  for (const Variables& launcher : kLaunchers) {
    if (environment_number(launcher.processes)) return &launcher;
  }
  return nullptr;
}

}  // namespace

std::optional<int> launcher_rank() {
  const Variables* launcher = find_launcher();
  if (launcher == nullptr) return std::nullopt;
  return environment_number(launcher->rank).value_or(0);
}

void check_launcher(int world_size) {
  const Variables* launcher = find_launcher();
  if (launcher == nullptr || world_size > 1) return;
  const int processes = *environment_number(launcher->processes);
  if (processes <= 1) return;
  throw ConfigurationError(
      "the launcher started " + std::to_string(processes) + " processes (" + launcher->processes +
      "), but MPI sees each of them alone, so that each would do the whole job: " + launcher->advice);
}

}  // namespace dragoman
