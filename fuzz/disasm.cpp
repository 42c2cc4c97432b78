// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The disassembler on any bytes: as bare code, whose listing must assemble to the same bytes, and
// as an ELF file.
#include "assembler/assembler.h"
#include "assembler/disassembler.h"
#include "assembler/lint.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 1u << 16) return 0;
  assembler::Counts counts;
  std::string text;
  if (auto file = format::elf::read({data, size}, "fuzz.o")) {
    assembler::disassemble(*file, {}, text, counts);
    assembler::disassembleJson(*file, counts);
    assembler::lint(*file, "fuzz.o");
    return 0;
  }
  assembler::disassemble(ByteView(data, size), 0, {}, text, counts);
  auto again = assembler::assemble(text, "fuzz.s");
  if (!again) std::abort();
  const Bytes &code = again->findSection(".text")->data;
  if (!std::equal(code.begin(), code.end(), data, data + size)) std::abort();
  return 0;
}
