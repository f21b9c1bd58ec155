#include "io/hdf5_file.h"

#include <gmock/gmock.h>
#include <hdf5.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include <functional>

#include "io/sealed_file.h"
#include "tests/io/example_files.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

using test::file_error;
using test::TemporaryFolder;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Files that are sealed as they should be and hold what Dragoman never writes.
class HostileFileTest : public ::testing::Test {
 protected:
  void make(const std::function<void(hid_t file)>& fill) {
    const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(creation, kSealBytes);
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation, H5P_DEFAULT);
    ASSERT_GE(file, 0);
    fill(file);
    H5Fclose(file);
    H5Pclose(creation);
    reseal();
  }
  /// A good shard, opened for changes.
  void change(const std::function<void(hid_t file)>& edit) {
    write_shard(path, test::example_valid_shard());
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    ASSERT_GE(file, 0);
    edit(file);
    H5Fclose(file);
    reseal();
  }
  void reseal() {
    std::string bytes = test::read_file(path);
    seal(std::as_writable_bytes(std::span(bytes)), FileKind::shard);
    test::write_file(path, bytes);
  }
  std::string refusal() {
    return file_error([&] { read_shard(path); });
  }
  static void add(hid_t file, const char* name, hid_t type, const std::vector<hsize_t>& dims,
                  hid_t creation = H5P_DEFAULT, const void* values = nullptr) {
    const hid_t space = H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr);
    const hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    ASSERT_GE(dataset, 0) << name;
    if (values != nullptr) {
      ASSERT_GE(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), 0);
    }
    H5Dclose(dataset);
    H5Sclose(space);
  }
  static void replace(hid_t file, const char* name, hid_t type, const std::vector<hsize_t>& dims,
                      hid_t creation = H5P_DEFAULT, const void* values = nullptr) {
    ASSERT_GE(H5Ldelete(file, name, H5P_DEFAULT), 0);
    add(file, name, type, dims, creation, values);
  }
  TemporaryFolder folder;
  std::filesystem::path path = folder / "file.h5";
};

TEST_F(HostileFileTest, AnUnchangedFileResealedIsGood) {
  change([](hid_t) {});
  EXPECT_EQ(read_shard(path), test::example_valid_shard());
}

TEST_F(HostileFileTest, LinksElsewhereAreRefused) {
  change([](hid_t file) { H5Lcreate_soft("/source/ids", file, "alias", H5P_DEFAULT, H5P_DEFAULT); });
  EXPECT_THAT(refusal(), HasSubstr("file.h5: /alias is a soft or external link"));
  change([](hid_t file) { H5Lcreate_external("/etc/x.h5", "/ids", file, "source/out", H5P_DEFAULT, H5P_DEFAULT); });
  EXPECT_THAT(refusal(), HasSubstr("/source/out is a soft or external link"));
  change([](hid_t file) { H5Lcreate_hard(file, "/", file, "source/root", H5P_DEFAULT, H5P_DEFAULT); });
  EXPECT_THAT(refusal(), HasSubstr("/source/root is linked twice"));
}

TEST_F(HostileFileTest, TypesThatDragomanNeverWritesAreRefused) {
  change([](hid_t file) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    add(file, "words", type, {2});
    H5Tclose(type);
  });
  EXPECT_THAT(refusal(), HasSubstr("/words has a type that no Dragoman file has"));
  change([](hid_t file) {
    const hid_t type = H5Tvlen_create(H5T_STD_I32LE);
    add(file, "runs", type, {2});
    H5Tclose(type);
  });
  EXPECT_THAT(refusal(), HasSubstr("/runs has a type that no Dragoman file has"));
  change([](hid_t file) {
    const hid_t type = H5Tcopy(H5T_STD_I32LE);
    H5Tcommit2(file, "named", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Tclose(type);
  });
  EXPECT_THAT(refusal(), HasSubstr("/named is neither a group nor a dataset"));
}

TEST_F(HostileFileTest, FilteredAndExternalStorageIsRefused) {
  change([](hid_t file) {
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk = 100;
    H5Pset_chunk(creation, 1, &chunk);
    H5Pset_deflate(creation, 9);
    add(file, "bomb", H5T_STD_I64LE, {1'000'000'000'000}, creation);
    H5Pclose(creation);
  });
  EXPECT_THAT(refusal(), HasSubstr("/bomb is chunked, filtered or stored elsewhere"));
  change([](hid_t file) {
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(creation, "/etc/passwd", 0, 16);
    add(file, "passwords", H5T_STD_U8LE, {16}, creation);
    H5Pclose(creation);
  });
  EXPECT_THAT(refusal(), HasSubstr("/passwords is chunked, filtered or stored elsewhere"));
}

TEST_F(HostileFileTest, HugeShapesAreRefusedBeforeMemoryIsAskedFor) {
  change([](hid_t file) { replace(file, "pair_ids", H5T_STD_I64LE, {1ULL << 40}); });
  EXPECT_THAT(refusal(), HasSubstr("/pair_ids has a shape of more values than the file's"));
  change([](hid_t file) { replace(file, "pair_ids", H5T_STD_I64LE, {1ULL << 12, 1ULL << 12, 1ULL << 12}); });
  EXPECT_THAT(refusal(), HasSubstr("/pair_ids has a shape of more values"));
  change([](hid_t file) { replace(file, "pair_ids", H5T_STD_I64LE, {100}); });  // never written: no storage
  EXPECT_THAT(refusal(), HasSubstr("/pair_ids needs 800 bytes of values, which are not all in the file"));
}

TEST_F(HostileFileTest, WrongTypesRanksAndValuesAreRefused) {
  const std::int64_t ids[] = {0, 1, 5};
  const std::int64_t negative[] = {0, -3, 3, 4};
  const float floats[] = {0, 3, 3, 4};
  change([&](hid_t file) { replace(file, "pair_ids", H5T_STD_I64LE, {3, 1}, H5P_DEFAULT, ids); });
  EXPECT_THAT(refusal(), HasSubstr("/pair_ids has shape (3, 1), expected 1 dimension"));
  change([&](hid_t file) { replace(file, "source/offsets", H5T_IEEE_F32LE, {4}, H5P_DEFAULT, floats); });
  EXPECT_THAT(refusal(), HasSubstr("/source/offsets has another type than int64"));
  change([&](hid_t file) { replace(file, "source/ids", H5T_STD_I64LE, {3}, H5P_DEFAULT, ids); });
  EXPECT_THAT(refusal(), HasSubstr("/source/ids has another type than uint16"));
  change([&](hid_t file) { replace(file, "source/offsets", H5T_STD_I64LE, {4}, H5P_DEFAULT, negative); });
  EXPECT_THAT(refusal(), HasSubstr("/source/offsets falls from 0 to -3 at index 1"));
  change([](hid_t file) { H5Ldelete(file, "target/text", H5P_DEFAULT); });
  EXPECT_THAT(refusal(), HasSubstr("/target/text is missing"));
  change([](hid_t file) { H5Adelete(file, "split"); });
  EXPECT_THAT(refusal(), HasSubstr("has no attribute split"));
  change([&](hid_t file) { replace(file, "source/length_histogram", H5T_STD_I64LE, {3}, H5P_DEFAULT, ids); });
  EXPECT_THAT(refusal(), HasSubstr("/source/length_histogram does not count the lengths"));
}

TEST_F(HostileFileTest, AttributesThatAreNotWhatTheySayAreRefused) {
  const auto put = [](hid_t file, const char* name, hid_t type, hid_t space, const void* value) {
    H5Adelete(file, name);
    const hid_t attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    ASSERT_GE(H5Awrite(attribute, type, value), 0);
    H5Aclose(attribute);
    H5Sclose(space);
  };
  const std::int64_t many[] = {3, 3};
  const hsize_t two = 2;
  change([&](hid_t file) { put(file, "pairs", H5T_STD_I64LE, H5Screate_simple(1, &two, nullptr), many); });
  EXPECT_THAT(refusal(), HasSubstr("has an attribute pairs that is not one int64"));
  change([&](hid_t file) { put(file, "pairs", H5T_STD_I64LE, H5Screate(H5S_SCALAR), many + 1); });
  EXPECT_EQ(read_shard(path), test::example_valid_shard());
  const std::int64_t four = 4, none = 0;
  change([&](hid_t file) { put(file, "pairs", H5T_STD_I64LE, H5Screate(H5S_SCALAR), &four); });
  EXPECT_THAT(refusal(), HasSubstr("says pairs 4, the datasets hold 3"));
  change([&](hid_t file) { put(file, "source_vocabulary", H5T_STD_I64LE, H5Screate(H5S_SCALAR), &none); });
  EXPECT_THAT(refusal(), HasSubstr("has source_vocabulary 0, expected 4 to 2147483647"));
  change([&](hid_t file) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    const char* text = "train";
    put(file, "split", type, H5Screate(H5S_SCALAR), &text);
    H5Tclose(type);
  });
  EXPECT_THAT(refusal(), HasSubstr("has an attribute split that is not one fixed-length string"));
}

TEST_F(HostileFileTest, DeepGroupsAreRefused) {
  make([](hid_t file) {
    std::string name;
    for (int depth = 0; depth < 40; ++depth) {
      name += "/g";
      H5Gclose(H5Gcreate2(file, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    }
  });
  EXPECT_THAT(refusal(), HasSubstr("lies deeper than 32 groups"));
}

/// While it lives, memory that libhdf5 1.10 loses when it gives up on damaged metadata is not counted as ours.
struct LeaksOfLibhdf5 {
#ifdef __SANITIZE_ADDRESS__
  LeaksOfLibhdf5() { __lsan_disable(); }
  ~LeaksOfLibhdf5() { __lsan_enable(); }
#endif
};

// The seal proves only that a file is what somebody sealed; libhdf5 then has to survive what is in it.
TEST_F(HostileFileTest, DamagedMetadataUnderAGoodSealNeverCrashes) {
  write_shard(path, test::example_valid_shard());
  const std::string good = test::read_file(path);
  int refused = 0;
  [[maybe_unused]] const LeaksOfLibhdf5 allowed;
  for (std::size_t at = kSealBytes; at < good.size(); at += 3) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << at % 8));
    seal(std::as_writable_bytes(std::span(bad)), FileKind::shard);
    test::write_file(path, bad);
    try {
      read_shard(path);
    } catch (const FileError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 100);
}

TEST_F(HostileFileTest, WhatLibhdf5CannotOpenIsRefusedWithItsReason) {
  std::string bytes(4000, 'x');
  seal(std::as_writable_bytes(std::span(bytes)), FileKind::shard);
  test::write_file(path, bytes);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("cannot open "), HasSubstr("file.h5 as HDF5: "), HasSubstr("signature")));
}

TEST(Hdf5FileTest, NamesAndShapesComeBack) {
  const TemporaryFolder folder;
  Hdf5Builder builder;
  const std::vector<std::int32_t> values = {1, -2, 3, 4, 5, 6};
  builder.dataset<std::int32_t>("a/b/c", {3, 2}, values);
  builder.dataset<std::int32_t>("a/z", {0}, {});
  builder.text_dataset("a/text", "Grüße");
  builder.attribute("a", "empty", std::string());
  const auto image = builder.finish();
  test::write_file(folder / "x.h5", {reinterpret_cast<const char*>(image.data()), image.size()});

  const Hdf5Reader reader(folder / "x.h5");
  EXPECT_THAT(reader.datasets_below("a"), ElementsAre("b/c", "text", "z"));
  EXPECT_THAT(reader.shape("a/b/c"), ElementsAre(3, 2));
  EXPECT_EQ(reader.values<std::int32_t>("a/b/c", 2), values);
  EXPECT_EQ(reader.text_dataset("a/text"), "Grüße");
  EXPECT_EQ(reader.text_attribute("a", "empty"), "");
  EXPECT_TRUE(reader.has("a/b"));
  EXPECT_FALSE(reader.has("b"));
  EXPECT_THAT(file_error([&] { reader.shape("a/b"); }), HasSubstr("x.h5: /a/b is a group, expected a dataset"));
}

TEST(Hdf5FileTest, ATextWithAZeroByteIsRefusedBecauseItWouldComeBackCut) {
  Hdf5Builder builder;
  EXPECT_THROW(builder.text_dataset("text", std::string("a\0b", 3)), Error);
}

}  // namespace
}  // namespace dragoman
