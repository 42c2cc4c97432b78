// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CDO reader and the merger that re-encodes.
#include "format/cdo.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Diagnostics problems;
  const auto file = format::cdo::read({data, size}, "fuzz", 0, problems);
  if (file.ok()) (void)format::cdo::merge({Bytes(data, data + size)}, {"fuzz"});
  return 0;
}
