#include "io/content_hash.h"

#include <gtest/gtest.h>

namespace dragoman {
namespace {

// The value that python3-xxhash and the xxhsum program print for no bytes at all.
TEST(ContentHashTest, EmptyInputHasThePublishedValue) {
  EXPECT_EQ(content_hash("").hex(), "99aa06d3014798d86001c324468d497f");
}

TEST(ContentHashTest, PiecesHashLikeTheWhole) {
  ContentHasher hasher;
  hasher.add("ein Mann");
  hasher.add("");
  hasher.add(" mit Hut");
  EXPECT_EQ(hasher.finish(), content_hash("ein Mann mit Hut"));
  EXPECT_NE(hasher.finish(), content_hash("ein Mann mit hut"));
}

}  // namespace
}  // namespace dragoman
