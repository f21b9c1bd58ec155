// Valid, sealed HDF5 files that were changed in ways that Dragoman never would: objects replaced, removed, linked
// elsewhere, of other types, ranks, sizes and values. They are refused with FileError, or read; nothing else may
// happen.
#include <fuzzer/FuzzedDataProvider.h>
#include <hdf5.h>

#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "io/checkpoint_file.h"
#include "io/error.h"
#include "io/file_bytes.h"
#include "io/shard.h"
#include "io/soft_alignments.h"
#include "tests/fuzz/scratch_file.h"
#include "tests/io/example_files.h"

namespace {

using namespace dragoman;

const std::vector<std::string> kPaths = {"source",
                                         "source/ids",
                                         "source/offsets",
                                         "source/length_histogram",
                                         "source/text",
                                         "source/text_offsets",
                                         "target/ids",
                                         "target/offsets",
                                         "target/text",
                                         "source/pieces",
                                         "source/piece_offsets",
                                         "lines",
                                         "weights",
                                         "weight_offsets",
                                         "pair_ids",
                                         "origin",
                                         "parameters",
                                         "state",
                                         "state/slots",
                                         "configuration",
                                         "tokenizer/source",
                                         "versions",
                                         "optimizer",
                                         "average",
                                         "decoder/bias",
                                         "parameters/unused",
                                         "parameters/decoder/bias",
                                         "new",
                                         "state/new",
                                         "parameters/new",
                                         "source/new",
                                         "/"};
const std::vector<std::string> kAttributes = {
    "split", "source_language", "source_vocabulary", "pairs",       "source_tokens", "parameters_hash", "step",
    "seed",  "best_score",      "finished",          "corpus_hash", "dragoman"};

hid_t pick_type(FuzzedDataProvider& in) {
  const hid_t types[] = {H5T_STD_U8LE,  H5T_STD_U16LE,  H5T_STD_I32LE,  H5T_STD_I64LE, H5T_STD_U64LE,
                         H5T_STD_I64BE, H5T_IEEE_F32LE, H5T_IEEE_F64LE, H5T_STD_B8LE,  H5T_STD_REF_OBJ};
  switch (in.ConsumeIntegralInRange(0, 3)) {
    case 0: {
      const hid_t text = H5Tcopy(H5T_C_S1);
      H5Tset_size(text, in.ConsumeBool() ? H5T_VARIABLE : in.ConsumeIntegralInRange<std::size_t>(1, 300));
      return text;
    }
    case 1: {
      const hid_t compound = H5Tcreate(H5T_COMPOUND, 8);
      H5Tinsert(compound, "a", 0, H5T_STD_I32LE);
      return compound;
    }
    default:
      return H5Tcopy(types[in.ConsumeIntegralInRange<std::size_t>(0, std::size(types) - 1)]);
  }
}

hid_t pick_space(FuzzedDataProvider& in) {
  if (in.ConsumeBool()) return H5Screate(in.ConsumeBool() ? H5S_SCALAR : H5S_NULL);
  std::vector<hsize_t> dims(in.ConsumeIntegralInRange<std::size_t>(1, 4));
  for (hsize_t& extent : dims) {
    extent = in.ConsumeBool() ? in.ConsumeIntegralInRange<hsize_t>(0, 9)
                              : in.ConsumeIntegral<hsize_t>() >> in.ConsumeIntegralInRange(0, 63);
  }
  return H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr);
}

void add_dataset(FuzzedDataProvider& in, hid_t file, const std::string& path) {
  const hid_t type = pick_type(in), space = pick_space(in), creation = H5Pcreate(H5P_DATASET_CREATE);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  switch (in.ConsumeIntegralInRange(0, 4)) {
    case 0: {
      const hsize_t chunk[] = {in.ConsumeIntegralInRange<hsize_t>(1, 5)};
      H5Pset_chunk(creation, 1, chunk);
      if (in.ConsumeBool()) H5Pset_deflate(creation, 1);
      break;
    }
    case 1:
      H5Pset_external(creation, "/etc/hostname", 0, 8);
      break;
    case 2:
      H5Pset_layout(creation, H5D_COMPACT);
      break;
    default:
      H5Pset_alloc_time(creation, in.ConsumeBool() ? H5D_ALLOC_TIME_LATE : H5D_ALLOC_TIME_EARLY);
  }
  // Only what fits a small file is written; larger shapes stay without storage.
  const hssize_t points = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
  const std::size_t bytes = points >= 0 ? static_cast<std::size_t>(points) * H5Tget_size(type) : 0;
  if (points > 4096) H5Pset_alloc_time(creation, H5D_ALLOC_TIME_LATE);
  const hid_t dataset = H5Dcreate2(file, path.c_str(), type, space, links, creation, H5P_DEFAULT);
  if (dataset >= 0 && points > 0 && points <= 4096 && bytes <= 65536 && H5Tis_variable_str(type) <= 0) {
    std::vector<std::uint8_t> values = in.ConsumeBytes<std::uint8_t>(bytes);
    values.resize(bytes);
    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  }
  if (dataset >= 0) H5Dclose(dataset);
  if (space >= 0) H5Sclose(space);
  H5Tclose(type);
  H5Pclose(creation);
  H5Pclose(links);
}

void add_attribute(FuzzedDataProvider& in, hid_t file, const std::string& path, const std::string& name) {
  const hid_t object = H5Oopen(file, path.c_str(), H5P_DEFAULT);
  if (object < 0) return;
  H5Adelete(object, name.c_str());
  if (in.ConsumeBool()) {
    const hid_t type = pick_type(in), space = in.ConsumeBool() ? H5Screate(H5S_SCALAR) : pick_space(in);
    // An attribute's value is written with it: HDF5 would really make one of gigabytes.
    const hssize_t points = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
    const hid_t attribute = points < 0 || points > 4096
                                ? H5I_INVALID_HID
                                : H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0 && H5Tis_variable_str(type) <= 0 && points <= 64) {
      std::vector<std::uint8_t> value = in.ConsumeBytes<std::uint8_t>(64 * 300);
      value.resize(64 * 300);
      H5Awrite(attribute, type, value.data());
    }
    if (attribute >= 0) H5Aclose(attribute);
    if (space >= 0) H5Sclose(space);
    H5Tclose(type);
  }
  H5Oclose(object);
}

void change_something(FuzzedDataProvider& in, hid_t file) {
  const std::string& path = kPaths[in.ConsumeIntegralInRange<std::size_t>(0, kPaths.size() - 1)];
  const std::string& other = kPaths[in.ConsumeIntegralInRange<std::size_t>(0, kPaths.size() - 1)];
  const int what = in.ConsumeIntegralInRange(0, 6);
  if (what <= 2 || what == 6) H5Ldelete(file, path.c_str(), H5P_DEFAULT);
  if (what <= 1) add_dataset(in, file, path);
  if (what == 2) H5Lcreate_soft(("/" + other).c_str(), file, path.c_str(), H5P_DEFAULT, H5P_DEFAULT);
  if (what == 3) H5Lcreate_external("/etc/hostname", "/", file, path.c_str(), H5P_DEFAULT, H5P_DEFAULT);
  if (what == 4) H5Lcreate_hard(file, other.c_str(), file, path.c_str(), H5P_DEFAULT, H5P_DEFAULT);
  if (what == 5) {
    add_attribute(in, file, path, kAttributes[in.ConsumeIntegralInRange<std::size_t>(0, kAttributes.size() - 1)]);
  }
}

/// A good file of each kind, made once.
const std::string& good_file(FileKind kind) {
  static const std::string shard = [] {
    write_shard(test::scratch_path(), test::example_valid_shard());
    return read_file_bytes(test::scratch_path());
  }();
  static const std::string checkpoint = [] {
    test::ExampleCheckpoint().write(test::scratch_path());
    return read_file_bytes(test::scratch_path());
  }();
  static const std::string alignments = [] {
    write_soft_alignments(test::scratch_path(), test::example_alignments());
    return read_file_bytes(test::scratch_path());
  }();
  if (kind == FileKind::soft_alignments) return alignments;
  return kind == FileKind::shard ? shard : checkpoint;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  FuzzedDataProvider in(data, size);
  const FileKind kind = in.PickValueInArray({FileKind::shard, FileKind::checkpoint, FileKind::soft_alignments});
  const std::string& good = good_file(kind);
  test::write_scratch(good.data(), good.size());
  const hid_t file = H5Fopen(test::scratch_path().c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  if (file < 0) std::abort();
  for (int changes = in.ConsumeIntegralInRange(1, 4); changes > 0; --changes) change_something(in, file);
  H5Fclose(file);
  std::string changed = read_file_bytes(test::scratch_path());
  seal(std::as_writable_bytes(std::span(changed)), kind);
  test::write_scratch(changed.data(), changed.size());
  try {
    if (kind == FileKind::shard) {
      read_shard(test::scratch_path());
    } else if (kind == FileKind::soft_alignments) {
      read_soft_alignments(test::scratch_path());
    } else {
      inspect_checkpoint(test::scratch_path());
    }
  } catch (const FileError&) {
  }
  return 0;
}
