// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Build-time tool: writes one C function for every vector instruction of the ISA description, and
// the table from which the code generator selects them. Types follow from the register classes and
// from the element types in the mnemonic. Address forms of one operation are one function: which
// form is used is the code generator's choice. Usage:
//   codegen_write_intrinsics HEADER.h TABLE.inc DESCRIPTION...
#include "isa/gen/description.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <set>

namespace {
using namespace ashlar;
using namespace ashlar::isa::description;

enum class Kind { Word, Pair, Shift, Pointer, W, X, Y, AM, BM, CM, Sparse, Mask, Other };

Kind kindOf(const OperandClass &c, const Description &d) {
  const std::string &name = c.name;
  if (name == "mMvBMXDst" || name == "mShflDst") return Kind::X; // x or bm; the suffix tells
  if (name == "mMvSclDst") return Kind::Word;
  const Register &reg = *d.findRegister(c.values.front().second);
  if (reg.kind == "gpr") return Kind::Word;
  if (reg.kind == "pair") return Kind::Pair;
  if (reg.kind == "shift") return Kind::Shift;
  if (reg.kind == "pointer") return Kind::Pointer;
  if (reg.kind == "sparse" || reg.kind == "sparse-half") return Kind::Sparse;
  if (reg.kind == "mask") return Kind::Mask;
  if (reg.kind == "vector") return reg.bits == 256 ? Kind::W : reg.bits == 512 ? Kind::X : Kind::Y;
  if (reg.kind == "accumulator")
    return reg.bits == 256 ? Kind::AM : reg.bits == 512 ? Kind::BM : Kind::CM;
  return Kind::Other;
}
unsigned bitsOf(Kind kind) {
  switch (kind) {
  case Kind::W:
  case Kind::AM: return 256;
  case Kind::X:
  case Kind::BM: return 512;
  case Kind::Y:
  case Kind::CM: return 1024;
  default: return 0;
  }
}
bool isAccumulator(Kind k) { return k == Kind::AM || k == Kind::BM || k == Kind::CM; }
bool isWide(Kind k) { return bitsOf(k) || k == Kind::Sparse || k == Kind::Mask; }
const char *suffixOf(Kind k) {
  switch (k) {
  case Kind::W: return "_w";
  case Kind::X: return "_x";
  case Kind::Y: return "_y";
  case Kind::AM: return "_am";
  case Kind::BM: return "_bm";
  case Kind::CM: return "_cm";
  default: return "";
  }
}

/// An element type as mnemonics spell it: s8, d16, bf16, fp32, f, 32.
struct Element {
  std::string kind; ///< s, d, bf, fp or empty
  unsigned bits = 0;
};
std::vector<Element> elementsOf(const std::string &mnemonic) {
  std::vector<Element> found;
  std::string token;
  auto take = [&] {
    size_t digits = token.find_first_of("0123456789");
    std::string kind = token.substr(0, digits);
    if (digits != std::string::npos && kind.starts_with("vneg_gtz")) kind.clear();
    bool known = kind.empty() || kind == "s" || kind == "d" || kind == "bf" || kind == "fp";
    bool number = digits != std::string::npos &&
                  std::all_of(token.begin() + static_cast<long>(digits), token.end(),
                              [](char c) { return c >= '0' && c <= '9'; });
    if (known && number)
      found.push_back({kind, static_cast<unsigned>(std::stoul(token.substr(digits)))});
    else if (token == "f" || token == "bf")
      found.push_back({"f", 32});
    token.clear();
  };
  for (char c : mnemonic) {
    if (c == '.')
      take();
    else
      token += c;
  }
  take();
  return found;
}

std::string vectorType(Kind kind, const Element *e) {
  unsigned bits = bitsOf(kind);
  if (isAccumulator(kind)) {
    if (e && (e->kind == "f" || e->kind == "fp")) return fmt::format("v{}accfloat", bits / 32);
    if (e && e->bits == 32) return fmt::format("v{}acc32", bits / 32);
    return fmt::format("v{}acc64", bits / 64);
  }
  if (!e) return fmt::format("v{}int8", bits / 8);
  if (e->kind == "bf" || e->kind == "f") return fmt::format("v{}bfloat16", bits / 16);
  unsigned lane = std::max(e->bits, 8u); // 4-bit elements lie two in a byte
  const char *sign = e->kind == "d" ? "u" : "";
  if (lane == 64) return fmt::format("v{}int32", bits / 32);
  return fmt::format("v{}{}int{}", bits / lane, sign, lane);
}

bool isAddressUpdate(const Instruction &i) {
  bool counted = false, moved = false;
  for (const Operand &o : i.operands) {
    counted |= !o.derivedFrom.empty();
    moved |= o.name == "ptr_out";
  }
  return counted || (moved && i.mnemonic.find("compr") == std::string::npos);
}
/// Why an instruction with vector operands has no function of its own; empty when it has one.
std::string reasonAgainst(const Instruction &i, const Description &) {
  bool stack = std::ranges::find(i.uses, "sp") != i.uses.end();
  if (i.name == "VMOV_mv_w" || i.name == "VMOV_mv_x" || i.name == "VMOV_mv_cm" ||
      i.name == "VMOV_D")
    return "copies are made by casts and assignments";
  if (i.mnemonic.find("sparse") != std::string::npos)
    return "the 64-bit half of a mask has no move or store of its own";
  if (isAddressUpdate(i)) return "an address form that the compiler chooses";
  if (stack) return "stack accesses are the compiler's";
  bool plain = i.load || i.store;
  for (const char *converts : {"ups", "conv", "unpack", "pack", "srs", "4x", "compr"})
    plain &= i.mnemonic.find(converts) == std::string::npos;
  if (plain) return "plain loads and stores are dereferences";
  return {};
}

struct Function {
  std::string name;
  std::vector<const Instruction *> forms; ///< [0] is the one the table names
  const Instruction *immediate = nullptr;
  Kind forced = Kind::Other; ///< the kind of an operand that can be x or bm
};

class Writer {
public:
  explicit Writer(const Description &d) : d_(d) {}

  bool run() {
    collect();
    writeControl();
    for (const Function &f : functions_) write(f);
    return true;
  }
  std::string header, table, excluded;

private:
  Kind kind(const Operand &o) const { return kindOf(*d_.findClass(o.cls), d_); }
  Kind kind(const Function &f, const Operand &o) const {
    return f.forced != Kind::Other && o.cls == "mMvBMXDst" ? f.forced : kind(o);
  }
  bool hasVector(const Instruction &i) const {
    return std::ranges::any_of(i.operands,
                               [&](const Operand &o) { return o.reg && isWide(kind(o)); });
  }
  static bool isAddress(const Operand &o) { return o.name == "dj" || o.name == "imm"; }

  void collect() {
    std::map<std::string, std::vector<Function>> groups;
    for (const Instruction &i : d_.instructions) {
      if (!hasVector(i)) continue;
      if (std::string why = reasonAgainst(i, d_); !why.empty()) {
        excluded += fmt::format("AIE2_NO_INTRINSIC(\"{}\", \"{}\")\n", i.name, why);
        continue;
      }
      std::string name = i.mnemonic;
      std::ranges::replace(name, '.', '_');
      if (i.name == "VMOV_mv_scd") name = "vmov_scd";
      if (i.name == "VMOV_mv_mcd") name = "vmov_mcd";
      bool sparse = false, wide = false;
      for (const Operand &o : i.operands) {
        sparse |= o.reg && kind(o) == Kind::Sparse;
        wide |= o.reg && kind(o) == Kind::Y;
      }
      if (sparse) name += wide ? "_sparse_wide" : "_sparse";
      std::vector<Kind> forced = {Kind::Other};
      for (const Operand &o : i.operands)
        if (o.reg && o.cls == "mMvBMXDst") forced = {Kind::X, Kind::BM};
      for (Kind f : forced) add(groups[name], {name, {&i}, nullptr, f});
    }
    for (auto &[name, group] : groups) {
      if (group.size() > 1) disambiguate(group);
      for (Function &f : group) functions_.push_back(std::move(f));
    }
  }

  /// The same operation in another address or immediate form joins its function.
  void add(std::vector<Function> &group, Function made) {
    for (Function &f : group) {
      if (f.forced != made.forced || signature(*f.forms[0]) != signature(*made.forms[0])) continue;
      const Instruction *i = made.forms[0];
      bool immediate = std::ranges::any_of(
          i->operands, [](const Operand &o) { return !o.reg && !isAddress(o); });
      bool offset =
          std::ranges::any_of(i->operands, [](const Operand &o) { return o.name == "imm"; });
      if (immediate)
        f.immediate = i;
      else if (offset || hasImmediate(*f.forms[0])) {
        if (hasImmediate(*f.forms[0])) f.immediate = f.forms[0];
        f.forms.insert(f.forms.begin(), i);
        return;
      }
      f.forms.push_back(i);
      return;
    }
    group.push_back(std::move(made));
  }
  static bool hasImmediate(const Instruction &i) {
    return std::ranges::any_of(i.operands,
                               [](const Operand &o) { return !o.reg && !isAddress(o); });
  }
  std::string signature(const Instruction &i) const {
    std::string text;
    for (const Operand &o : i.operands)
      if (!isAddress(o))
        text += o.reg ? fmt::format("{}{} ", o.out ? 'o' : 'i', static_cast<int>(kind(o)))
                      : fmt::format("i{} ", static_cast<int>(Kind::Word));
    return text;
  }
  /// Adds the kind of the first operand in which the members of a group differ.
  void disambiguate(std::vector<Function> &group) {
    const auto &first = group.front().forms[0]->operands;
    for (size_t at = 0; at < first.size(); ++at) {
      std::set<Kind> kinds;
      for (const Function &f : group) kinds.insert(kind(f, f.forms[0]->operands[at]));
      if (kinds.size() != group.size()) continue;
      for (Function &f : group) f.name += suffixOf(kind(f, f.forms[0]->operands[at]));
      return;
    }
  }

  /// The element type of an operand: of two in the mnemonic, the first is the result's.
  std::string typeOf(const Function &f, const Operand &o) const {
    const Instruction &i = *f.forms[0];
    std::vector<Element> elements = elementsOf(i.mnemonic);
    const Element *e = nullptr;
    bool memory = i.load || i.store;
    if (elements.size() == 1) e = &elements[0];
    // An accumulator is the wide side whether it is loaded or stored.
    if (elements.size() == 2)
      e = (i.store ? !o.out && isWide(kind(o)) : !o.out) ? &elements[1] : &elements[0];
    bool gather = i.mnemonic.starts_with("vldb.4x");
    if (memory && gather && !o.out) return "v8int32";
    Kind k = o.reg ? kind(f, o) : Kind::Word;
    bool mask = o.name == "cmp" || o.name == "sel";
    switch (k) {
    case Kind::Word:
      if (mask) return "unsigned";
      if (o.out && e && e->kind == "d") return "unsigned";
      return "int";
    case Kind::Pair: return mask ? "unsigned long long" : "long long";
    case Kind::Shift: return "int";
    case Kind::Pointer: return i.store ? "void *" : "const void *";
    default: return vectorType(k, e);
    }
  }

  static std::string withSpace(const std::string &type) {
    return type.ends_with('*') ? type : type + " ";
  }

  void write(const Function &f) {
    const Instruction &i = *f.forms[0];
    std::string result = "void", inputs, results;
    unsigned outs = 0;
    auto add = [](std::string &list, const std::string &text) {
      list += (list.empty() ? "" : ", ") + text;
    };
    bool pointer = false;
    for (const Operand &o : i.operands) {
      if (o.name == "ptr_out" || isAddress(o)) continue;
      std::string type = typeOf(f, o);
      if (o.out) {
        if (outs++ == 0)
          result = type;
        else
          add(results, fmt::format("{}*__{}", withSpace(type), o.name));
        continue;
      }
      if (o.reg && kind(o) == Kind::Sparse) {
        add(inputs, fmt::format("v64int8 __{}", o.name));
        add(inputs, fmt::format("v4uint32 __{}_mask", o.name));
        continue;
      }
      pointer |= o.name == "ptr";
      if (o.tiedTo == "ptr_out") type = "const void **";
      add(inputs, fmt::format("{}__{}", withSpace(type), o.name));
    }
    if (!results.empty()) add(inputs, results);
    document(i, f);
    header += fmt::format("{}__aie2_{}({});\n", withSpace(result), f.name,
                          inputs.empty() ? "void" : inputs);
    std::vector<std::string> effects;
    bool control = std::ranges::any_of(i.uses, [](const std::string &r) {
      return r.starts_with("cr") && !r.ends_with("Mask"); // exceptions change no result
    });
    if (control) effects.emplace_back("kReadsControl");
    if (i.load) effects.emplace_back(pointer ? "kLoads" : "kLoadsAnywhere");
    if (i.store) effects.emplace_back("kStores");
    if (i.effects || std::ranges::find(i.defs, "dp") != i.defs.end()) effects.emplace_back("kActs");
    if (effects.empty()) effects.emplace_back("kPure");
    std::string all;
    for (const std::string &e : effects) all += (all.empty() ? "" : " | ") + e;
    table += fmt::format("AIE2_INTRINSIC(\"{}\", {}, {}, {}, {})\n", f.name, i.name,
                         f.immediate ? f.immediate->name : "INSTRUCTION_LIST_END", all,
                         f.forced == Kind::BM);
  }

  void document(const Instruction &i, const Function &f) {
    std::string text = i.means;
    if (size_t open = text.find(" Open:"); open != std::string::npos) text.resize(open);
    // The sentence on the address tells of one form only.
    if (i.load || i.store)
      if (size_t at = text.find(" The address is"); at != std::string::npos) text.resize(at);
    std::string line = "/// `" + i.mnemonic + "`: ";
    std::string word;
    for (char c : text + " ") {
      if (c != ' ' && c != '\n') {
        word += c;
        continue;
      }
      if (word.empty()) continue;
      if (line.size() + word.size() > 98) {
        line.pop_back();
        header += line + "\n";
        line = "/// ";
      }
      line += word + " ";
      word.clear();
    }
    line.pop_back();
    header += line + "\n";
    (void)f;
  }

  void writeControl() {
    for (const Register &r : d_.registers) {
      if (r.kind != "control" && r.kind != "status") continue;
      header += fmt::format("void __aie2_set_{}(int __value);\nint __aie2_get_{}(void);\n", r.name,
                            r.name);
    }
  }

  const Description &d_;
  std::vector<Function> functions_;
};

constexpr const char *kHeaderStart =
    R"(// Written by codegen_write_intrinsics from src/isa; do not edit.
// One function for every vector instruction: its operands in the order of the assembly, the first
// result returned, further ones through pointers. Each becomes that instruction; docs/frontend.md
// tells the rules. Functions without memory in their description are pure.
#ifndef AIE2_INTRINSICS_H
#define AIE2_INTRINSICS_H
#ifndef __ASHLAR__
#error "aie2_intrinsics.h is for cores of an NPU: compile with `ashlar cc`"
#endif
#include <aie2_types.h>
#ifdef __cplusplus
extern "C" {
#endif

/* Control registers decide how .d forms read signs, how results round and saturate. At rest all
   are 0. Status bits are sticky. */
)";
constexpr const char *kHeaderEnd = R"(
#ifdef __cplusplus
}
#endif
#endif
)";

int run(int argc, char **argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: codegen_write_intrinsics HEADER.h TABLE.inc DESCRIPTION...\n");
    return 2;
  }
  auto description = read(std::vector<std::string>(argv + 3, argv + argc));
  if (!description) {
    for (const Diagnostic &e : description.errors()) fmt::print(stderr, "{}\n", e.str());
    return 1;
  }
  Writer writer(*description);
  if (!writer.run()) return 1;
  std::string table = "#ifdef AIE2_INTRINSIC\n" + writer.table +
                      "#endif\n#ifdef AIE2_NO_INTRINSIC\n" + writer.excluded + "#endif\n";
  for (const auto &[path, text] :
       {std::pair(argv[1], kHeaderStart + writer.header + kHeaderEnd), {argv[2], table}}) {
    Status written = writeTextFile(path, text);
    if (!written) {
      for (const Diagnostic &e : written.errors()) fmt::print(stderr, "{}\n", e.str());
      return 1;
    }
  }
  return 0;
}
} // namespace

int main(int argc, char **argv) { return run(argc, argv); }
