// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The instruction stream reader, in binary and text, and the loader behind it.
#include "format/txn.h"
#include "load/load.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Diagnostics problems, warnings;
  (void)load::readStream({data, size}, "fuzz", warnings);
  const auto file = format::txn::read({data, size}, "fuzz", problems);
  if (file.ok()) (void)format::txn::write(*file);
  return 0;
}
