#include "tests/support/golden_file.h"

#include <hdf5.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <stdexcept>

namespace dragoman::test {
namespace {

/// Closes an id at the end of a scope.
class Id {
 public:
  Id(hid_t id, herr_t (*close)(hid_t), const std::string& doing) : id_(id), close_(close) {
    if (id_ < 0) throw std::runtime_error("cannot " + doing);
  }
  ~Id() { close_(id_); }
  Id(const Id&) = delete;
  Id& operator=(const Id&) = delete;
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

void check(herr_t status, const std::string& doing) {
  if (status < 0) throw std::runtime_error("cannot " + doing);
}

std::vector<std::int64_t> shape_of(hid_t space) {
  std::vector<hsize_t> dims(static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space))));
  H5Sget_simple_extent_dims(space, dims.data(), nullptr);
  return {dims.begin(), dims.end()};
}

std::size_t count(const std::vector<std::int64_t>& shape) {
  return static_cast<std::size_t>(std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
}

}  // namespace

class GoldenFile::Reader {
 public:
  Reader(GoldenFile& golden, const std::filesystem::path& path)
      : golden_(golden), file_(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "open " + path.string()) {}

  void read() {
    read_attributes(file_, "");
    check(H5Ovisit(
              file_, H5_INDEX_NAME, H5_ITER_INC,
              [](hid_t, const char* name, const H5O_info_t* info, void* self) -> herr_t {
                if (std::string(name) == ".") return 0;
                auto& objects = static_cast<Reader*>(self)->objects_;
                objects.emplace_back(name, info->type);
                return 0;
              },
              this),
          "list the objects of " + golden_.name_);
    for (const auto& [name, type] : objects_) {
      const Id object(H5Oopen(file_, name.c_str(), H5P_DEFAULT), H5Oclose, "open " + name);
      read_attributes(object, name);
      if (type == H5O_TYPE_DATASET) read_dataset(object, name);
    }
  }

 private:
  void read_dataset(hid_t dataset, const std::string& name) {
    const std::string doing = "read " + name + " of " + golden_.name_;
    const Id space(H5Dget_space(dataset), H5Sclose, doing);
    const Id type(H5Dget_type(dataset), H5Tclose, doing);
    if (H5Tget_class(type) == H5T_FLOAT) {
      GoldenTensor& tensor = golden_.tensors_[name];
      tensor.shape = shape_of(space);
      tensor.values.resize(count(tensor.shape));
      check(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor.values.data()), doing);
    } else if (H5Tget_class(type) == H5T_INTEGER) {
      GoldenIntegers& integers = golden_.integers_[name];
      integers.shape = shape_of(space);
      integers.values.resize(count(integers.shape));
      check(H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, integers.values.data()), doing);
    } else {
      throw std::runtime_error("cannot " + doing + ": neither float nor integer");
    }
  }

  void read_attributes(hid_t object, const std::string& name) {
    H5O_info_t info;
    check(H5Oget_info2(object, &info, H5O_INFO_NUM_ATTRS), "count the attributes of " + name);
    for (hsize_t i = 0; i < info.num_attrs; ++i) {
      const Id attribute(H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, i, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                         "open an attribute of " + name);
      std::string key(static_cast<std::size_t>(H5Aget_name(attribute, 0, nullptr)), '\0');
      H5Aget_name(attribute, key.size() + 1, key.data());
      golden_.attributes_[name][key] = read_attribute(attribute, "read attribute " + name + "@" + key);
    }
  }

  static Attribute read_attribute(hid_t attribute, const std::string& doing) {
    const Id space(H5Aget_space(attribute), H5Sclose, doing);
    const Id type(H5Aget_type(attribute), H5Tclose, doing);
    Attribute result;
    result.numbers.resize(count(shape_of(space)));
    switch (H5Tget_class(type)) {
      case H5T_STRING:
        return read_text(attribute, type, doing);
      case H5T_ENUM: {  // h5py's truth value: one byte
        std::vector<std::int8_t> truths(result.numbers.size());
        if (H5Tget_size(type) != 1) throw std::runtime_error("cannot " + doing + ": an enumeration wider than a byte");
        check(H5Aread(attribute, type, truths.data()), doing);
        std::copy(truths.begin(), truths.end(), result.numbers.begin());
        return result;
      }
      default:
        check(H5Aread(attribute, H5T_NATIVE_DOUBLE, result.numbers.data()), doing);
        return result;
    }
  }

  static Attribute read_text(hid_t attribute, hid_t type, const std::string& doing) {
    Attribute result;
    result.is_text = true;
    if (H5Tis_variable_str(type) > 0) {
      char* text = nullptr;
      check(H5Aread(attribute, type, &text), doing);
      result.text = text == nullptr ? "" : text;
      H5free_memory(text);
    } else {
      std::string text(H5Tget_size(type), '\0');
      check(H5Aread(attribute, type, text.data()), doing);
      result.text = text.c_str();
    }
    return result;
  }

  GoldenFile& golden_;
  Id file_;
  std::vector<std::pair<std::string, H5O_type_t>> objects_;
};

GoldenFile::GoldenFile(const std::filesystem::path& path) : name_(path.filename().string()) {
  Reader(*this, path).read();
}

std::vector<std::string> GoldenFile::datasets() const { return datasets_below(""); }

std::vector<std::string> GoldenFile::datasets_below(const std::string& group) const {
  const std::string prefix = group.empty() ? "" : group + "/";
  std::vector<std::string> names;
  for (const auto& entry : tensors_)
    if (entry.first.starts_with(prefix)) names.push_back(entry.first);
  for (const auto& entry : integers_)
    if (entry.first.starts_with(prefix)) names.push_back(entry.first);
  std::sort(names.begin(), names.end());
  return names;
}

bool GoldenFile::has(const std::string& dataset) const {
  return tensors_.contains(dataset) || integers_.contains(dataset);
}

const GoldenTensor& GoldenFile::tensor(const std::string& dataset) {
  const auto found = tensors_.find(dataset);
  if (found == tensors_.end()) throw std::runtime_error(name_ + " has no float dataset " + dataset);
  used_.insert(dataset);
  return found->second;
}

double GoldenFile::scalar(const std::string& dataset) {
  const GoldenTensor& found = tensor(dataset);
  if (found.values.size() != 1) throw std::runtime_error(name_ + ": " + dataset + " is no scalar");
  return found.values.front();
}

const GoldenIntegers& GoldenFile::integers(const std::string& dataset) {
  const auto found = integers_.find(dataset);
  if (found == integers_.end()) throw std::runtime_error(name_ + " has no integer dataset " + dataset);
  used_.insert(dataset);
  return found->second;
}

void GoldenFile::mark_used(const std::string& dataset) {
  if (!has(dataset)) throw std::runtime_error(name_ + " has no dataset " + dataset);
  used_.insert(dataset);
}

std::vector<std::string> GoldenFile::unused() const {
  std::vector<std::string> names = datasets();
  std::erase_if(names, [this](const std::string& dataset) { return used_.contains(dataset); });
  return names;
}

std::vector<std::string> GoldenFile::attributes(const std::string& object) const {
  std::vector<std::string> names;
  if (const auto found = attributes_.find(object); found != attributes_.end())
    for (const auto& entry : found->second) names.push_back(entry.first);
  return names;
}

bool GoldenFile::has_attribute(const std::string& object, const std::string& attribute) const {
  const auto found = attributes_.find(object);
  return found != attributes_.end() && found->second.contains(attribute);
}

const GoldenFile::Attribute& GoldenFile::attribute(const std::string& object, const std::string& name) const {
  if (!has_attribute(object, name)) throw std::runtime_error(name_ + ": " + object + " has no attribute " + name);
  return attributes_.at(object).at(name);
}

double GoldenFile::number(const std::string& object, const std::string& name) const {
  const std::vector<double> found = numbers(object, name);
  if (found.size() != 1) throw std::runtime_error(name_ + ": " + object + "@" + name + " is not one number");
  return found.front();
}

std::vector<double> GoldenFile::numbers(const std::string& object, const std::string& name) const {
  const Attribute& found = attribute(object, name);
  if (found.is_text) throw std::runtime_error(name_ + ": " + object + "@" + name + " is a text");
  return found.numbers;
}

std::string GoldenFile::text(const std::string& object, const std::string& name) const {
  const Attribute& found = attribute(object, name);
  if (!found.is_text) throw std::runtime_error(name_ + ": " + object + "@" + name + " is no text");
  return found.text;
}

std::filesystem::path golden_folder() {
  const char* folder = std::getenv("DRAGOMAN_GOLDEN");
  return folder != nullptr && *folder != '\0' ? folder : DRAGOMAN_DEFAULT_GOLDEN;
}

std::optional<std::string> no_golden_folder() {
  if (std::getenv("DRAGOMAN_GOLDEN") != nullptr || std::filesystem::exists(golden_folder())) return std::nullopt;
  return "there is no folder of golden values " + golden_folder().string() + "; set DRAGOMAN_GOLDEN to one";
}

std::vector<std::filesystem::path> golden_files(const std::string& prefix, const std::string& suffix) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(golden_folder())) {
    for (const auto& entry : std::filesystem::directory_iterator(golden_folder())) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(prefix) && name.ends_with(suffix)) files.push_back(entry.path());
    }
  }
  if (files.empty()) {
    throw std::runtime_error("no golden file " + prefix + "*" + suffix + " in " + golden_folder().string() +
                             "; set DRAGOMAN_GOLDEN to the folder that holds them");
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace dragoman::test
