// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every text of the table finds its own row, also as people paste it: with time stamps, prefixes,
// other numbers, other case and a typing mistake. The page in docs/ is made from the table.
#include "report/known_errors.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <set>

using namespace ashlar;
using namespace ashlar::report;

namespace {

std::string best(std::string_view text) {
  const auto found = explainError(text);
  return found.empty() ? "" : found[0].error->name;
}

} // namespace

TEST(KnownErrors, EveryTextFindsItsRow) {
  std::set<std::string> names;
  for (const KnownError &e : knownErrors()) {
    EXPECT_TRUE(names.insert(e.name).second) << e.name;
    EXPECT_EQ(best(e.name), e.name);
    for (const char *text : e.texts) {
      EXPECT_EQ(best(text), e.name) << text;
      EXPECT_EQ(best(fmt::format("[ 2497.518269] npu0 0000:c5:00.1: {} at 0x7f0012345678", text)),
                e.name)
          << text;
      std::string loud = text;
      std::transform(loud.begin(), loud.end(), loud.begin(), ::toupper);
      EXPECT_EQ(best(loud), e.name) << text;
    }
    EXPECT_GT(std::string(e.meaning).size(), 20u);
    EXPECT_GT(std::string(e.remedy).size(), 5u);
  }
}

TEST(KnownErrors, AsPeoplePasteThem) {
  const std::pair<const char *, const char *> pasted[] = {
      {"terminate called after throwing an instance of 'xrt_core::system_error'\n"
       "  what():  DRM_IOCTL_AMDXDNA_EXEC_CMD IOCTL failed (err=5): Input/output error\n"
       "make: *** [Makefile:62: run] Aborted (core dumped)",
       "exec-io"},
      {"[XRT] ERROR: Failed to allocate host memory buffer (mmap(len=16777216, prot=3, flags=8193, "
       "offset=4294967296) failed (err=11): Resource temporarily unavailable), make sure host bank "
       "is enabled (see xbutil configure --host-mem)",
       "memlock"},
      {"amdxdna 0000:c7:00.1: [drm] *ERROR* aie2_check_protocol: Incompatible firmware protocol "
       "major 6 minor 12",
       "firmware-protocol"},
      {"Kernel did not complete. Returned status: 6", "state-abort"},
      {"run ended with ERT_CMD_STATE_TIMOUT", "state-timeout"}, // a letter is missing
      {"RuntimeError: load_axlf: Operation not suported", "load-xclbin"},
      {"CREATE_HWCTX fails: DRM_IOCTL_AMDXDNA_CREATE_HWCTX EINVAL", "create-context"},
      {"what():  qds_device::wait() unexpected command state", "wait-state"},
      {"amdxdna 0000:c5:00.1: [drm] *ERROR* amdxdna_drm_open: SVA bind device failed, ret -19",
       "sva"},
      {"ld.lld: error: section '.text' will not fit in region 'program': overflowed by 2064 bytes",
       "program-memory"},
      {"host.cpp:7:10: fatal error: xrt/xrt_kernel.h: No such file or directory", "no-xrt"},
      {"./probe: error while loading shared libraries: libxrt_coreutil.so.2: cannot open shared "
       "object file: No such file or directory",
       "no-xrt"},
      {"/usr/bin/ld: cannot find -lxrt_coreutil: No such file or directory", "no-xrt"},
  };
  for (const auto &[text, name] : pasted) EXPECT_EQ(best(text), name) << text;
}

TEST(KnownErrors, OtherTextIsNotExplained) {
  for (const char *text : {"", "error", "hello, world", "0x1234 5 77 :::", "segmentation fault",
                           "undefined reference to `main'"})
    EXPECT_EQ(best(text), "") << text;
  EXPECT_EQ(best(std::string(1 << 16, 'x')), "");
}

TEST(KnownErrors, ThePageIsTheTable) {
  const std::string path = std::string(ASHLAR_SOURCE_DIR) + "/docs/errors.md";
  if (std::getenv("ASHLAR_BLESS")) {
    ASSERT_TRUE(writeTextFile(path, knownErrorsPage()).ok());
  }
  const auto page = readTextFile(path);
  ASSERT_TRUE(page.ok()) << "./check bless writes it";
  EXPECT_EQ(*page, knownErrorsPage());
}
