// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Printing walks the layout that the generator made from the description's syntax.
#include "isa/print.h"

#include <charconv>

namespace ashlar::isa {

void print(std::string &out, const Inst &inst, std::span<const OperandText> replace,
           unsigned index) {
  const InstInfo &x = info(inst);
  out += x.mnemonic;
  if (!*x.layout) return;
  out += ' ';
  for (const char *p = x.layout; *p; ++p) {
    unsigned i = static_cast<unsigned char>(*p) - 1u;
    if (i >= kMaxOperands) {
      out += *p;
      continue;
    }
    const OperandText *text = nullptr;
    for (const OperandText &r : replace)
      if (r.instruction == index && r.operand == i) text = &r;
    if (text) {
      if (!x.operands[i].isReg) out += '#';
      out += text->text;
    } else if (x.operands[i].isReg) {
      out += info(inst.reg(i)).asmName;
    } else {
      char digits[16];
      digits[0] = '#';
      auto end = std::to_chars(digits + 1, digits + sizeof digits, inst.ops[i]);
      out.append(digits, end.ptr);
    }
  }
}

std::string print(const Inst &inst) {
  std::string out;
  print(out, inst);
  return out;
}

void print(std::string &out, const Bundle &bundle, std::span<const OperandText> replace) {
  for (unsigned i = 0; i < bundle.count; ++i) {
    if (i) out += " ; ";
    print(out, bundle.insts[i], replace, i);
  }
}

std::string print(const Bundle &bundle, std::span<const OperandText> replace) {
  std::string out;
  print(out, bundle, replace);
  return out;
}

} // namespace ashlar::isa
