// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Build-time tool: writes LLVM's TableGen records of the AIE2 registers, register classes and
// instructions from the ISA description, so that the compiler and the assembler cannot disagree.
// Operand classes with the same members become one register class. Usage:
//   codegen_write_td REGISTERS.td INSTRUCTIONS.td DESCRIPTION...
#include "isa/gen/description.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <iterator>
#include <set>

namespace {
using namespace ashlar;
using namespace ashlar::isa::description;

/// The sub-register index for a part, by the kind of the whole and the position of the part.
struct PartName {
  const char *kind;
  unsigned bits;
  std::vector<const char *> names; ///< in the order of Register::parts
};
const std::vector<PartName> kPartNames = {
    {"l", 64, {"sub_lo32", "sub_hi32"}},       {"d", 80, {"sub_m", "sub_dn", "sub_dj", "sub_dc"}},
    {"d3", 160, {"sub_dlo", "sub_dhi"}},       {"v", 512, {"sub_256_lo", "sub_256_hi"}},
    {"v", 1024, {"sub_512_lo", "sub_512_hi"}}, {"q", 128, {"sub_q_lo", "sub_q_hi"}},
    {"qw", 320, {"sub_qw_q", "sub_qw_w"}},     {"qx", 640, {"sub_qx_x", "sub_qx_q"}},
};
struct IndexSize {
  const char *name;
  unsigned bits, from;
};
constexpr IndexSize kIndexes[] = {
    {"sub_lo32", 32, 0},      {"sub_hi32", 32, 32},   {"sub_m", 32, 0},
    {"sub_dn", 32, 32},       {"sub_dj", 32, 64},     {"sub_dc", 32, 96},
    {"sub_dlo", 128, 0},      {"sub_dhi", 128, 128},  {"sub_256_lo", 256, 0},
    {"sub_256_hi", 256, 256}, {"sub_512_lo", 512, 0}, {"sub_512_hi", 512, 512},
    {"sub_q_lo", 64, 0},      {"sub_q_hi", 64, 64},   {"sub_qw_q", 64, 256},
    {"sub_qw_w", 256, 0},     {"sub_qx_x", 512, 0},   {"sub_qx_q", 128, 512},
};

const PartName *partNames(const Register &reg) {
  // Vectors and accumulators share their indexes; widths tell the others apart.
  for (const PartName &p : kPartNames)
    if (p.bits == reg.bits && p.names.size() == reg.parts.size()) return &p;
  return nullptr;
}

std::string registerName(std::string name) {
  std::ranges::replace(name, '.', '_');
  return name;
}

bool writeRegister(std::string &out, const Description &d, const Register &reg,
                   std::set<std::string> &done) {
  if (!done.insert(reg.name).second) return true;
  std::string parts, indexes;
  if (!reg.parts.empty()) {
    const PartName *names = partNames(reg);
    if (!names) {
      fmt::print(stderr, "codegen_write_td: no sub-register indexes for {}\n", reg.name);
      return false;
    }
    for (size_t i = 0; i < reg.parts.size(); ++i) {
      if (!writeRegister(out, d, *d.findRegister(reg.parts[i].reg), done)) return false;
      parts += (i ? ", " : "") + registerName(reg.parts[i].reg);
      indexes += fmt::format("{}{}", i ? ", " : "", names->names[i]);
    }
  }
  out += fmt::format("def {} : AIE2Reg<\"{}\"> {{", registerName(reg.name), reg.name);
  if (!parts.empty())
    out += fmt::format(" let SubRegs = [{}]; let SubRegIndices = [{}]; let CoveredBySubRegs = 1;",
                       parts, indexes);
  if (reg.dwarf >= 0) out += fmt::format(" let DwarfNumbers = [{}];", reg.dwarf);
  out += " }\n";
  return true;
}

struct TypeOf {
  std::string types;
  unsigned bits, align;
};
TypeOf typeOf(unsigned bits, bool pairOfWords) {
  switch (bits) {
  case 64: return pairOfWords ? TypeOf{"i64, v2i32", 64, 32} : TypeOf{"i64", 64, 64};
  case 80: return {"untyped", 128, 32};
  case 160: return {"untyped", 256, 32};
  case 128: return {"i128", 128, 128};
  case 320: return {"untyped", 320, 256};
  case 640: return {"untyped", 640, 256};
  case 256:
  case 512:
  case 1024:
    return {fmt::format("v{}i8, v{}i16, v{}i32, v{}i64, v{}bf16, v{}f32", bits / 8, bits / 16,
                        bits / 32, bits / 64, bits / 16, bits / 32),
            bits, 256};
  default: return {"i32", 32, 32};
  }
}

/// The name of the register class for each operand class: several operand classes with the same
/// members are one register class, named after the one that stands for the kind.
const std::map<std::string, std::string> kPreferred = {
    {"mXm", "eX"},  {"mWm", "eW"},    {"mAMm", "eAM"}, {"mBMm", "eBM"},
    {"mQQm", "eQ"}, {"mQQXw", "eQX"}, {"mSm", "eS"}};

std::map<std::string, std::string> writeClasses(std::string &out, const Description &d) {
  std::map<std::string, size_t> position;
  for (size_t i = 0; i < d.registers.size(); ++i) position[d.registers[i].name] = i;
  std::vector<std::pair<std::set<std::string>, std::vector<std::string>>> groups;
  for (const OperandClass &c : d.classes) {
    std::set<std::string> members;
    for (const auto &[value, reg] : c.values) members.insert(reg);
    auto same = std::ranges::find(groups, members, [](const auto &g) { return g.first; });
    if (same == groups.end())
      groups.push_back({members, {c.name}});
    else
      same->second.push_back(c.name);
  }
  std::map<std::string, std::string> names;
  for (const auto &[members, classes] : groups) {
    std::string name = classes.front();
    for (const std::string &c : classes)
      if (kPreferred.contains(c)) name = kPreferred.at(c);
    for (const std::string &c : classes) names[c] = name;
    std::vector<std::string> order(members.begin(), members.end());
    // Callee-saved registers last; r27 is the select's condition, keep it free.
    std::ranges::sort(order, {}, [&](const std::string &r) {
      return std::tuple(d.findRegister(r)->saved, r == "r27", position[r]);
    });
    unsigned bits = 0;
    std::set<std::string> kinds;
    for (const std::string &r : order) {
      bits = std::max(bits, d.findRegister(r)->bits);
      kinds.insert(d.findRegister(r)->kind);
    }
    TypeOf t = typeOf(bits, !d.findRegister(order.front())->parts.empty());
    std::string list;
    for (const std::string &r : order) list += (list.empty() ? "" : ", ") + registerName(r);
    out += fmt::format("def {} : RegisterClass<\"AIE2\", [{}], {}, (add {})> {{ let Size = {};{} "
                       "}}\n",
                       name, t.types, t.align, list, t.bits,
                       kinds.size() > 1 ? " let isAllocatable = 0;" : "");
  }
  return names;
}

std::string flagsOf(const Instruction &i) {
  std::string text;
  auto flag = [&](const char *name) { text += fmt::format(" let {} = 1;", name); };
  if (i.load) flag("mayLoad");
  if (i.store) flag("mayStore");
  if (i.effects) flag("hasSideEffects");
  if (i.mnemonic == "vclr") {
    flag("isReMaterializable");
    flag("isAsCheapAsAMove");
  }
  if (i.control == "call") flag("isCall");
  if (i.control == "jump" || i.control == "branch") {
    flag("isBranch");
    flag("isTerminator");
    if (!i.conditional) flag("isBarrier");
    bool indirect = std::ranges::any_of(i.operands, [](const Operand &o) { return o.cls == "eP"; });
    if (indirect) flag("isIndirectBranch");
  }
  if (i.control == "return") {
    flag("isReturn");
    flag("isTerminator");
    flag("isBarrier");
  }
  return text;
}

void writeInstruction(std::string &out, const Instruction &i,
                      const std::map<std::string, std::string> &classes) {
  std::string outs, ins, ties, defs, uses;
  auto add = [](std::string &list, const std::string &text) {
    list += (list.empty() ? "" : ", ") + text;
  };
  bool branch = i.control == "jump" || i.control == "branch";
  for (const Operand &o : i.operands) {
    std::string type = o.reg ? classes.at(o.cls) : branch ? "aie2_target" : "i32imm";
    add(o.out ? outs : ins, fmt::format("{}:${}", type, o.name));
    if (!o.tiedTo.empty()) add(ties, fmt::format("${} = ${}", o.name, o.tiedTo));
  }
  for (const std::string &r : i.defs) add(defs, registerName(r));
  for (const std::string &r : i.uses) add(uses, registerName(r));
  out += fmt::format("def {} : AIE2Inst<(outs {}), (ins {})> {{", i.name, outs, ins);
  if (!ties.empty()) out += fmt::format(" let Constraints = \"{}\";", ties);
  if (!defs.empty()) out += fmt::format(" let Defs = [{}];", defs);
  if (!uses.empty()) out += fmt::format(" let Uses = [{}];", uses);
  out += flagsOf(i) + " }\n";
}

int run(int argc, char **argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: codegen_write_td REGISTERS.td INSTRUCTIONS.td DESCRIPTION...\n");
    return 2;
  }
  auto description = read(std::vector<std::string>(argv + 3, argv + argc));
  if (!description) {
    for (const Diagnostic &e : description.errors()) fmt::print(stderr, "{}\n", e.str());
    return 1;
  }
  std::string registers, instructions;
  for (const IndexSize &x : kIndexes)
    registers += fmt::format("def {} : SubRegIndex<{}, {}> {{ let Namespace = \"AIE2\"; }}\n",
                             x.name, x.bits, x.from);
  std::set<std::string> done;
  for (const Register &r : description->registers)
    if (!writeRegister(registers, *description, r, done)) return 1;
  auto classes = writeClasses(registers, *description);
  for (const Instruction &i : description->instructions) writeInstruction(instructions, i, classes);
  for (const auto &[path, text] : {std::pair(argv[1], &registers), {argv[2], &instructions}}) {
    Status written = writeTextFile(path, *text);
    if (!written) {
      for (const Diagnostic &e : written.errors()) fmt::print(stderr, "{}\n", e.str());
      return 1;
    }
  }
  return 0;
}
} // namespace

int main(int argc, char **argv) { return run(argc, argv); }
