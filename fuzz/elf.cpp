// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The ELF reader; what it accepts is written and read again.
#include "format/elf.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const auto file = format::elf::read({data, size}, "fuzz");
  if (!file.ok()) return 0;
  const Bytes again = format::elf::write(*file);
  ASHLAR_ASSERT(format::elf::read(again, "again").ok());
  return 0;
}
