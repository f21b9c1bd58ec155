#pragma once

#include "trainer/communicator.h"

namespace dragoman::test {

/// All ranks that mpirun started this test program on; mpi_main.cpp holds it.
Communicator& mpi_world();
/// The same ranks, but everything longer than seven elements is cut.
Communicator& mpi_world_in_pieces_of_7();

}  // namespace dragoman::test
