#pragma once

#include <mpi.h>

#include <array>
#include <string>

#include "io/error.h"

namespace dragoman {

/// @throws Error with MPI's own reason where `code` is not success. @param doing such as "MPI_Isend" or "a barrier"
inline void check_mpi(int code, const std::string& doing) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> reason{};
  int length = 0;
  if (MPI_Error_string(code, reason.data(), &length) != MPI_SUCCESS) length = 0;
  throw Error("MPI failed in " + doing + ": " + std::string(reason.data(), static_cast<std::size_t>(length)));
}

}  // namespace dragoman
