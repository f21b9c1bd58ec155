#include "layers/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "layers/matmul.h"

namespace dragoman::test {
namespace {

using testing::ElementsAre;

void spend(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

class ProfileTest : public testing::Test {
 protected:
  ProfileTest() {
    Profile::attach(&profile_);
    profile_.resume();
  }
  ~ProfileTest() override { Profile::attach(nullptr); }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const Profile::Sum& sum : profile_.sums()) result.emplace_back(sum.name);
    return result;
  }

  Profile profile_;
};

TEST_F(ProfileTest, AnInstantBelongsToTheInnermostActivity) {
  {
    const Activity outer("outer");
    spend(4);
    for (int i = 0; i < 2; ++i) {
      const Activity inner("inner");
      spend(100);
    }
  }
  ASSERT_THAT(names(), ElementsAre("inner", "outer"));
  EXPECT_GE(profile_.sums()[0].seconds, 0.2);
  EXPECT_GE(profile_.sums()[1].seconds, 0.004);
  EXPECT_LT(profile_.sums()[1].seconds, profile_.sums()[0].seconds) << "the inner ones were counted twice";
}

TEST_F(ProfileTest, ProductsCountForTheActivityTheyArePartOf) {
  Tensor a(30, 20), b(20, 10), c(30, 10);
  for (Tensor* tensor : {&a, &b}) tensor->fill(1.0F);
  const auto multiply = [&] { matmul(a, Transpose::no, b, Transpose::no, c, Output::overwrite); };
  multiply();  // in no activity
  profile_.record_events(true);
  {
    const Activity activity("layer");
    multiply();
    multiply();
  }
  ASSERT_THAT(names(), ElementsAre("layer"));
  EXPECT_EQ(profile_.sums()[0].product_operations, 2 * 2.0 * 30 * 20 * 10);
  EXPECT_GT(profile_.sums()[0].product_seconds, 0);
  EXPECT_LE(profile_.sums()[0].product_seconds, profile_.sums()[0].seconds);
  ASSERT_EQ(profile_.events().size(), 3U) << "two products and their layer";
  const Profile::Event& product = profile_.events()[0];
  EXPECT_EQ(product.m, 30);
  EXPECT_EQ(product.k, 20);
  EXPECT_EQ(product.n, 10);
  EXPECT_LE(profile_.events()[2].begin, product.begin);
  EXPECT_GE(profile_.events()[2].end, product.end);
}

TEST_F(ProfileTest, PausesDoNotCount) {
  {
    const Activity activity("running");
    spend(2);
    profile_.pause();
    { const Activity unseen("unseen"); }
    spend(400);
    profile_.resume();
    spend(2);
  }
  ASSERT_THAT(names(), ElementsAre("running"));
  EXPECT_GE(profile_.sums()[0].seconds, 0.004);
  EXPECT_LT(profile_.sums()[0].seconds, 0.4);
}

TEST_F(ProfileTest, ThreadsWithoutAProfileMeasureNothing) {
  std::thread([] { const Activity activity("elsewhere"); }).join();
  Profile::attach(nullptr);
  { const Activity activity("nowhere"); }
  EXPECT_THAT(names(), ElementsAre());
}

}  // namespace
}  // namespace dragoman::test
