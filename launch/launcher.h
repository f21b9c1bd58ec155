#pragma once

#include <optional>

namespace dragoman {

/// What mpirun or srun says, through environment variables, about this process before MPI is up.
struct LauncherPlace {
  int rank = 0;
  int processes = 1;
};

/// @return nothing where the program was started alone.
std::optional<LauncherPlace> launcher_place();

/// Refuses a launcher that started several processes which MPI sees as worlds of one: each would do the whole job, and
/// all would write the same files.
/// @throws ConfigurationError saying how to start it.
void check_launcher(int world_size);

}  // namespace dragoman
