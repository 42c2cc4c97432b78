// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The PDI reader and the loader behind it.
#include "load/load.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Diagnostics warnings;
  (void)load::readPdi({data, size}, "fuzz", warnings);
  return 0;
}
