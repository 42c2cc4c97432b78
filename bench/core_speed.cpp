// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How fast one emulated core runs: million bundles a second on loops of scalar code, int8 matrix
// products and bf16 matrix products, and how much slower that is than a plain C++ loop doing the
// same arithmetic on this machine.
#include "emulator/core/core.h"
#include "emulator/core/standalone.h"
#include "isa/encode.h"
#include "isa/parse.h"

#include <ctime>
#include <fmt/format.h>

using namespace ashlar;

namespace {

volatile uint32_t sink; ///< results go here, so that no loop is dropped
/// The compiler has to assume that the data behind `p` changed.
void touch(void *p) { asm volatile("" : : "r"(p) : "memory"); }

/// Processor time, so that a busy machine does not change the figures.
double seconds(auto &&body) {
  const std::clock_t start = std::clock();
  body();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

Bytes assemble(const std::vector<std::string> &lines) {
  Bytes code;
  for (const std::string &line : lines) {
    const auto parsed = isa::parseBundle(line, Place::at("bench"));
    ASHLAR_ASSERT(parsed.ok());
    const auto bundle = isa::makeBundle(parsed->insts);
    ASHLAR_ASSERT(bundle.ok());
    const auto bytes = isa::encode(*bundle);
    ASHLAR_ASSERT(bytes.ok());
    code.insert(code.end(), bytes->view().begin(), bytes->view().end());
  }
  return code;
}

struct Loop {
  const char *name;
  std::vector<std::string> body; ///< of a zero-overhead loop
  double wanted;                 ///< million bundles a second
  uint32_t rounds;
  void (*native)(uint32_t rounds); ///< the same arithmetic in C++
};

void nativeScalar(uint32_t rounds) {
  uint32_t a = 1, b = 2, c = 3;
  for (uint32_t i = 0; i < rounds; ++i) {
    a += b;
    b ^= a << 3;
    c = c * a;
    a = a < c ? b : c;
    sink = a; // the store
  }
}

void nativeInt8(uint32_t rounds) {
  static int8_t x[64], y[64];
  static int32_t acc[32];
  for (uint32_t i = 0; i < rounds; ++i) {
    touch(x);
    touch(y);
    touch(acc);
    for (int r = 0; r < 4; ++r)
      for (int k = 0; k < 8; ++k)
        for (int c = 0; c < 8; ++c) acc[r * 8 + c] += x[r * 8 + k] * y[k * 8 + c];
  }
}

void nativeBf16(uint32_t rounds) {
  static float x[32], y[32], acc[16];
  for (uint32_t i = 0; i < rounds; ++i) {
    touch(x);
    touch(y);
    touch(acc);
    for (int r = 0; r < 4; ++r)
      for (int k = 0; k < 8; ++k)
        for (int c = 0; c < 4; ++c) acc[r * 4 + c] += x[r * 8 + k] * y[k * 4 + c];
  }
}

std::string_view only; ///< part of the name of the loops to run

void measure(const Loop &loop) {
  if (std::string_view(loop.name).find(only) == std::string_view::npos) return;
  emulator::StandalonePort port;
  emulator::Core core(port);
  std::vector<std::string> lines = loop.body;
  const auto last = static_cast<uint32_t>(
      assemble({lines.begin(), lines.end() - 1}).size()); // address of the last bundle of the body
  lines.push_back("done");
  for (int i = 0; i < 6; ++i) lines.push_back("nop");
  ASHLAR_ASSERT(core.writeProgram(0, assemble(lines)).ok());
  core.setControl(true, false);
  const auto set = [&](const char *reg, uint32_t v) { core.setScalar(isa::findReg(reg), v); };
  for (int p = 0; p < 4; ++p) set(("p" + std::to_string(p)).c_str(), 0x70000 + 0x4000U * p);
  for (int r = 1; r < 8; ++r) set(("r" + std::to_string(r)).c_str(), 0x1234567U * r);
  set("r8", 776); // int8, signed, 4x8x8
  set("r9", 28);  // bf16, 4x8x4
  const Bytes ones(64, 0x3F);
  for (const char *x : {"x0", "x1", "x2", "x3"}) core.writeRegister(isa::findReg(x), ones);
  set("le", last);
  set("lc", loop.rounds);
  const double emulated = seconds([&] {
    while (core.state() == emulator::CoreState::Running) core.run(1'000'000);
  });
  ASHLAR_ASSERT(core.state() == emulator::CoreState::Done);
  const double native = seconds([&] { loop.native(loop.rounds); });
  const double rate = static_cast<double>(core.stats().bundles) / emulated / 1e6;
  fmt::print("{:<24} {:>7.1f} M bundles/s (wanted {}), {:>7.1f} M cycles/s, {:>6.0f}x slower than "
             "plain C++\n",
             loop.name, rate, loop.wanted, static_cast<double>(core.cycles()) / emulated / 1e6,
             emulated / native);
}

} // namespace

int main(int argc, char **argv) {
  if (argc > 1) only = argv[1];
  measure({"scalar loop",
           {"add r1, r1, r2", "lshl r3, r1, r5; mov r6, r4", "xor r2, r2, r3", "mul r4, r4, r1",
            "lt r27, r1, r4; nopa", "sel.nez r1, r2, r4, r27; st r1, [p0, #0]"},
           20,
           4'000'000,
           nativeScalar});
  measure({"scalar, loads and stores",
           {"lda r1, [p0], #0; add r2, r2, r3", "st r2, [p1, #4]; add r3, r3, #1",
            "mov r6, r4; padda [p2], #0", "add r4, r4, r1"},
           20,
           4'000'000,
           nativeScalar});
  measure({"int8 matrix product",
           {"vlda wl0, [p0, #0]; vldb wl2, [p1, #0]; vmac cm0, cm0, x0, x2, r8",
            "vlda wh0, [p0, #32]; vldb wh2, [p1, #32]; vmac cm1, cm1, x1, x3, r8"},
           8,
           2'000'000,
           nativeInt8});
  measure({"bf16 matrix product",
           {"vlda wl0, [p0, #0]; vldb wl2, [p1, #0]; vmac.f bml0, bml0, x0, x2, r9",
            "vlda wh0, [p0, #32]; vldb wh2, [p1, #32]; vmac.f bml1, bml1, x1, x3, r9"},
           8,
           2'000'000,
           nativeBf16});
  return 0;
}
