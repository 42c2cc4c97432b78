// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pages of `inspect --html` and `run --html`: self-contained, and drawn by a real browser
// where there is one (Debian's chromium, installed with what ./check needs).
#include "cli/run.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace ashlar::cli_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Page : public testing::Test {
protected:
  static void SetUpTestSuite() {
    dir_ = new TempDir;
    const Outcome built = ashlar({"build", source("examples/layernorm/design.mlir"),
                                  source("examples/layernorm/layernorm.cc"), "-o", *dir_ / "out"});
    problem_ = built.exit == 0 ? "" : built.err;
    dir_->write("in.bin", std::string(1024, '\1'));
  }
  void SetUp() override { ASSERT_EQ(problem_, ""); }
  static void TearDownTestSuite() {
    delete dir_;
    dir_ = nullptr;
  }
  /// Nothing comes from outside of the page.
  static void selfContained(const std::string &page) {
    for (const char *word : {"http://", "https://", " src=", "<link", "@import", "url("})
      EXPECT_THAT(page, Not(HasSubstr(word)));
  }
  /// The page after its scripts have run, and its picture; empty without a browser.
  static std::string rendered(const std::string &file, const std::string &picture) {
    if (std::system("command -v chromium > /dev/null 2>&1") != 0) return "";
    const std::string common =
        "timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
        "--no-first-run --virtual-time-budget=2000 --window-size=1400,1000 --user-data-dir=" +
        quoted(*dir_ / "browser") + " ";
    const std::string page = quoted("file://" + file);
    const std::string dom = *dir_ / "dom.html";
    EXPECT_EQ(
        std::system((common + "--screenshot=" + quoted(picture) + " " + page + " > /dev/null 2>&1")
                        .c_str()),
        0);
    EXPECT_EQ(std::system(
                  (common + "--dump-dom " + page + " > " + quoted(dom) + " 2> /dev/null").c_str()),
              0);
    return contents(dom);
  }
  /// A PNG that is more than one colour: a blank page of this size has some 5 KB.
  static void isPicture(const std::string &file) {
    const auto png = readFile(file);
    ASSERT_TRUE(png.ok());
    EXPECT_GT(png->size(), 20'000u);
    EXPECT_EQ(std::string(png->begin() + 1, png->begin() + 4), "PNG");
  }
  static TempDir *dir_;
  /// Told by each test: one that a failing SetUpTestSuite keeps from running counts as skipped.
  static inline std::string problem_;
};
TempDir *Page::dir_ = nullptr;

TEST_F(Page, TheArrayWithItsTilesBuffersLocksAndStreams) {
  const std::string file = *dir_ / "array.html";
  const Outcome run = ashlar({"inspect", *dir_ / "out", "--html", file});
  ASSERT_EQ(run.exit, 0) << run.err;
  const std::string page = contents(file);
  selfContained(page);
  EXPECT_THAT(page, AllOf(HasSubstr("core 0, 2"), HasSubstr("rows_in_cons_buff_0"),
                          HasSubstr("rows_in_cons_prod_lock_0"), HasSubstr("design.mlir:"),
                          HasSubstr("MM2S 0 of core (0,2) to S2MM 0 of shim (0,0)")));
  EXPECT_THAT(run.out, AllOf(HasSubstr("| core (0,2)"), HasSubstr("S2MM 0 rows_in_cons")));
  const std::string dom = rendered(file, *dir_ / "array.png");
  if (dom.empty()) GTEST_SKIP() << "skipped: no chromium";
  EXPECT_THAT(dom, HasSubstr("<svg"));
  isPicture(*dir_ / "array.png");
}

TEST_F(Page, ARunWithItsTimelineAndCounters) {
  const std::string file = *dir_ / "run.html";
  const Outcome run =
      ashlar({"run", *dir_ / "out", "--in", "0=" + *dir_ / "in.bin", "--html", file});
  ASSERT_EQ(run.exit, 0) << run.err;
  const std::string page = contents(file);
  selfContained(page);
  EXPECT_THAT(page, AllOf(HasSubstr("<canvas>"), HasSubstr("DMA channels"), HasSubstr("__addsf3")));
  const size_t start = page.find("id=\"data\">") + 10;
  const auto data = nlohmann::json::parse(page.substr(start, page.find("</script>", start) - start),
                                          nullptr, false);
  ASSERT_FALSE(data.is_discarded());
  EXPECT_GT(data["tracks"].size(), 8u);
  const std::string dom = rendered(file, *dir_ / "run.png");
  if (dom.empty()) GTEST_SKIP() << "skipped: no chromium";
  // The script says how many rows it has drawn: a row a track and one a tile.
  EXPECT_THAT(dom, HasSubstr("data-ready=\"" + std::to_string(data["tracks"].size() + 2) + "\""));
  isPicture(*dir_ / "run.png");
}

} // namespace
} // namespace ashlar::cli_test
