// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar asm FILE.s -o FILE.o`: assembly text to an ELF object.
#ifdef ASHLAR_HAS_ASSEMBLER
#include "assembler/assembler.h"
#include "cli/verbs.h"

namespace ashlar::cli {

std::function<int()> setupAsm(CLI::App &command) {
  struct Options {
    std::string input, output;
  };
  auto o = std::make_shared<Options>();
  command.add_option("FILE", o->input, "assembly text (LLVM-AIE syntax)")->required();
  command.add_option("-o", o->output, "the object to write; default: FILE with .o");
  return [o]() -> int {
    auto text = readTextFile(o->input);
    if (!text) return fail(text);
    if (o->output.empty()) {
      size_t dot = o->input.rfind('.'), slash = o->input.rfind('/');
      bool suffix = dot != std::string::npos && (slash == std::string::npos || dot > slash);
      o->output = o->input.substr(0, suffix ? dot : std::string::npos) + ".o";
    }
    auto file = assembler::assemble(*text, o->input);
    if (!file) return fail(file);
    auto written = writeFile(o->output, format::elf::write(*file));
    return written ? kFine : fail(written);
  };
}

} // namespace ashlar::cli
#endif
