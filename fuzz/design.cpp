// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Designs from text to plan: no text may do more than be refused.
#include "lower/lower.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Diagnostics warnings;
  const auto design =
      design::parse({reinterpret_cast<const char *>(data), size}, "fuzz.mlir", {"npu1"}, warnings);
  if (!design.ok()) return 0;
  (void)design::printCanonical(*design);
  llvm::LLVMContext context;
  (void)lower::lower(*design, {}, context, warnings);
  return 0;
}
