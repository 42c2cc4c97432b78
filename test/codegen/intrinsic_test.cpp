// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every vector operation that the build makes from the ISA description, compiled and run on the
// emulated core, against the reference for the host; over random operands and edges. An operation
// has a reference or a reason here, or the test fails.
#include "codegen/machine.h"
#include "codegen/vector_reference.h"
#include "isa/isa.h"

#include <cstring>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>
#include <set>

namespace codegen_test {
namespace {
namespace isa = ashlar::isa;

constexpr uint32_t kIn = 0x76000, kOut = 0x77000;
constexpr unsigned kSlot = 128, kControls = 7;
constexpr uint64_t kSeed = 47;

struct Row {
  const char *name, *opcode;
  bool accumulator;
};
const Row kRows[] = {
#define AIE2_INTRINSIC(name, opcode, immediate, effects, accumulator) {name, #opcode, accumulator},
#include "AIE2Intrinsics.inc"
#undef AIE2_INTRINSIC
};
struct Excluded {
  const char *instruction, *reason;
};
const Excluded kExcluded[] = {
#define AIE2_NO_INTRINSIC(name, reason) {name, reason},
#include "AIE2Intrinsics.inc"
#undef AIE2_NO_INTRINSIC
};

/// Why an operation is not compared, or nothing.
std::string reason(std::string_view name) {
  if (name.find("sparse") != name.npos) return "the routing of sparse products is not established";
  if (name.starts_with("vldb_compr")) return "the format of compressed data is not established";
  if (name.starts_with("vldb_4x")) return "addresses in vectors: its own test";
  if (name.starts_with("vmov_")) return "the cascade: emulator tests";
  return {};
}

/// One argument or result as the function's IR sees it.
struct Piece {
  std::string type; ///< of IR
  unsigned bytes;
  bool pointer = false, mask = false;
  std::string operand;
};

std::string registerType(isa::ClassId cls, bool accumulator, unsigned &bytes) {
  const isa::ClassInfo &info = isa::info(cls);
  std::string_view name = info.name;
  if (name == "mShflDst" || (name.starts_with("mMvBMX") && !accumulator))
    return bytes = 64, "<64 x i8>";
  if (name == "mMvSclDst") return bytes = 4, "i32";
  const isa::RegInfo &reg = isa::info(info.members[0]);
  std::string_view kind = reg.kind;
  if (kind == "gpr" || kind == "shift") return bytes = 4, "i32";
  if (kind == "pair") return bytes = 8, "i64";
  if (kind == "pointer") return bytes = 4, "ptr";
  bytes = reg.bits / 8;
  return kind == "accumulator" ? fmt::format("<{} x i64>", bytes / 8)
                               : fmt::format("<{} x i8>", bytes);
}

struct Operation {
  const Row *row;
  std::vector<Piece> in, out;
  bool stores = false;
};
Operation describe(const Row &row) {
  Operation o{&row, {}, {}, false};
  const isa::InstInfo &info = isa::info(isa::findOpcode(row.opcode));
  for (const isa::OperandInfo &operand : info.operands) {
    std::string_view name = operand.name;
    if (name == "imm" || name == "dj") continue;
    Piece p;
    p.operand = name;
    p.type =
        operand.isReg ? registerType(operand.cls, row.accumulator, p.bytes) : (p.bytes = 4, "i32");
    p.pointer = p.type == "ptr";
    p.mask = name == "cmp" || name == "sel";
    (operand.out ? o.out : o.in).push_back(p);
  }
  o.stores = info.mayStore;
  if (o.stores) o.out = {{"", info.memoryBytes, true, false, "memory"}};
  for (Piece &p : o.in)
    if (p.pointer) p.bytes = std::max<unsigned>(info.memoryBytes, 32);
  return o;
}

/// A function that sets the control registers, loads the arguments, and stores the results.
std::string function(const Operation &o, size_t index, int constantIndex) {
  std::string text = fmt::format("define void @f{}(ptr %in, ptr %out) {{\n", index);
  const char *const kNames[] = {"crRnd",     "crSat",      "crVaddSign",  "crSRSSign",
                                "crUPSSign", "crPackSign", "crUnpackSign"};
  for (unsigned i = 0; i < kControls; ++i)
    text +=
        fmt::format("  %c{0} = getelementptr i8, ptr %in, i32 {1}\n  %k{0} = load i32, ptr %c{0}\n"
                    "  call void @__aie2_set_{2}(i32 %k{0})\n",
                    i, 4 * i, kNames[i]);
  std::string arguments, types, result = "void";
  auto add = [](std::string &list, const std::string &item) {
    list += (list.empty() ? "" : ", ") + item;
  };
  for (size_t i = 0; i < o.in.size(); ++i) {
    const Piece &p = o.in[i];
    text += fmt::format("  %p{} = getelementptr i8, ptr %in, i32 {}\n", i, kSlot * (i + 1));
    add(types, p.type);
    if (p.pointer) {
      add(arguments, o.stores ? "ptr %out" : fmt::format("ptr %p{}", i));
    } else if (constantIndex >= 0 && i + 1 == o.in.size()) {
      add(arguments, fmt::format("i32 {}", constantIndex));
    } else {
      text += fmt::format("  %a{0} = load {1}, ptr %p{0}, align {2}\n", i, p.type,
                          p.bytes > 8 ? 32 : 4);
      add(arguments, fmt::format("{} %a{}", p.type, i));
    }
  }
  if (!o.stores && !o.out.empty()) result = o.out[0].type;
  for (size_t i = 1; i < o.out.size(); ++i) {
    text += fmt::format("  %q{} = getelementptr i8, ptr %out, i32 {}\n", i, kSlot * i);
    add(arguments, fmt::format("ptr %q{}", i));
    add(types, "ptr");
  }
  text += fmt::format("  {}call {} @__aie2_{}({})\n", result == "void" ? "" : "%r = ", result,
                      o.row->name, arguments);
  if (result != "void")
    text += fmt::format("  store {} %r, ptr %out, align {}\n", result, o.out[0].bytes > 8 ? 32 : 4);
  for (unsigned i = 0; i < kControls; ++i)
    text += fmt::format("  call void @__aie2_set_{}(i32 0)\n", kNames[i]);
  text += "  ret void\n}\n";
  if (constantIndex < 0)
    text += fmt::format("declare {} @__aie2_{}({})\n", result, o.row->name, types);
  return text;
}

class Operands {
public:
  explicit Operands(uint64_t seed) : random_(seed) {}
  uint64_t below(uint64_t n) { return random_() % n; }

  Control control() {
    static const unsigned kRounding[] = {0, 1, 2, 3, 8, 9, 10, 11, 12, 13};
    static const unsigned kSaturation[] = {0, 1, 3};
    return {kRounding[below(10)], kSaturation[below(3)], below(2) == 0, below(2) == 0,
            below(2) == 0,        below(2) == 0,         below(2) == 0};
  }

  Register make(const Operation &o, const Piece &p, const std::vector<Register> &) {
    std::string_view name = o.row->name;
    Register r(p.bytes);
    if (p.operand == "c") return word(configuration(name));
    if (p.type == "i32" && !p.mask) {
      bool shift = p.operand == "shft" || p.operand == "pre";
      if (shift)
        return word(p.operand == "pre"                ? below(5)
                    : name.find("floor") != name.npos ? below(64)
                                                      : below(24));
      if (p.operand == "shift") return word(below(140));
      if (p.operand == "mod" || name.starts_with("vbcstshfl"))
        return word(p.operand == "s0" ? random_() : below(64));
      return word(random_());
    }
    bool real = name.ends_with("_f") && p.type.starts_with("<");
    bool accumulatorReal = real && p.type.find("i64") != p.type.npos;
    switch (below(4)) {
    case 0: // edges, lane by lane
      for (size_t i = 0; i + 1 < r.size(); i += 2) {
        static const uint16_t kEdges[] = {0,      1,      0x7f,   0x80,   0xff,
                                          0x7fff, 0x8000, 0xffff, 0x8080, 0x7f7f};
        uint16_t v = kEdges[below(10)];
        std::memcpy(&r[i], &v, 2);
      }
      break;
    case 1: { // one byte everywhere
      auto v = static_cast<uint8_t>(random_());
      std::fill(r.begin(), r.end(), v);
      break;
    }
    default:
      for (uint8_t &byte : r) byte = static_cast<uint8_t>(random_());
    }
    if (name == "vneg_f") { // the sign of a zero is not established
      finite32(r);
      for (size_t i = 3; i < r.size(); i += 4) r[i] |= 0x40;
    } else if (accumulatorReal || name.starts_with("vconv_bf16") || name.starts_with("vst_conv"))
      finite32(r);
    else if (real)
      finite16(r);
    return r;
  }

private:
  static Register word(uint64_t v) {
    Register r(4);
    std::memcpy(r.data(), &v, 4);
    return r;
  }
  /// Exponents around that of 1, some zeros and denormals; no infinity.
  void finite32(Register &r) {
    for (size_t i = 0; i + 3 < r.size(); i += 4) {
      auto v = static_cast<uint32_t>(random_());
      uint32_t exponent =
          below(8) ? 110 + static_cast<uint32_t>(below(36)) : static_cast<uint32_t>(below(3));
      v = (v & 0x807fffff) | exponent << 23;
      if (below(10) == 0) v &= 0x80000000;
      std::memcpy(&r[i], &v, 4);
    }
  }
  void finite16(Register &r) {
    for (size_t i = 0; i + 1 < r.size(); i += 2) {
      auto v = static_cast<uint16_t>(random_());
      auto exponent = static_cast<uint16_t>(below(8) ? 115 + below(24) : below(2));
      v = static_cast<uint16_t>((v & 0x807f) | exponent << 7);
      if (below(10) == 0) v &= 0x8000;
      std::memcpy(&r[i], &v, 2);
    }
  }
  uint64_t configuration(std::string_view name) {
    bool real = name.ends_with("_f"),
         adder = name == "vadd" || name == "vsub" || name.starts_with("vnegadd") ||
                 name.starts_with("vnegsub") || name == "vneg" || name == "vadd_f" ||
                 name == "vsub_f" || name == "vneg_f";
    if (adder && real) return 28;
    if (adder) return (below(2) ? 2 : 0) | below(4) << 12;
    if (real) return (below(2) ? 28 : 60) | below(2) | below(8) << 11;
    static const unsigned kShapes[] = {
        0,       8,      8 | 32, 8 | 64, 8 | 96,      8 | 128,     16,          48, 24,
        24 | 32, 2 | 16, 2 | 48, 2 | 24, 2 | 24 | 32, 2 | 24 | 64, 2 | 24 | 96, 2};
    return kShapes[below(std::size(kShapes))] | below(4) << 8 | below(2) |
           (below(4) == 0 ? below(16) << 10 : 0);
  }
  std::mt19937_64 random_;
};

bool isNan(const Register &r, size_t i, size_t bytes) {
  uint32_t v = 0;
  std::memcpy(reinterpret_cast<uint8_t *>(&v) + 4 - bytes, &r[i], bytes);
  return (v & 0x7fffffff) > 0x7f800000;
}

void compare(Machine &m, const Operation &o, size_t index, int constantIndex, Operands &operands) {
  Control c = operands.control();
  std::vector<Register> in;
  uint32_t controls[kControls] = {c.rounding, c.saturation, c.addSign,   c.srsSign,
                                  c.upsSign,  c.packSign,   c.unpackSign};
  std::memcpy(m.memory(kIn), controls, sizeof controls);
  for (size_t i = 0; i < o.in.size(); ++i) {
    Register r = operands.make(o, o.in[i], in);
    if (constantIndex >= 0 && i + 1 == o.in.size()) std::memcpy(r.data(), &constantIndex, 4);
    std::memcpy(m.memory(kIn + kSlot * static_cast<uint32_t>(i + 1)), r.data(), r.size());
    in.push_back(r);
  }
  std::vector<Register> want = reference(o.row->name, c, in);
  ASSERT_EQ(want.size(), o.out.size()) << o.row->name << ": no reference and no reason";
  m.call("f" + std::to_string(index), {}, {kIn, kOut});
  for (size_t k = 0; k < want.size(); ++k) {
    const uint8_t *got = m.memory(kOut + kSlot * static_cast<uint32_t>(k));
    Register result(got, got + want[k].size());
    std::string_view name = o.row->name;
    size_t lane = name.ends_with("_f") ? 4 : 1;
    for (size_t i = 0; i < result.size(); i += lane) {
      bool same = std::equal(&result[i], &result[i] + lane, &want[k][i]);
      if (!same && lane == 4 && isNan(result, i, 4) && isNan(want[k], i, 4)) same = true;
      ASSERT_TRUE(same) << name << ", result " << k << ", byte " << i << ": " << int(result[i])
                        << " instead of " << int(want[k][i]) << " (crRnd " << c.rounding
                        << ", crSat " << c.saturation << ", last operand "
                        << (in.empty() || in.back().size() < 4
                                ? 0
                                : *reinterpret_cast<const int *>(in.back().data()))
                        << ", seed " << kSeed << ")";
    }
  }
}

TEST(Intrinsics, EachEqualsItsReference) {
  constexpr size_t kBatch = 24; // functions in one program
  constexpr int kRuns = 12;
  std::vector<Operation> operations;
  for (const Row &row : kRows)
    if (reason(row.name).empty()) operations.push_back(describe(row));
  EXPECT_GT(operations.size(), 190u);
  Operands operands(kSeed);
  for (size_t first = 0; first < operations.size(); first += kBatch) {
    size_t last = std::min(first + kBatch, operations.size());
    std::string ir;
    for (const char *name :
         {"crRnd", "crSat", "crVaddSign", "crSRSSign", "crUPSSign", "crPackSign", "crUnpackSign"})
      ir += fmt::format("declare void @__aie2_set_{}(i32)\n", name);
    for (size_t i = first; i < last; ++i) {
      ir += function(operations[i], 2 * (i - first), -1);
      if (std::string_view(operations[i].row->name).starts_with("vextbcst"))
        ir += function(operations[i], 2 * (i - first) + 1, 5);
    }
    Machine m(ir, static_cast<unsigned>(first / kBatch) % 4);
    ASSERT_TRUE(m.ok()) << ir;
    for (size_t i = first; i < last; ++i)
      for (int run = 0; run < kRuns && !testing::Test::HasFatalFailure(); ++run) {
        compare(m, operations[i], 2 * (i - first), -1, operands);
        if (std::string_view(operations[i].row->name).starts_with("vextbcst"))
          compare(m, operations[i], 2 * (i - first) + 1, 5, operands);
      }
  }
}

/// Each instruction with vector operands has a function, or a reason why not.
TEST(Intrinsics, CoverEveryVectorInstruction) {
  std::map<std::string, int> seen;
  for (const Row &row : kRows) ++seen[row.opcode];
  for (const Excluded &e : kExcluded) {
    ++seen[e.instruction];
    EXPECT_STRNE(e.reason, "") << e.instruction;
  }
  std::set<std::string> mnemonics;
  for (const Row &row : kRows) mnemonics.insert(isa::info(isa::findOpcode(row.opcode)).mnemonic);
  unsigned vectors = 0;
  for (unsigned i = 1; i < isa::kOpcodeCount; ++i) {
    const isa::InstInfo &info = isa::info(static_cast<isa::Opcode>(i));
    bool wide = false;
    for (const isa::OperandInfo &o : info.operands)
      wide |= o.isReg && isa::info(isa::info(o.cls).members[0]).bits >= 128 &&
              std::string_view(isa::info(isa::info(o.cls).members[0]).kind).find("modifier") ==
                  std::string_view::npos;
    if (!wide) continue;
    ++vectors;
    // Further address and immediate forms of an operation share its function.
    if (!seen.contains(info.name)) EXPECT_TRUE(mnemonics.contains(info.mnemonic)) << info.name;
  }
  EXPECT_GT(vectors, 400u);
}

} // namespace
} // namespace codegen_test
