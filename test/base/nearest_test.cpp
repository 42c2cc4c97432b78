// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// "Did you mean" finds typos and stays silent when nothing is close.
#include "base/nearest.h"

#include <gtest/gtest.h>

namespace ashlar {
namespace {

TEST(Nearest, CountsEdits) {
  EXPECT_EQ(editDistance("", ""), 0u);
  EXPECT_EQ(editDistance("abc", ""), 3u);
  EXPECT_EQ(editDistance("build", "biuld"), 1u); // swapped neighbours
  EXPECT_EQ(editDistance("kitten", "sitting"), 3u);
}

TEST(Nearest, FindsATypoAndNothingElse) {
  const std::string names[] = {"build", "run", "inspect"};
  EXPECT_EQ(nearestName("biuld", names), "build");
  EXPECT_EQ(nearestName("inspct", names), "inspect");
  EXPECT_EQ(nearestName("rnu", names), "run");
  EXPECT_EQ(nearestName("transmogrify", names), std::nullopt);
  EXPECT_EQ(nearestName("x", {}), std::nullopt);
}

} // namespace
} // namespace ashlar
