// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The device API on the emulator: contexts keep their state, errors are values.
#include "device/bd.h"
#include "device/registers.h"
#include "runtime/runtime.h"

#include <gtest/gtest.h>

namespace ashlar::runtime {
namespace {

namespace reg = device::reg;
using device::DmaDirection;
using device::TileKind;

/// A package whose shim channel 0 feeds a memtile lock-guarded buffer... and nothing else: the
/// memtile's MM2S sends it back. One column.
load::Package loopback() {
  load::Package p;
  p.source = "loopback.pdi";
  p.columns = 1;
  load::Configuration c;
  const auto write = [&](int row, uint32_t offset, uint32_t value) {
    c.operations.push_back({load::Write32{device::tileAddress({0, row}, offset), value}, 0});
  };
  const auto bd = [&](int id, uint64_t address, int acquire, int release) {
    device::Bd b;
    b.address = address;
    b.length = 16;
    b.acquire = device::BdLock{static_cast<uint16_t>(acquire), -1};
    b.release = device::BdLock{static_cast<uint16_t>(release), 1};
    b.next = static_cast<uint8_t>(id);
    std::vector<uint32_t> words(8);
    EXPECT_TRUE(device::encodeBd(TileKind::Mem, b, words).ok());
    c.operations.push_back(
        {load::BlockWrite{device::tileAddress({0, 1}, device::bdRegister(TileKind::Mem, id)),
                          words},
         0});
  };
  write(1, reg::lockBase(TileKind::Mem), 1);
  bd(0, 0x80000, 64, 65);
  bd(1, 0x80000, 65, 64);
  write(1, reg::dmaQueue(TileKind::Mem, DmaDirection::S2MM, 0), 0);
  write(1, reg::dmaQueue(TileKind::Mem, DmaDirection::MM2S, 0), 1);
  const auto connect = [&](int row, uint32_t slave, uint32_t master) {
    const TileKind k = device::tileKind(row);
    write(row, reg::switchMaster(k, static_cast<int>(master)), reg::kSwitchEnable | slave);
    write(row, reg::switchSlave(k, static_cast<int>(slave)), reg::kSwitchEnable);
  };
  connect(0, 5, 12); // South3 -> North0
  connect(1, 7, 0);  // South0 -> DMA0
  connect(1, 0, 7);  // DMA0 -> South0
  connect(0, 14, 4); // North0 -> South2
  c.operations.push_back({load::MaskWrite32{reg::kMuxConfig, 1u << 10, 3u << 10}, 0});
  c.operations.push_back({load::MaskWrite32{reg::kDemuxConfig, 1u << 4, 3u << 4}, 0});
  // Token path.
  write(0, reg::switchMaster(TileKind::Shim, 2), 0xC0000045);
  write(0, reg::switchSlave(TileKind::Shim, 0), 0xC0000000);
  write(0, reg::switchSlot(TileKind::Shim, 0, 0), 0x0F1F0135);
  p.configurations.push_back(std::move(c));
  return p;
}

load::Stream stream(uint32_t words) {
  load::Stream s;
  s.source = "insts.bin";
  s.columns = 1;
  const auto transfer = [&](DmaDirection d, uint32_t bdId, uint32_t argument, bool token) {
    device::Bd b;
    b.length = words;
    std::vector<uint32_t> image(8);
    EXPECT_TRUE(device::encodeBd(TileKind::Shim, b, image).ok());
    const uint32_t address = device::bdRegister(TileKind::Shim, static_cast<int>(bdId));
    s.operations.push_back({load::BlockWrite{address, image}, 0});
    s.operations.push_back({load::AddressPatch{address + 4, argument, 0}, 0});
    s.operations.push_back(
        {load::MaskWrite32{reg::dmaControl(TileKind::Shim, d, 0), 0xF00, 0x1F00}, 0});
    s.operations.push_back(
        {load::Write32{reg::dmaQueue(TileKind::Shim, d, 0), bdId | (token ? 1u << 31 : 0)}, 0});
  };
  transfer(DmaDirection::S2MM, 0, 1, true);
  transfer(DmaDirection::MM2S, 1, 0, false);
  s.operations.push_back({load::Sync{DmaDirection::S2MM, 0, 0, 0, 1, 1}, 0});
  return s;
}

TEST(Emulated, ContextsKeepTheirStateBetweenRuns) {
  const auto device = emulatedDevice();
  EXPECT_EQ(device->name(), "emulated Phoenix");
  auto context = device->createContext(loopback());
  ASSERT_TRUE(context.ok()) << context.errors()[0].str();
  std::vector<std::shared_ptr<Buffer>> buffers = {*(*context)->allocate(64, "argument 0"),
                                                  *(*context)->allocate(64, "argument 1")};
  EXPECT_EQ(buffers[0]->deviceAddress() % 4096, 0u);
  uint64_t words = 0;
  for (int round = 0; round < 4; ++round) {
    for (size_t i = 0; i < 64; ++i)
      buffers[0]->data()[i] = static_cast<uint8_t>(i + static_cast<size_t>(round));
    const auto report = (*context)->run(stream(16), buffers);
    ASSERT_TRUE(report.ok());
    ASSERT_EQ(report->state, State::Completed) << report->diagnostics[0].str();
    EXPECT_EQ(0, std::memcmp(buffers[0]->data(), buffers[1]->data(), 64));
    words += 16;
    const Statistics s = (*context)->statistics();
    for (const ChannelStatistics &c : s.channels) EXPECT_EQ(c.words, words);
    EXPECT_EQ(s.channels.size(), 4u);
  }
}

TEST(Emulated, TwoContextsDoNotMeet) {
  const auto device = emulatedDevice();
  auto a = device->createContext(loopback()), b = device->createContext(loopback());
  ASSERT_TRUE(a.ok() && b.ok());
  for (auto *c : {&*a, &*b}) {
    std::vector<std::shared_ptr<Buffer>> buffers = {*(*c)->allocate(64, "in"),
                                                    *(*c)->allocate(64, "out")};
    const auto report = (*c)->run(stream(16), buffers);
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->state, State::Completed);
    EXPECT_GT(report->launch, 0u);
  }
}

TEST(Emulated, ErrorsAreValues) {
  const auto device = emulatedDevice();
  load::Package wide = loopback();
  wide.columns = 9;
  EXPECT_EQ(device->createContext(wide).errors()[0].code, "package-columns");
  EXPECT_EQ(device->createContext(loopback(), 3).errors()[0].code, "package-configuration");
  load::Package outside = loopback();
  outside.configurations[0].operations.push_back(
      {load::Write32{device::tileAddress({2, 0}, 0), 1}, 0x44});
  const auto refused = device->createContext(outside);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.errors()[0].str().substr(0, 18), "loopback.pdi@0x44:");
  auto context = device->createContext(loopback());
  load::Stream pdi;
  pdi.operations.push_back({load::LoadPdi{}, 0x10});
  EXPECT_EQ((*context)->run(pdi, {}).errors()[0].code, "stream-unsupported");
  // No buffers at all.
  const auto report = (*context)->run(stream(16), {});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->state, State::Faulted);
  EXPECT_EQ(report->diagnostics.back().code, "argument-missing");
}

} // namespace
} // namespace ashlar::runtime
