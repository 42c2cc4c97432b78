// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The archive reader.
#include "format/ar.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const auto members = format::ar::read({data, size}, "fuzz");
  if (members.ok()) (void)format::ar::write(*members);
  return 0;
}
