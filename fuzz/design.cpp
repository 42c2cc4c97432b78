// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Designs from text to plan: no text may do more than be refused.
#include "design/reuse.h"
#include "lower/lower.h"

using namespace ashlar;

// MLIR's arenas are marked as empty by what of them is compiled here, and filled by the library,
// which is compiled without the sanitizer and does not say so.
extern "C" const char *__asan_default_options() { return "allow_user_poisoning=0"; }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const design::Reuse reuse;
  Diagnostics warnings;
  const auto design =
      design::parse({reinterpret_cast<const char *>(data), size}, "fuzz.mlir", {"npu1"}, warnings);
  if (!design.ok()) return 0;
  (void)design::printCanonical(*design);
  llvm::LLVMContext context;
  (void)lower::lower(*design, {}, context, warnings);
  return 0;
}
