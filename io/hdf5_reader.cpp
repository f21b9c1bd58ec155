#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "io/error.h"
#include "io/hdf5_file.h"
#include "io/hdf5_handle.h"

namespace dragoman {
namespace {

constexpr int kMaximumDepth = 32;
constexpr std::size_t kMaximumObjects = 100'000, kMaximumRank = 8;

Hdf5File open_read_only(const std::filesystem::path& path) {
  const Hdf5Properties access(H5Pcreate(H5P_FILE_ACCESS), "make HDF5 properties");
  // File systems without locks would refuse; files here are complete and never change. The environment variable
  // HDF5_USE_FILE_LOCKING overrides this.
  check_hdf5(H5Pset_file_locking(access.get(), false, true), "turn HDF5's file locking off");
  return Hdf5File(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), "open " + path.string() + " as HDF5");
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (const std::int64_t extent : shape) text.append(text.size() > 1 ? ", " : "").append(std::to_string(extent));
  return text + ")";
}

}  // namespace

struct Hdf5Reader::State {
  explicit State(std::filesystem::path file_path)
      : path(std::move(file_path)), file(open_read_only(path)), file_bytes(std::filesystem::file_size(path)) {
    walk("", 0);
  }

  struct Dataset {
    std::vector<std::int64_t> shape;
    std::size_t count = 1;
  };

  Hdf5Session session;
  std::filesystem::path path;
  Hdf5File file;
  hsize_t file_bytes;
  std::map<std::string, Dataset> datasets;
  std::set<std::string> groups;
  std::set<haddr_t> addresses;

  std::string doing(const std::string& verb, const std::string& object) const {
    return verb + " /" + object + " of " + path.string();
  }
  [[noreturn]] void refuse(const std::string& object, const std::string& problem) const {
    throw FileError(path.string() + ": /" + object + " " + problem);
  }

  void walk(const std::string& name, int depth);
  void check_links(hid_t group, const std::string& name, std::vector<std::string>& children) const;
  void check_dataset(hid_t object, const std::string& name);
  const Dataset& dataset(const std::string& name) const;
  Hdf5Dataset open_dataset(const std::string& name) const {
    return Hdf5Dataset(H5Dopen2(file.get(), name.c_str(), H5P_DEFAULT), doing("open", name));
  }
  Hdf5Object open_object(const std::string& name) const {
    return Hdf5Object(H5Oopen(file.get(), name.empty() ? "/" : name.c_str(), H5P_DEFAULT), doing("open", name));
  }
  template <class T>
  void check_type(hid_t id, const std::string& name) const;
  void scalar_attribute(const std::string& object, const std::string& name, hid_t file_type, hid_t memory_type,
                        const char* type_name, void* value) const;
  Hdf5Attribute open_attribute(const std::string& object, const std::string& name) const;
};

void Hdf5Reader::State::walk(const std::string& name, int depth) {
  if (depth > kMaximumDepth) refuse(name, "lies deeper than " + std::to_string(kMaximumDepth) + " groups");
  const Hdf5Object object = open_object(name);
  H5O_info_t info;
  check_hdf5(H5Oget_info2(object.get(), &info, H5O_INFO_BASIC), doing("examine", name));
  if (!addresses.insert(info.addr).second) refuse(name, "is linked twice, which no Dragoman file has");
  if (addresses.size() > kMaximumObjects) refuse(name, "is one of more than 100000 objects, more than are read");
  if (info.type == H5O_TYPE_DATASET) return check_dataset(object.get(), name);
  if (info.type != H5O_TYPE_GROUP) refuse(name, "is neither a group nor a dataset");
  groups.insert(name);
  std::vector<std::string> children;
  check_links(object.get(), name, children);
  const std::string prefix = name.empty() ? "" : name + "/";
  for (const std::string& child : children) {
    std::string path_of_child = prefix;
    walk(path_of_child.append(child), depth + 1);
  }
}

void Hdf5Reader::State::check_links(hid_t group, const std::string& name, std::vector<std::string>& children) const {
  struct Found {
    std::vector<std::string>& names;
    std::string soft;
  } found{children, ""};
  // An exception must not fly through libhdf5's frames, so the callback only collects.
  const herr_t status = H5Literate(
      group, H5_INDEX_NAME, H5_ITER_INC, nullptr,
      [](hid_t, const char* link, const H5L_info_t* info, void* result) noexcept -> herr_t {
        Found& all = *static_cast<Found*>(result);
        if (info->type != H5L_TYPE_HARD) {
          all.soft = link;
          return 1;
        }
        all.names.emplace_back(link);
        return all.names.size() > kMaximumObjects ? 1 : 0;
      },
      &found);
  check_hdf5(status, doing("list", name));
  if (!found.soft.empty()) {
    refuse(name.empty() ? found.soft : name + "/" + found.soft,
           "is a soft or external link, which no Dragoman file has");
  }
  for (const std::string& child : children)
    if (child.empty() || child == "." || child.find('/') != std::string::npos)
      refuse(name, "has a link with a bad name");
}

void Hdf5Reader::State::check_dataset(hid_t object, const std::string& name) {
  const Hdf5Type type(H5Dget_type(object), doing("examine", name));
  const H5T_class_t type_class = H5Tget_class(type.get());
  if (H5Tis_variable_str(type.get()) > 0 ||
      (type_class != H5T_INTEGER && type_class != H5T_FLOAT && type_class != H5T_STRING)) {
    refuse(name, "has a type that no Dragoman file has; expected integers, floats or one fixed-length string");
  }
  const Hdf5Properties creation(H5Dget_create_plist(object), doing("examine", name));
  if (H5Pget_layout(creation.get()) != H5D_CONTIGUOUS || H5Pget_nfilters(creation.get()) != 0 ||
      H5Pget_external_count(creation.get()) != 0) {
    refuse(name, "is chunked, filtered or stored elsewhere; expected one contiguous run of values");
  }
  const Hdf5Space space(H5Dget_space(object), doing("examine", name));
  const int rank = H5Sget_simple_extent_ndims(space.get());
  const H5S_class_t space_class = H5Sget_simple_extent_type(space.get());
  if (rank < 0 || static_cast<std::size_t>(rank) > kMaximumRank || space_class == H5S_NULL) {
    refuse(name, "has no simple shape of at most 8 dimensions");
  }
  std::vector<hsize_t> dims(static_cast<std::size_t>(rank));
  check_hdf5(H5Sget_simple_extent_dims(space.get(), dims.data(), nullptr), doing("examine", name));
  // Bounded by the file's length at each factor, so that no product overflows.
  hsize_t bytes = H5Tget_size(type.get());
  bool empty = false;
  Dataset dataset;
  for (const hsize_t extent : dims) {
    empty = empty || extent == 0;
    if (extent > file_bytes || bytes > file_bytes / std::max<hsize_t>(1, extent)) {
      refuse(name, "has a shape of more values than the file's " + std::to_string(file_bytes) + " bytes can hold");
    }
    bytes *= std::max<hsize_t>(1, extent);
    dataset.count *= extent;
    dataset.shape.push_back(static_cast<std::int64_t>(extent));
  }
  if (empty) bytes = 0;
  const haddr_t offset = H5Dget_offset(object);
  if (H5Dget_storage_size(object) != bytes ||
      (bytes > 0 && (offset == HADDR_UNDEF || offset > file_bytes || bytes > file_bytes - offset))) {
    H5Eclear2(H5E_DEFAULT);
    refuse(name, "needs " + std::to_string(bytes) + " bytes of values, which are not all in the file");
  }
  datasets.emplace(name, std::move(dataset));
}

const Hdf5Reader::State::Dataset& Hdf5Reader::State::dataset(const std::string& name) const {
  const auto found = datasets.find(name);
  if (found == datasets.end()) refuse(name, groups.contains(name) ? "is a group, expected a dataset" : "is missing");
  return found->second;
}

template <class T>
void Hdf5Reader::State::check_type(hid_t id, const std::string& name) const {
  const Hdf5Type type(H5Dget_type(id), doing("examine", name));
  if (H5Tequal(type.get(), Hdf5Element<T>::in_file()) <= 0) {
    refuse(name, std::string("has another type than ") + Hdf5Element<T>::name + " (little-endian)");
  }
}

Hdf5Attribute Hdf5Reader::State::open_attribute(const std::string& object, const std::string& name) const {
  const Hdf5Object owner = open_object(object);
  const htri_t exists = H5Aexists(owner.get(), name.c_str());
  check_hdf5(exists, doing("list the attributes of", object));
  if (exists == 0) refuse(object, "has no attribute " + name);
  return Hdf5Attribute(H5Aopen(owner.get(), name.c_str(), H5P_DEFAULT),
                       doing("open attribute " + name + " of", object));
}

void Hdf5Reader::State::scalar_attribute(const std::string& object, const std::string& name, hid_t file_type,
                                         hid_t memory_type, const char* type_name, void* value) const {
  const Hdf5Attribute attribute = open_attribute(object, name);
  const std::string reading = doing("read attribute " + name + " of", object);
  const Hdf5Type type(H5Aget_type(attribute.get()), reading);
  const Hdf5Space space(H5Aget_space(attribute.get()), reading);
  if (H5Tequal(type.get(), file_type) <= 0 || H5Sget_simple_extent_type(space.get()) != H5S_SCALAR) {
    refuse(object, "has an attribute " + name + " that is not one " + type_name);
  }
  check_hdf5(H5Aread(attribute.get(), memory_type, value), reading);
}

/// Cuts off the padding. A longer or otherwise padded string is one that h5py or a person wrote; it reads alike.
static std::string without_padding(std::string text) {
  text.resize(std::min(text.size(), text.find('\0')));
  return text;
}

Hdf5Reader::Hdf5Reader(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {}
Hdf5Reader::~Hdf5Reader() = default;

bool Hdf5Reader::has(const std::string& path) const {
  return state_->datasets.contains(path) || state_->groups.contains(path);
}

std::vector<std::string> Hdf5Reader::datasets_below(const std::string& group) const {
  if (!state_->groups.contains(group)) refuse(group, "is missing or no group");
  const std::string prefix = group.empty() ? "" : group + "/";
  std::vector<std::string> names;
  for (const auto& entry : state_->datasets)
    if (entry.first.starts_with(prefix)) names.push_back(entry.first.substr(prefix.size()));
  return names;
}

std::vector<std::int64_t> Hdf5Reader::shape(const std::string& dataset) const { return state_->dataset(dataset).shape; }

template <class T>
bool Hdf5Reader::holds(const std::string& dataset) const {
  state_->dataset(dataset);
  const Hdf5Dataset id = state_->open_dataset(dataset);
  const Hdf5Type type(H5Dget_type(id.get()), state_->doing("examine", dataset));
  return H5Tequal(type.get(), Hdf5Element<T>::in_file()) > 0;
}

template <class T>
void Hdf5Reader::read(const std::string& dataset, const std::vector<std::int64_t>& shape, std::span<T> values) const {
  const State::Dataset& found = state_->dataset(dataset);
  if (found.shape != shape || found.count != values.size()) {
    refuse(dataset, "has shape " + shape_text(found.shape) + ", expected " + shape_text(shape));
  }
  const Hdf5Dataset id = state_->open_dataset(dataset);
  state_->check_type<T>(id.get(), dataset);
  if (values.empty()) return;
  check_hdf5(H5Dread(id.get(), Hdf5Element<T>::in_memory(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
             state_->doing("read", dataset));
}

template <class T>
std::vector<T> Hdf5Reader::values(const std::string& dataset, std::size_t rank) const {
  const State::Dataset& found = state_->dataset(dataset);
  if (found.shape.size() != rank) {
    refuse(dataset, "has shape " + shape_text(found.shape) + ", expected " + std::to_string(rank) + " dimension" +
                        (rank == 1 ? "" : "s"));
  }
  // Before the allocation: a type narrower than T would let the file ask for more memory than it has bytes.
  if (!holds<T>(dataset)) refuse(dataset, std::string("has another type than ") + Hdf5Element<T>::name);
  std::vector<T> result(found.count);
  read<T>(dataset, found.shape, result);
  return result;
}

template std::vector<std::uint8_t> Hdf5Reader::values(const std::string&, std::size_t) const;
template std::vector<std::uint16_t> Hdf5Reader::values(const std::string&, std::size_t) const;
template std::vector<std::int32_t> Hdf5Reader::values(const std::string&, std::size_t) const;
template std::vector<std::int64_t> Hdf5Reader::values(const std::string&, std::size_t) const;
template std::vector<float> Hdf5Reader::values(const std::string&, std::size_t) const;
template bool Hdf5Reader::holds<float>(const std::string&) const;
template void Hdf5Reader::read(const std::string&, const std::vector<std::int64_t>&, std::span<float>) const;

std::string Hdf5Reader::text_dataset(const std::string& path) const {
  if (!state_->dataset(path).shape.empty()) refuse(path, "is an array, expected one string");
  const Hdf5Dataset id = state_->open_dataset(path);
  const Hdf5Type type(H5Dget_type(id.get()), state_->doing("examine", path));
  if (H5Tget_class(type.get()) != H5T_STRING) refuse(path, "is no string");
  std::string text(H5Tget_size(type.get()), '\0');
  check_hdf5(H5Dread(id.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()), state_->doing("read", path));
  return without_padding(std::move(text));
}

std::vector<std::string> Hdf5Reader::attributes(const std::string& object) const {
  const Hdf5Object owner = state_->open_object(object);
  std::vector<std::string> names;
  hsize_t at = 0;
  check_hdf5(H5Aiterate2(
                 owner.get(), H5_INDEX_NAME, H5_ITER_INC, &at,
                 [](hid_t, const char* name, const H5A_info_t*, void* all) noexcept -> herr_t {
                   static_cast<std::vector<std::string>*>(all)->emplace_back(name);
                   return 0;
                 },
                 &names),
             state_->doing("list the attributes of", object));
  return names;
}

std::int64_t Hdf5Reader::integer_attribute(const std::string& object, const std::string& name) const {
  std::int64_t value = 0;
  state_->scalar_attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, "int64", &value);
  return value;
}
std::uint64_t Hdf5Reader::unsigned_attribute(const std::string& object, const std::string& name) const {
  std::uint64_t value = 0;
  state_->scalar_attribute(object, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, "uint64", &value);
  return value;
}
double Hdf5Reader::number_attribute(const std::string& object, const std::string& name) const {
  double value = 0;
  state_->scalar_attribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, "float64", &value);
  return value;
}

std::string Hdf5Reader::text_attribute(const std::string& object, const std::string& name) const {
  const Hdf5Attribute attribute = state_->open_attribute(object, name);
  const std::string reading = state_->doing("read attribute " + name + " of", object);
  const Hdf5Type type(H5Aget_type(attribute.get()), reading);
  const Hdf5Space space(H5Aget_space(attribute.get()), reading);
  const std::size_t bytes = H5Tget_size(type.get());
  if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) != 0 || bytes > state_->file_bytes ||
      H5Sget_simple_extent_type(space.get()) != H5S_SCALAR) {
    refuse(object, "has an attribute " + name + " that is not one fixed-length string");
  }
  std::string text(bytes, '\0');
  check_hdf5(H5Aread(attribute.get(), type.get(), text.data()), reading);
  return without_padding(std::move(text));
}

void Hdf5Reader::refuse(const std::string& object, const std::string& problem) const {
  state_->refuse(object, problem);
}

}  // namespace dragoman
