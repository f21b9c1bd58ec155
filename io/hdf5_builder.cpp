#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <numeric>

#include "io/error.h"
#include "io/hdf5_file.h"
#include "io/hdf5_handle.h"
#include "io/sealed_file.h"

namespace dragoman {
namespace {

constexpr const char* kInMemory = "an HDF5 file in memory";

Hdf5Properties properties(hid_t kind) { return Hdf5Properties(H5Pcreate(kind), "make HDF5 properties"); }

/// Properties under which equal objects have equal bytes.
Hdf5Properties object_properties(hid_t kind) {
  Hdf5Properties result = properties(kind);
  check_hdf5(H5Pset_obj_track_times(result.get(), false), "turn HDF5's timestamps off");
  return result;
}

Hdf5Properties memory_access() {
  Hdf5Properties access = properties(H5P_FILE_ACCESS);
  check_hdf5(H5Pset_fapl_core(access.get(), 1 << 20, false), "choose HDF5's memory driver");
  // One format version, whatever the library's newest: version 1.8's, the oldest that can leave timestamps out.
  check_hdf5(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_V18), "set HDF5's format version");
  return access;
}

Hdf5File create_in_memory(const Hdf5Properties& access) {
  const Hdf5Properties creation = object_properties(H5P_FILE_CREATE);
  check_hdf5(H5Pset_userblock(creation.get(), kSealBytes), "set HDF5's user block");
  // The name appears nowhere, but HDF5 refuses two open files of one name, and threads may each build one.
  static std::atomic<std::uint64_t> files_made{0};
  const std::string name = "memory-" + std::to_string(++files_made);
  return Hdf5File(H5Fcreate(name.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()),
                  std::string("make ") + kInMemory);
}

Hdf5Type text_type(const std::string& name, const std::string& text) {
  // Padding is zero bytes, so a text with one of its own would come back cut.
  if (text.find('\0') != std::string::npos) throw Error("the text " + name + " has a zero byte, a file cannot hold it");
  Hdf5Type type(H5Tcopy(H5T_C_S1), "make a string type");
  check_hdf5(H5Tset_size(type.get(), std::max<std::size_t>(1, text.size())), "size a string type");
  check_hdf5(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "pad a string type");
  check_hdf5(H5Tset_cset(type.get(), H5T_CSET_UTF8), "set a string type to UTF-8");
  return type;
}

void check_name(const std::string& path) {
  // libhdf5 would take these, and merge or drop components without a word.
  const std::string framed = "/" + path + "/";
  if (path.empty() || framed.find("//") != std::string::npos || framed.find("/./") != std::string::npos ||
      path.find('\0') != std::string::npos) {
    throw Error("\"" + path + "\" cannot name an HDF5 object; use non-empty components joined by '/'");
  }
}

}  // namespace

struct Hdf5Builder::State {
  Hdf5Properties access = memory_access();
  Hdf5File file = create_in_memory(access);

  Hdf5Object open(const std::string& path) const {
    return Hdf5Object(H5Oopen(file.get(), path.empty() ? "/" : path.c_str(), H5P_DEFAULT), "open " + path);
  }

  void make_groups_above(Hdf5Builder& builder, const std::string& path) const {
    if (const std::size_t slash = path.rfind('/'); slash != std::string::npos) builder.group(path.substr(0, slash));
  }

  void write(const std::string& path, hid_t file_type, hid_t memory_type, hid_t space, const void* values) const {
    const std::string doing = "write " + path + " to " + kInMemory;
    const Hdf5Properties creation = object_properties(H5P_DATASET_CREATE);
    check_hdf5(H5Pset_layout(creation.get(), H5D_CONTIGUOUS), doing);
    check_hdf5(H5Pset_alloc_time(creation.get(), H5D_ALLOC_TIME_EARLY), doing);
    check_hdf5(H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER), doing);
    const Hdf5Dataset dataset(
        H5Dcreate2(file.get(), path.c_str(), file_type, space, H5P_DEFAULT, creation.get(), H5P_DEFAULT), doing);
    check_hdf5(H5Dwrite(dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), doing);
  }

  void attribute(const std::string& object, const std::string& name, hid_t file_type, hid_t memory_type,
                 const void* value) const {
    const std::string doing = "write attribute " + name + " of /" + object;
    const Hdf5Object owner = open(object);
    const Hdf5Space scalar(H5Screate(H5S_SCALAR), doing);
    const Hdf5Attribute attribute(
        H5Acreate2(owner.get(), name.c_str(), file_type, scalar.get(), H5P_DEFAULT, H5P_DEFAULT), doing);
    check_hdf5(H5Awrite(attribute.get(), memory_type, value), doing);
  }
};

Hdf5Builder::Hdf5Builder() {
  const Hdf5Session session;
  state_ = std::make_unique<State>();
}
Hdf5Builder::~Hdf5Builder() {
  const Hdf5Session session;
  state_.reset();
}

void Hdf5Builder::group(const std::string& path) {
  check_name(path);
  const Hdf5Session session;
  // libhdf5 could make the groups in between itself, but would give them timestamps.
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    const htri_t exists = H5Lexists(state_->file.get(), part.c_str(), H5P_DEFAULT);
    check_hdf5(exists, "look for group " + part);
    if (exists > 0) continue;
    const Hdf5Properties creation = object_properties(H5P_GROUP_CREATE);
    const Hdf5Group made(H5Gcreate2(state_->file.get(), part.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                         "make group " + part);
  }
}

template <class T>
void Hdf5Builder::dataset(const std::string& path, const std::vector<std::int64_t>& shape, std::span<const T> values) {
  check_name(path);
  const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  if (count != static_cast<std::int64_t>(values.size())) {
    throw Error(path + " has " + std::to_string(values.size()) + " values, its shape holds " + std::to_string(count));
  }
  const Hdf5Session session;
  state_->make_groups_above(*this, path);
  const std::vector<hsize_t> dims(shape.begin(), shape.end());
  const Hdf5Space space(
      dims.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr),
      "make the shape of " + path);
  const T nothing{};  // libhdf5 refuses a null pointer even for no values
  state_->write(path, Hdf5Element<T>::in_file(), Hdf5Element<T>::in_memory(), space.get(),
                values.empty() ? &nothing : values.data());
}

template void Hdf5Builder::dataset(const std::string&, const std::vector<std::int64_t>&, std::span<const std::uint8_t>);
template void Hdf5Builder::dataset(const std::string&, const std::vector<std::int64_t>&,
                                   std::span<const std::uint16_t>);
template void Hdf5Builder::dataset(const std::string&, const std::vector<std::int64_t>&, std::span<const std::int32_t>);
template void Hdf5Builder::dataset(const std::string&, const std::vector<std::int64_t>&, std::span<const std::int64_t>);
template void Hdf5Builder::dataset(const std::string&, const std::vector<std::int64_t>&, std::span<const float>);

void Hdf5Builder::text_dataset(const std::string& path, const std::string& text) {
  check_name(path);
  const Hdf5Session session;
  state_->make_groups_above(*this, path);
  const Hdf5Type type = text_type(path, text);
  const Hdf5Space scalar(H5Screate(H5S_SCALAR), "make a scalar");
  state_->write(path, type.get(), type.get(), scalar.get(), text.c_str());
}

void Hdf5Builder::attribute(const std::string& object, const std::string& name, std::int64_t value) {
  const Hdf5Session session;
  state_->attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}
void Hdf5Builder::attribute(const std::string& object, const std::string& name, std::uint64_t value) {
  const Hdf5Session session;
  state_->attribute(object, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
}
void Hdf5Builder::attribute(const std::string& object, const std::string& name, double value) {
  const Hdf5Session session;
  state_->attribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}
void Hdf5Builder::attribute(const std::string& object, const std::string& name, const std::string& text) {
  const Hdf5Session session;
  const Hdf5Type type = text_type(name, text);
  state_->attribute(object, name, type.get(), type.get(), text.c_str());
}

std::span<std::byte> Hdf5Builder::finish() {
  const std::string doing = std::string("finish ") + kInMemory;
  const Hdf5Session session;
  check_hdf5(H5Fflush(state_->file.get(), H5F_SCOPE_GLOBAL), doing);
  void* handle = nullptr;
  check_hdf5(H5Fget_vfd_handle(state_->file.get(), state_->access.get(), &handle), doing);
  hsize_t buffer_bytes = 0;
  check_hdf5(H5Fget_filesize(state_->file.get(), &buffer_bytes), doing);
  std::byte* image = *static_cast<std::byte**>(handle);
  // The driver's buffer is rounded up; where the file in it ends is a field of its superblock (version 2: byte 28).
  std::uint64_t end = 0;
  std::memcpy(&end, image + kSealBytes + 28, sizeof end);
  if (end <= kSealBytes || end > buffer_bytes)
    throw Error("libhdf5 left no valid superblock in " + std::string(kInMemory));
  return {image, static_cast<std::size_t>(end)};
}

}  // namespace dragoman
