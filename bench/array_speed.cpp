// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How fast the array is emulated: array cycles a second with everything moving (sixteen core tiles'
// DMAs and four shims, one word a cycle each), with the same tiles waiting, and with sixteen cores
// that compute without a pause: a scalar loop with a load and a store a round, and loops of matrix
// products with two vector loads a bundle. Then what idle tiles cost: one column of such cores,
// alone and with four columns that do nothing.
#include "device/bd.h"
#include "device/ports.h"
#include "device/registers.h"
#include "emulator/array/array.h"
#include "emulator/tile/core_slot.h"
#include "isa/encode.h"
#include "isa/parse.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace {

using namespace ashlar;
using namespace ashlar::emulator;
using device::DmaDirection;
using device::PortBundle;
using device::SwitchPort;
using device::TileId;
namespace reg = device::reg;

void connect(Array &array, TileId t, SwitchPort from, SwitchPort to) {
  const auto kind = device::tileKind(t);
  const int s = device::slaveIndex(kind, from), m = device::masterIndex(kind, to);
  (void)array.write32(device::tileAddress(t, reg::switchMaster(kind, m)),
                      reg::kSwitchEnable | static_cast<uint32_t>(s));
  (void)array.write32(device::tileAddress(t, reg::switchSlave(kind, s)), reg::kSwitchEnable);
}

void bd(Array &array, TileId t, int id, const device::Bd &b) {
  const auto kind = device::tileKind(t);
  std::vector<uint32_t> words(static_cast<size_t>(device::bdWords(kind)));
  (void)device::encodeBd(kind, b, words);
  (void)array.writeBlock(device::tileAddress(t, device::bdRegister(kind, id)), words);
}

void start(Array &array, TileId t, DmaDirection d, int firstBd) {
  (void)array.write32(device::tileAddress(t, reg::dmaQueue(device::tileKind(t), d, 0)),
                      static_cast<uint32_t>(firstBd));
}

/// Up each column through the four core tiles' DMAs, each with a ring of two buffers, and back.
void chain(Array &array, int col) {
  const TileId shim{col, 0}, mem{col, 1};
  (void)array.write32(device::tileAddress(shim, reg::kMuxConfig), 1u << 10);
  (void)array.write32(device::tileAddress(shim, reg::kDemuxConfig), 1u << 4);
  connect(array, shim, {PortBundle::South, 3}, {PortBundle::North, 0});
  connect(array, mem, {PortBundle::South, 0}, {PortBundle::North, 0});
  for (int row = 2; row < 6; ++row) {
    const TileId t{col, row};
    connect(array, t, {PortBundle::South, 0}, {PortBundle::Dma, 0});
    if (row < 5) {
      connect(array, t, {PortBundle::Dma, 0}, {PortBundle::North, 0});
      connect(array, t, {PortBundle::North, 0}, {PortBundle::South, 0});
    } else {
      connect(array, t, {PortBundle::Dma, 0}, {PortBundle::South, 0});
    }
    (void)array.write32(device::tileAddress(t, reg::lockBase(device::TileKind::Core)), 2);
    for (int i = 0; i < 2; ++i) {
      device::Bd in;
      in.address = static_cast<uint64_t>(i) * 0x4000;
      in.length = 256;
      in.acquire = {{0, -1}};
      in.release = {{1, 1}};
      in.next = static_cast<uint8_t>(1 - i);
      bd(array, t, i, in);
      device::Bd out = in;
      out.acquire = {{1, -1}};
      out.release = {{0, 1}};
      out.next = static_cast<uint8_t>(3 - i);
      bd(array, t, 2 + i, out);
    }
    start(array, t, DmaDirection::S2MM, 0);
    start(array, t, DmaDirection::MM2S, 2);
  }
  connect(array, mem, {PortBundle::North, 0}, {PortBundle::South, 0});
  connect(array, shim, {PortBundle::North, 0}, {PortBundle::South, 2});
}

struct Loop {
  const char *what;
  std::vector<std::string> body; ///< of a zero-overhead loop
};
const Loop kScalar = {"scalar loop",
                      {"lda r1, [p0], #0; add r2, r2, r3", "st r2, [p1, #4]; add r3, r3, #1",
                       "mov r6, r4; padda [p2], #0", "add r4, r4, r1"}};
const Loop kInt8 = {"int8 matrix products",
                    {"vlda wl0, [p0, #0]; vldb wl2, [p1, #0]; vmac cm0, cm0, x0, x2, r8",
                     "vlda wh0, [p0, #32]; vldb wh2, [p1, #32]; vmac cm1, cm1, x1, x3, r8"}};
const Loop kBf16 = {"bf16 matrix products",
                    {"vlda wl0, [p0, #0]; vldb wl2, [p1, #0]; vmac.f bml0, bml0, x0, x2, r9",
                     "vlda wh0, [p0, #32]; vldb wh2, [p1, #32]; vmac.f bml1, bml1, x1, x3, r9"}};

/// Every core of the first `columns` columns in a loop over its own memory.
void compute(Array &array, const Loop &loop, int columns) {
  std::vector<std::string> lines = loop.body;
  lines.push_back("done");
  for (int i = 0; i < 5; ++i) lines.push_back("nop");
  Bytes code;
  uint32_t last = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i + 1 == loop.body.size()) last = static_cast<uint32_t>(code.size());
    const auto bundle = isa::makeBundle(isa::parseBundle(lines[i], Place::at("bench"))->insts);
    const auto bytes = isa::encode(*bundle);
    code.insert(code.end(), bytes->view().begin(), bytes->view().end());
  }
  for (Tile *t : array.tiles()) {
    if (!t->core() || t->id().col >= columns) continue;
    const uint32_t control = device::tileAddress(t->id(), reg::kCoreControl);
    (void)array.write32(control, 2); // from where the loop before left it
    Core &core = t->core()->core();
    (void)core.writeProgram(0, code);
    core.setPc(0);
    (void)array.write32(control, 1);
    core.setScalar(isa::findReg("p0"), 0x78000);
    core.setScalar(isa::findReg("p1"), 0x7C000);
    core.setScalar(isa::findReg("p2"), 0x7C000);
    core.setScalar(isa::findReg("r8"), 776); // int8, signed, 4x8x8
    core.setScalar(isa::findReg("r9"), 28);  // bf16, 4x8x4
    const Bytes ones(64, 0x3F);
    for (const char *x : {"x0", "x1", "x2", "x3"}) core.writeRegister(isa::findReg(x), ones);
    core.setScalar(isa::findReg("le"), last);
    core.setScalar(isa::findReg("lc"), 1u << 30);
  }
  array.releaseCores();
}

void measure(Array &array, const std::string &what, uint64_t cycles) {
  const uint64_t before = array.scheduler.now();
  const std::clock_t t0 = std::clock(); // of the processor: the machine may be busy
  array.idle(cycles);
  const double s =
      static_cast<double>(std::max<std::clock_t>(std::clock() - t0, 1)) / CLOCKS_PER_SEC;
  std::printf("%-56s %8.2f million array cycles a second\n", what.c_str(),
              static_cast<double>(array.scheduler.now() - before) / s / 1e6);
}

} // namespace

int main() {
  constexpr uint32_t kWords = 1 << 20;
  Array array(4);
  std::vector<uint8_t> in(kWords * 4, 1), out(kWords * 4 * 4);
  array.host().add({0x100000000, in.size(), in.data(), "input"});
  array.host().add({0x200000000, out.size(), out.data(), "output"});
  for (int col = 0; col < 4; ++col) {
    chain(array, col);
    device::Bd b;
    b.length = kWords;
    b.address = 0x100000000;
    bd(array, {col, 0}, 0, b);
    b.address = 0x200000000 + static_cast<uint64_t>(col) * kWords * 4;
    bd(array, {col, 0}, 1, b);
    start(array, {col, 0}, DmaDirection::S2MM, 1);
    start(array, {col, 0}, DmaDirection::MM2S, 0);
  }
  array.idle(5000);
  measure(array, "16 core tiles and 4 shims, 40 channels streaming", 1000000);
  array.idle(200000);
  measure(array, "the same, all waiting", 1000000000);
  for (const Loop *loop : {&kScalar, &kInt8, &kBf16}) {
    compute(array, *loop, 4);
    array.idle(10000);
    measure(array, std::string("16 cores computing, ") + loop->what, 2000000);
  }
  for (const Loop *loop : {&kScalar, &kInt8})
    for (int columns : {1, 5}) {
      Array few(columns);
      compute(few, *loop, 1);
      few.idle(10000);
      measure(few,
              std::string("4 cores computing, ") + loop->what +
                  (columns == 1 ? ", alone" : ", 4 idle columns"),
              4000000);
    }
  return 0;
}
