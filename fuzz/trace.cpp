// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reader of trace buffers.
#include "format/trace.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Diagnostics problems;
  (void)format::trace::read({data, size}, "fuzz", problems);
  return 0;
}
