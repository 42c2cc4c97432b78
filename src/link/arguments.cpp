// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Does who calls a function agree with who defines it? Our compiler records both (codegen's
// asm_printer.cpp); what other compilers made says nothing and is not compared. A design that
// declares a kernel with other arguments than its source has would run with whatever the registers
// hold.
#include "link/program.h"

#include <fmt/format.h>

#include <sstream>

namespace ashlar::link {
namespace {
struct Said {
  std::string kinds;
  size_t object;
};

std::string words(const std::string &kinds) {
  std::string text;
  for (const char kind : kinds)
    if (kind != '-')
      text += fmt::format("{}{}", text.empty() ? "" : ", ",
                          kind == 'p'   ? "pointer"
                          : kind == 'f' ? "float"
                                        : "integer");
  return '(' + text + ')';
}
} // namespace

void checkArguments(const Program &program, Diagnostics &warnings) {
  std::map<std::string, Said> definitions, uses;
  for (size_t i = 0; i < program.objects.size(); ++i)
    for (const elf::Section &section : program.objects[i].file.sections) {
      if (section.name != ".ashlar.arguments") continue;
      std::istringstream lines(std::string(section.data.begin(), section.data.end()));
      std::string kind, name, kinds;
      while (lines >> kind >> name >> kinds)
        (kind == "d" ? definitions : uses).try_emplace(name, Said{kinds, i});
    }
  for (const auto &[name, use] : uses) {
    const auto at = definitions.find(name);
    if (at == definitions.end() || at->second.kinds == use.kinds) continue;
    // Of several definitions the linker may have taken one that says nothing.
    const auto symbol = program.byName.find(name);
    if (symbol == program.byName.end() || !program.symbols[symbol->second].referenced ||
        program.symbols[symbol->second].object != static_cast<int32_t>(at->second.object))
      continue;
    warnings.push_back(
        warning("call-arguments", program.core.place,
                fmt::format("{} calls `{}` with {}, and {} defines it with {}",
                            program.objects[use.object].name, name, words(use.kinds),
                            program.objects[at->second.object].name, words(at->second.kinds)),
                "make the declaration and the definition agree: arguments are passed by order, and "
                "what is missing is whatever a register holds"));
  }
}

} // namespace ashlar::link
