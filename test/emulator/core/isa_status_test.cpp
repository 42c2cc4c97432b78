// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// docs/isa-status.md says what is done for each instruction; it must be what the code says.
// `./check bless` writes it anew.
#include "emulator/core/semantics.h"
#include "isa/page.h"

#include <cstdlib>
#include <gtest/gtest.h>

namespace ashlar::emulator {
namespace {

TEST(IsaStatus, TheTableInTheDocsIsCurrent) {
  std::string table = isa::statusTable([](isa::Opcode opcode) {
    const Semantics &s = semanticsOf(opcode);
    return s.kind == Kind::NotSimulated ? std::string("no: ") + s.reason : std::string("yes");
  });
  std::string path = std::string(ASHLAR_SOURCE_DIR) + "/docs/isa-status.md";
  if (std::getenv("ASHLAR_BLESS")) {
    ASSERT_TRUE(writeTextFile(path, table).ok());
    return;
  }
  auto text = readTextFile(path);
  ASSERT_TRUE(text.ok());
  EXPECT_TRUE(*text == table) << "docs/isa-status.md is stale; run ./check bless";
}

} // namespace
} // namespace ashlar::emulator
