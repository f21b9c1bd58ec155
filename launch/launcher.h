#pragma once

#include <optional>

namespace dragoman {

/// The rank that mpirun or srun gives this process, through environment variables, before MPI is up; nothing where the
/// program was started alone.
std::optional<int> launcher_rank();

/// Refuses a launcher that started several processes which MPI sees as worlds of one: each would do the whole job, and
/// all would write the same files.
/// @throws ConfigurationError saying how to start it.
void check_launcher(int world_size);

}  // namespace dragoman
