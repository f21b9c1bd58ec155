#include "io/hdf5_handle.h"

#include "io/error.h"

namespace dragoman {

std::string hdf5_reason() {
  std::string reason;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned, const H5E_error2_t* error, void* text) -> herr_t {
        if (error->desc != nullptr) *static_cast<std::string*>(text) = error->desc;
        return 1;  // the first one walked is where the failure began; the others only pass it on
      },
      &reason);
  H5Eclear2(H5E_DEFAULT);
  return reason.empty() ? "libhdf5 gives no reason" : reason;
}

void throw_hdf5_error(const std::string& doing) { throw FileError("cannot " + doing + ": " + hdf5_reason()); }

Hdf5Session::Hdf5Session() {
  static std::recursive_mutex mutex;
  lock_ = std::unique_lock(mutex);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // each thread has its own setting
}

}  // namespace dragoman
