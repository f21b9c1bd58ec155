#pragma once

#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

// Shared by the two sources of hdf5_file.h; nothing else includes this.

namespace dragoman {

/// What libhdf5 said of its last failure on this thread, from the function where it began; empties its stack.
std::string hdf5_reason();

/// @throws FileError "cannot <doing>: <libhdf5's reason>".
[[noreturn]] void throw_hdf5_error(const std::string& doing);

inline void check_hdf5(herr_t status, const std::string& doing) {
  if (status < 0) throw_hdf5_error(doing);
}

/// Move-only owner of one HDF5 id.
template <herr_t (*Close)(hid_t)>
class Hdf5Handle {
 public:
  Hdf5Handle(hid_t id, const std::string& doing) : id_(id) {
    if (id < 0) throw_hdf5_error(doing);
  }
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Hdf5Handle() {
    if (id_ >= 0) Close(id_);
  }
  hid_t get() const { return id_; }

 private:
  hid_t id_;
};
using Hdf5File = Hdf5Handle<H5Fclose>;
using Hdf5Dataset = Hdf5Handle<H5Dclose>;
using Hdf5Group = Hdf5Handle<H5Gclose>;
using Hdf5Object = Hdf5Handle<H5Oclose>;
using Hdf5Space = Hdf5Handle<H5Sclose>;
using Hdf5Type = Hdf5Handle<H5Tclose>;
using Hdf5Attribute = Hdf5Handle<H5Aclose>;
using Hdf5Properties = Hdf5Handle<H5Pclose>;

/// Held while libhdf5 is in use: keeps it from printing, and from other threads, since it may have been built without
/// locks of its own. A session begins and ends on one thread, which may have another inside.
class Hdf5Session {
 public:
  Hdf5Session();

 private:
  std::unique_lock<std::recursive_mutex> lock_;
};

/// File and memory type of T.
template <class T>
struct Hdf5Element;
#define DRAGOMAN_HDF5_ELEMENT(type, file_type, memory_type, text) \
  template <>                                                     \
  struct Hdf5Element<type> {                                      \
    static hid_t in_file() { return file_type; }                  \
    static hid_t in_memory() { return memory_type; }              \
    static constexpr const char* name = text;                     \
  };
DRAGOMAN_HDF5_ELEMENT(std::uint8_t, H5T_STD_U8LE, H5T_NATIVE_UINT8, "uint8")
DRAGOMAN_HDF5_ELEMENT(std::uint16_t, H5T_STD_U16LE, H5T_NATIVE_UINT16, "uint16")
DRAGOMAN_HDF5_ELEMENT(std::int32_t, H5T_STD_I32LE, H5T_NATIVE_INT32, "int32")
DRAGOMAN_HDF5_ELEMENT(std::int64_t, H5T_STD_I64LE, H5T_NATIVE_INT64, "int64")
DRAGOMAN_HDF5_ELEMENT(std::uint64_t, H5T_STD_U64LE, H5T_NATIVE_UINT64, "uint64")
DRAGOMAN_HDF5_ELEMENT(float, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, "float32")
DRAGOMAN_HDF5_ELEMENT(double, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, "float64")
#undef DRAGOMAN_HDF5_ELEMENT

}  // namespace dragoman
