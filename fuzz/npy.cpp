// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The .npy reader: what it accepts is written back and read again to the same array.
#include "report/npy.h"

#include <cstdlib>

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const auto npy = report::readNpy({data, size}, "fuzz");
  if (!npy.ok()) return 0;
  const Bytes again = report::writeNpy(npy->element, npy->shape, npy->data);
  const auto back = report::readNpy(again, "again");
  if (!back.ok() || back->shape != npy->shape || back->data.size() != npy->data.size())
    std::abort();
  return 0;
}
