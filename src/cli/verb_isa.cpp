// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar isa NAME`: a page about an instruction, mnemonic, register or bundle format; `--open`:
// the choices that silicon has not confirmed; `--status`: the table of docs/isa-status.md.
#ifdef ASHLAR_HAS_ISA
#include "cli/verbs.h"
#include "isa/page.h"
#ifdef ASHLAR_HAS_EMULATOR
#include "emulator/core/semantics.h"
#endif

#include <cstdio>

namespace ashlar::cli {

namespace {

std::string simulated(isa::Opcode opcode) {
#ifdef ASHLAR_HAS_EMULATOR
  const auto &s = emulator::semanticsOf(opcode);
  return s.kind == emulator::Kind::NotSimulated ? std::string("no: ") + s.reason : "yes";
#else
  (void)opcode;
  return "?";
#endif
}

} // namespace

std::function<int()> setupIsa(CLI::App &command) {
  struct Options {
    std::string name;
    bool open = false, status = false, list = false;
  };
  auto o = std::make_shared<Options>();
  command.add_option("NAME", o->name, "instruction, mnemonic, register or bundle format");
  command.add_flag("--open", o->open, "choices that nobody has confirmed on silicon");
  command.add_flag("--status", o->status, "what is done for each instruction, as a table");
  command.add_flag("--list", o->list, "all instructions, one a line");
  return [o]() -> int {
    if (o->open) {
      std::fputs(isa::openChoices().c_str(), stdout);
      return kFine;
    }
    if (o->status) {
      std::fputs(isa::statusTable(simulated).c_str(), stdout);
      return kFine;
    }
    if (o->list) {
      std::fputs(isa::instructionList().c_str(), stdout);
      return kFine;
    }
    if (o->name.empty()) {
      std::fputs("isa: name an instruction, or --list, --open, --status\n", stderr);
      return kUsage;
    }
    auto page = isa::page(o->name);
    if (!page) return fail(page);
    std::fputs(page->c_str(), stdout);
    return kFine;
  };
}

} // namespace ashlar::cli
#endif
