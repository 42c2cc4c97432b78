// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The XCLBIN reader with all its sections, and the loader behind it.
#include "format/xclbin_sections.h"
#include "load/load.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  namespace x = format::xclbin;
  Diagnostics problems, warnings;
  (void)load::readPackage({data, size}, "fuzz", warnings);
  auto file = x::read({data, size}, "fuzz", problems);
  if (!file.ok()) return 0;
  for (const x::Section &s : file->sections) {
    (void)x::decodeMemory(s, "fuzz");
    (void)x::decodeIps(s, "fuzz");
    (void)x::decodeConnections(s, "fuzz");
    (void)x::decodeKernels(s, "fuzz");
    const auto partition = x::decodePartition(s, "fuzz");
    if (partition.ok()) (void)x::encodePartition(*partition);
  }
  (void)x::write(*file);
  return 0;
}
