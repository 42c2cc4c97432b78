// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The text form of plans: what is accepted prints, and the print reads back as itself.
#include "plan/text.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::string text(reinterpret_cast<const char *>(data), size);
  const auto plan = plan::parse(text, "fuzz");
  if (!plan.ok()) return 0;
  const std::string printed = plan::print(*plan);
  const auto again = plan::parse(printed, "again");
  ASHLAR_ASSERT(again.ok() && plan::print(*again) == printed);
  return 0;
}
