// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random programs of LLVM IR on vectors of many shapes, on the emulated core and on the host, whose
// own back end in LLVM is the oracle. ASHLAR_VECTOR_PROGRAMS=N ASHLAR_VECTOR_SEED=S for long
// sweeps.
#include "codegen/machine.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"

#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

namespace codegen_test {
namespace {

constexpr uint32_t kIn = 0x76000, kOut = 0x78000;
constexpr size_t kInBytes = 4096, kOutBytes = 8192;

struct Type {
  unsigned lanes, bits; ///< one lane: a scalar
  bool real = false;
  std::string lane() const { return real ? "float" : fmt::format("i{}", bits); }
  std::string str() const { return lanes == 1 ? lane() : fmt::format("<{} x {}>", lanes, lane()); }
  unsigned size() const { return lanes * bits; }
  bool operator==(const Type &) const = default;
};
struct Value {
  std::string name;
  Type type;
};

class Program {
public:
  explicit Program(uint64_t seed) : random_(seed) {}

  std::string make(unsigned operations) {
    text_ = "define void @f(ptr %in, ptr %out, i32 %n) {\n";
    for (int i = 0; i < 3; ++i) values_.push_back(load(type()));
    for (unsigned i = 0; i < operations; ++i) operation();
    // A merge of two values through a branch.
    Value last = load({16, 32});
    for (const Value &v : values_)
      if (!v.type.real) last = v;
    text_ += "  %c = icmp sgt i32 %n, 3\n  br i1 %c, label %yes, label %no\nyes:\n";
    Value other = binary(last, last);
    text_ += fmt::format("  br label %no\nno:\n  %merged = phi {} [{}, %0], [{}, %yes]\n",
                         last.type.str(), last.name, other.name);
    values_.push_back({"%merged", last.type});
    for (size_t i = values_.size(); i-- > 3;) store(values_[i]);
    return text_ + "  ret void\n}\n";
  }
  /// The library routine that the optimiser may call; the tests' loader has no libraries.
  static constexpr const char *kLibrary = R"(
define ptr @memset(ptr %p, i32 %v, i32 %n) noinline {
  %b = trunc i32 %v to i8
  %none = icmp eq i32 %n, 0
  br i1 %none, label %done, label %loop
loop:
  %i = phi i32 [0, %0], [%next, %loop]
  %q = getelementptr i8, ptr %p, i32 %i
  store volatile i8 %b, ptr %q
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %done
done:
  ret ptr %p
})";

private:
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  std::string next() { return fmt::format("%v{}", count_++); }

  Type type() {
    static const unsigned kLanes[] = {2, 3, 4, 5, 8, 16, 16, 32, 32, 64, 64, 128};
    static const unsigned kBits[] = {8, 8, 16, 16, 32, 32, 64};
    for (;;) {
      Type t{kLanes[below(std::size(kLanes))], kBits[below(std::size(kBits))]};
      if (t.bits == 32 && below(6) == 0) t.real = true;
      if (t.size() <= (t.real || t.bits == 64 ? 512 : 1024) && (t.lanes < 32 || t.bits < 64))
        return t;
    }
  }
  Value emit(const Type &t, const std::string &what) {
    Value v{next(), t};
    text_ += fmt::format("  {} = {}\n", v.name, what);
    return v;
  }
  Value load(Type t) {
    static const unsigned kAligns[] = {32, 32, 32, 16, 4, 2, 1};
    unsigned align = kAligns[below(std::size(kAligns))];
    unsigned at = below((kInBytes - 256) / align) * align;
    Value p = emit({1, 32}, fmt::format("getelementptr i8, ptr %in, i32 {}", at));
    return emit(t, fmt::format("load {}, ptr {}, align {}", t.str(), p.name, align));
  }
  void store(const Value &v) {
    if (v.type.bits == 1 && v.type.lanes > 1) return; // packed: other programs store their integers
    unsigned bytes = std::max(1u, v.type.size() / 8);
    static const unsigned kAligns[] = {32, 32, 16, 4, 1};
    unsigned align = kAligns[below(std::size(kAligns))];
    offset_ = (offset_ + align - 1) / align * align;
    if (offset_ + bytes > kOutBytes) return;
    Value p = emit({1, 32}, fmt::format("getelementptr i8, ptr %out, i32 {}", offset_));
    text_ += fmt::format("  store {} {}, ptr {}, align {}\n", v.type.str(), v.name, p.name, align);
    offset_ += bytes;
  }
  std::string splat(const Type &t, uint64_t value) {
    std::string list;
    for (unsigned i = 0; i < t.lanes; ++i)
      list += fmt::format("{}{} {}", i ? ", " : "", t.lane(), value);
    return t.lanes == 1 ? std::to_string(value) : "<" + list + ">";
  }
  std::string constant(const Type &t) {
    if (below(3) == 0) return splat(t, below(100));
    std::string list;
    for (unsigned i = 0; i < t.lanes; ++i)
      list += fmt::format("{}{} {}", i ? ", " : "", t.lane(), below(100));
    return t.lanes == 1 ? std::to_string(below(100)) : "<" + list + ">";
  }
  /// A vector of that type: one that is there, or a new one.
  Value of(const Type &t) {
    for (size_t i = values_.size(); i-- > 0;)
      if (values_[i].type == t && below(2)) return values_[i];
    return load(t);
  }
  Value any() { return values_[below(static_cast<unsigned>(values_.size()))]; }
  Value wide() { // not i1
    for (;;)
      if (Value v = any(); v.type.bits > 1 && v.type.lanes > 1) return v;
  }

  Value binary(const Value &a, const Value &b) {
    static const char *const kInteger[] = {"add", "sub", "mul", "and", "or", "xor"};
    const char *op = a.type.bits == 1 ? kInteger[3 + below(3)] : kInteger[below(6)];
    return emit(a.type, fmt::format("{} {} {}, {}", op, a.type.str(), a.name, b.name));
  }
  void operation() {
    Value a = wide();
    const Type t = a.type;
    static const unsigned kOfReals[] = {2, 3, 4, 12}; // what only moves them
    switch (t.real ? kOfReals[below(4)] : below(13)) {
    case 0: values_.push_back(binary(a, of(t))); break;
    case 1: { // compare and choose
      Value b = of(t);
      static const char *const kPredicates[] = {"eq",  "ne",  "slt", "sge", "sgt",
                                                "sle", "ult", "uge", "ugt", "ule"};
      Value c = emit({t.lanes, 1}, fmt::format("icmp {} {} {}, {}", kPredicates[below(10)], t.str(),
                                               a.name, b.name));
      if (below(2)) values_.push_back(c);
      values_.push_back(emit(t, fmt::format("select <{} x i1> {}, {} {}, {} {}", t.lanes, c.name,
                                            t.str(), a.name, t.str(), b.name)));
      break;
    }
    case 2: shuffle(a); break;
    case 3: { // one lane out and in elsewhere
      Value lane = emit({1, t.bits, t.real}, fmt::format("extractelement {} {}, i32 {}", t.str(),
                                                         a.name, below(t.lanes)));
      values_.push_back(emit(t, fmt::format("insertelement {} {}, {} {}, i32 {}", t.str(), a.name,
                                            t.lane(), lane.name, below(t.lanes))));
      break;
    }
    case 4: { // the same by a variable index
      Value mask = emit({1, 32}, fmt::format("and i32 %n, {}", t.lanes >= 8 ? 7 : 1));
      Value lane = emit({1, t.bits, t.real},
                        fmt::format("extractelement {} {}, i32 {}", t.str(), a.name, mask.name));
      values_.push_back(emit(t, fmt::format("insertelement {} {}, {} {}, i32 {}", t.str(), a.name,
                                            t.lane(), lane.name, below(t.lanes))));
      values_.push_back(emit(t, fmt::format("insertelement {} {}, {} {}, i32 {}", t.str(), a.name,
                                            t.lane(), lane.name, mask.name)));
      break;
    }
    case 5: values_.push_back(binary(a, {constant(t), t})); break;
    case 6: { // shifts
      static const char *const kShifts[] = {"shl", "lshr", "ashr"};
      const char *op = kShifts[below(3)];
      if (below(2)) {
        values_.push_back(
            emit(t, fmt::format("{} {} {}, {}", op, t.str(), a.name, splat(t, below(t.bits)))));
      } else {
        Value by = emit(t, fmt::format("and {} {}, {}", t.str(), of(t).name, splat(t, t.bits - 1)));
        values_.push_back(emit(t, fmt::format("{} {} {}, {}", op, t.str(), a.name, by.name)));
      }
      break;
    }
    case 7: { // other widths of lanes
      unsigned bits = 8u << below(4);
      Type to{t.lanes, bits};
      if (bits == t.bits || to.size() > 2048) break;
      values_.push_back(emit(to, fmt::format("{} {} {} to {}",
                                             bits < t.bits ? "trunc" : (below(2) ? "sext" : "zext"),
                                             t.str(), a.name, to.str())));
      break;
    }
    case 8: { // the same bits
      unsigned bits = 8u << below(4);
      if (t.size() % bits || t.size() == bits) break;
      Type to{t.size() / bits, bits};
      values_.push_back(emit(to, fmt::format("bitcast {} {} to {}", t.str(), a.name, to.str())));
      break;
    }
    case 9: {
      static const char *const kNames[] = {"smin", "smax", "umin", "umax"};
      const char *name = kNames[below(4)];
      std::string mangled = fmt::format("@llvm.{}.v{}i{}", name, t.lanes, t.bits);
      values_.push_back(emit(t, fmt::format("call {} {}({} {}, {} {})", t.str(), mangled, t.str(),
                                            a.name, t.str(), of(t).name)));
      declare(mangled, t, 2);
      break;
    }
    case 10: { // a mask as numbers
      Value c = emit({t.lanes, 1}, fmt::format("icmp slt {} {}, {}", t.str(), a.name, of(t).name));
      values_.push_back(emit(t, fmt::format("{} <{} x i1> {} to {}", below(2) ? "sext" : "zext",
                                            t.lanes, c.name, t.str())));
      if (t.lanes % 8 == 0) {
        Value i = emit({1, t.lanes},
                       fmt::format("bitcast <{} x i1> {} to i{}", t.lanes, c.name, t.lanes));
        values_.push_back(i);
      }
      break;
    }
    case 11: { // one scalar everywhere
      Value lane = emit({1, t.bits}, fmt::format("extractelement {} {}, i32 {}", t.str(), a.name,
                                                 below(t.lanes)));
      Value one = emit(
          t, fmt::format("insertelement {} poison, {} {}, i32 0", t.str(), t.lane(), lane.name));
      values_.push_back(
          emit(t, fmt::format("shufflevector {} {}, {} poison, <{} x i32> zeroinitializer", t.str(),
                              one.name, t.str(), t.lanes)));
      break;
    }
    case 12: { // a choice between whole vectors
      Value c = emit({1, 1}, fmt::format("icmp ult i32 %n, {}", below(8)));
      values_.push_back(emit(t, fmt::format("select i1 {}, {} {}, {} {}", c.name, t.str(), a.name,
                                            t.str(), of(t).name)));
      break;
    }
    }
  }
  void shuffle(const Value &a) {
    Value b = of(a.type);
    unsigned n = a.type.lanes;
    Type to{std::max(2u, below(2) ? n : (below(2) ? n / 2 : std::min(2 * n, 128u))), a.type.bits,
            a.type.real};
    if (to.size() > 1024) to.lanes = n;
    unsigned kind = below(6), start = below(2 * n);
    std::string mask;
    for (unsigned i = 0; i < to.lanes; ++i) {
      unsigned m = 0;
      switch (kind) {
      case 0: m = below(2 * n); break;                  // anything
      case 1: m = (start + i) % (2 * n); break;         // a window
      case 2: m = (2 * i + start % 2) % (2 * n); break; // even or odd lanes
      case 3: m = i / 2 + (i % 2 ? n : 0); break;       // interleaved
      case 4: m = (i % n) + (below(2) ? n : 0); break;  // blended
      default: m = n - 1 - i % n; break;                // reversed
      }
      mask += fmt::format("{}i32 {}", i ? ", " : "", m % (2 * n));
    }
    values_.push_back(
        emit(to, fmt::format("shufflevector {} {}, {} {}, <{} x i32> <{}>", a.type.str(), a.name,
                             a.type.str(), b.name, to.lanes, mask)));
  }
  void declare(const std::string &name, const Type &t, unsigned arguments) {
    std::string list;
    for (unsigned i = 0; i < arguments; ++i) list += (i ? ", " : "") + t.str();
    std::string line = fmt::format("declare {} {}({})\n", t.str(), name, list);
    if (text_.find(line) == std::string::npos) text_ = line + text_;
  }

  std::mt19937_64 random_;
  std::string text_;
  std::vector<Value> values_;
  unsigned count_ = 0, offset_ = 0;
};

/// Runs the program with LLVM's back end for the host.
bool runOnHost(const std::string &ir, const uint8_t *in, uint8_t *out, int n) {
  static const bool ready =
      !llvm::InitializeNativeTarget() && !llvm::InitializeNativeTargetAsmPrinter();
  if (!ready) return false;
  auto context = std::make_unique<llvm::LLVMContext>();
  llvm::SMDiagnostic problem;
  auto module = llvm::parseIR(llvm::MemoryBufferRef(ir, "program"), problem, *context);
  if (!module) {
    ADD_FAILURE() << problem.getMessage().str() << "\n" << ir;
    return false;
  }
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit) {
    llvm::consumeError(jit.takeError());
    return false;
  }
  module->setDataLayout((*jit)->getDataLayout());
  if (auto e = (*jit)->addIRModule({std::move(module), std::move(context)})) {
    llvm::consumeError(std::move(e));
    return false;
  }
  auto address = (*jit)->lookup("f");
  if (!address) {
    llvm::consumeError(address.takeError());
    return false;
  }
  address->toPtr<void (*)(const uint8_t *, uint8_t *, int)>()(in, out, n);
  return true;
}

uint64_t setting(const char *name, uint64_t otherwise) {
  const char *text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(VectorPrograms, CoreEqualsHost) {
  const uint64_t first = setting("ASHLAR_VECTOR_SEED", 1),
                 count = setting("ASHLAR_VECTOR_PROGRAMS", 40);
  uint64_t tooLarge = 0;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    std::mt19937_64 random(seed);
    const std::string ir = Program(seed).make(3 + static_cast<unsigned>(random() % 6));
    alignas(32) uint8_t in[kInBytes], out[kOutBytes] = {};
    for (uint8_t &byte : in) byte = static_cast<uint8_t>(random());
    const int n = static_cast<int>(random() % 8);
    ASSERT_TRUE(runOnHost(ir, in, out, n)) << "seed " << seed;
    const unsigned level = static_cast<unsigned>(seed % 4);
    Machine m(ir + Program::kLibrary, level);
    ASSERT_TRUE(m.ok()) << "seed " << seed << "\n" << ir;
    if (!m.fits()) { // a few of a long sweep, and none of those that are always run
      ASSERT_LE(++tooLarge, count / 50) << "program memory is too small for seed " << seed;
      continue;
    }
    std::memcpy(m.memory(kIn), in, sizeof in);
    std::memset(m.memory(kOut), 0, kOutBytes);
    m.call("f", {static_cast<uint32_t>(n)}, {kIn, kOut});
    for (size_t i = 0; i < kOutBytes; ++i)
      ASSERT_EQ(int(m.memory(kOut)[i]), int(out[i]))
          << "byte " << i << ", seed " << seed << ", level " << level << "\n"
          << ir;
  }
}

} // namespace
} // namespace codegen_test
