// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tables of the array agree with each other: computed offsets name the register that they mean,
// port indices are those of the configuration registers, wiring is symmetric.
#include "device/events.h"
#include "device/ports.h"
#include "device/registers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace ashlar::device {
namespace {

constexpr TileKind kKinds[] = {TileKind::Shim, TileKind::Mem, TileKind::Core};

TEST(Registers, SortedAndUnique) {
  const auto all = registers();
  EXPECT_GT(all.size(), 1700u);
  for (size_t i = 1; i < all.size(); ++i)
    EXPECT_TRUE(all[i - 1].module < all[i].module || all[i - 1].offset < all[i].offset)
        << all[i].name;
}

TEST(Registers, ComputedOffsetsNameTheirRegister) {
  for (TileKind k : kKinds) {
    for (int c = 0; c < dmaChannels(k); ++c) {
      for (DmaDirection d : {DmaDirection::S2MM, DmaDirection::MM2S}) {
        const char *dir = dmaDirectionName(d);
        const RegisterInfo *ctrl = findRegister(k, reg::dmaControl(k, d, c));
        ASSERT_TRUE(ctrl) << tileKindName(k) << dir << c;
        EXPECT_EQ(ctrl->name, fmt::format("DMA_{}_{}_Ctrl", dir, c));
        const RegisterInfo *queue = findRegister(k, reg::dmaQueue(k, d, c));
        ASSERT_TRUE(queue);
        EXPECT_TRUE(std::string_view(queue->name).ends_with("_Queue"));
        const RegisterInfo *status = findRegister(k, reg::dmaStatus(k, d, c));
        ASSERT_TRUE(status);
        EXPECT_EQ(status->name, fmt::format("DMA_{}_Status_{}", dir, c));
      }
      EXPECT_EQ(findRegister(k, reg::dmaWriteCount(k, c))->name,
                fmt::format("DMA_S2MM_Current_Write_Count_{}", c));
      EXPECT_EQ(findRegister(k, reg::dmaFotCount(k, c))->name,
                fmt::format("DMA_S2MM_FoT_Count_FIFO_Pop_{}", c));
    }
    for (int i = 0; i < bdCount(k); ++i)
      EXPECT_EQ(findRegister(k, reg::bdBase(k) + reg::kBdStride * static_cast<uint32_t>(i))->name,
                fmt::format("DMA_BD{}_0", i));
    for (int i = 0; i < lockCount(k); ++i)
      EXPECT_EQ(
          findRegister(k, reg::lockBase(k) + reg::kLockStride * static_cast<uint32_t>(i))->name,
          fmt::format("Lock{}_value", i));
    EXPECT_TRUE(std::string_view(findRegister(k, reg::lockOverflow(k))->name)
                    .starts_with("Locks_Overflow"));
    EXPECT_TRUE(std::string_view(findRegister(k, reg::lockUnderflow(k))->name)
                    .starts_with("Locks_Underflow"));
  }
}

/// "DMA_0" and "DMA0", "Tile_Ctrl", "AIE_Core0", "AIE_Trace", "Mem_Trace" as the table spells them.
std::string spelled(TileKind k, SwitchPort p, bool slave) {
  const std::string n = std::to_string(p.channel);
  switch (p.bundle) {
  case PortBundle::Core: return "AIE_Core0";
  case PortBundle::Ctrl: return "Tile_Ctrl";
  case PortBundle::Trace:
    return k == TileKind::Core ? (p.channel ? "Mem_Trace" : "AIE_Trace") : "Trace";
  default: return std::string(portBundleName(p.bundle)) + (slave ? "_" : "") + n;
  }
}

TEST(Ports, IndicesAreTheRegisters) {
  for (TileKind k : kKinds) {
    const auto masters = masterPorts(k);
    for (size_t i = 0; i < masters.size(); ++i) {
      const RegisterInfo *r = findRegister(k, reg::switchMaster(k, static_cast<int>(i)));
      ASSERT_TRUE(r);
      EXPECT_EQ(r->name, "Stream_Switch_Master_Config_" + spelled(k, masters[i], false));
      EXPECT_EQ(masterIndex(k, masters[i]), static_cast<int>(i));
    }
    EXPECT_FALSE([&] {
      const RegisterInfo *r =
          findRegister(k, reg::switchMaster(k, static_cast<int>(masters.size())));
      return r && std::string_view(r->name).find("Master_Config") != std::string_view::npos;
    }());
    const auto slaves = slavePorts(k);
    for (size_t i = 0; i < slaves.size(); ++i) {
      const RegisterInfo *r = findRegister(k, reg::switchSlave(k, static_cast<int>(i)));
      ASSERT_TRUE(r);
      EXPECT_EQ(r->name, "Stream_Switch_Slave_Config_" + spelled(k, slaves[i], true));
      for (int s = 0; s < kPacketSlots; ++s) {
        const RegisterInfo *slot = findRegister(k, reg::switchSlot(k, static_cast<int>(i), s));
        ASSERT_TRUE(slot);
        EXPECT_EQ(slot->name, "Stream_Switch_Slave_" + spelled(k, slaves[i], true) + "_Slot" +
                                  std::to_string(s));
      }
    }
  }
}

TEST(Ports, NeighbourWiringFindsASlaveOfEachNeighbour) {
  for (int row = 0; row < kRows; ++row)
    for (SwitchPort m : masterPorts(tileKind(row))) {
      const auto far = farEnd({2, row}, m);
      if (!far || far->tile.row >= kRows) continue;
      EXPECT_GE(slaveIndex(tileKind(far->tile), far->port), 0) << row << m.str();
    }
  EXPECT_FALSE(farEnd({0, 0}, {PortBundle::South, 2}));
}

TEST(Ports, CrossbarRules) {
  using B = PortBundle;
  EXPECT_TRUE(crossbarLegal(TileKind::Mem, {B::Dma, 2}, {B::Dma, 2}));
  EXPECT_FALSE(crossbarLegal(TileKind::Mem, {B::Dma, 2}, {B::Dma, 3}));
  EXPECT_FALSE(crossbarLegal(TileKind::Mem, {B::South, 1}, {B::North, 2}));
  EXPECT_TRUE(crossbarLegal(TileKind::Shim, {B::South, 3}, {B::North, 1}));
  EXPECT_FALSE(crossbarLegal(TileKind::Core, {B::Core, 0}, {B::Core, 0}));
  EXPECT_FALSE(crossbarLegal(TileKind::Core, {B::Core, 1}, {B::Dma, 0}));
  EXPECT_TRUE(crossbarLegal(TileKind::Core, {B::Trace, 1}, {B::South, 0}));
}

TEST(Ports, HeaderParityIsOdd) {
  for (int id = 0; id < 32; ++id) {
    uint32_t h = packetHeader({3, 4}, 6, id);
    int ones = 0;
    for (; h; h &= h - 1) ++ones;
    EXPECT_EQ(ones % 2, 1);
  }
}

TEST(Events, NumbersMeetTheirNames) {
  EXPECT_EQ(eventName(Module::Core, ev::kCoreLockStall), "LOCK_STALL");
  EXPECT_EQ(eventName(Module::Core, ev::portIdle0(Module::Core) + 1), "PORT_RUNNING_0");
  EXPECT_EQ(eventName(Module::MemTile, ev::portIdle0(Module::MemTile)), "PORT_IDLE_0");
  EXPECT_EQ(eventName(Module::Shim, ev::portIdle0(Module::Shim) + 3), "PORT_TLAST_0");
  for (Module m : {Module::Core, Module::Memory, Module::MemTile, Module::Shim}) {
    EXPECT_TRUE(eventName(m, ev::broadcast0(m)).starts_with("BROADCAST_"));
    EXPECT_EQ(eventName(m, ev::userEvent0(m)), "USER_EVENT_0");
    EXPECT_EQ(eventNumber(m, "TRUE"), 1);
  }
  EXPECT_EQ(eventName(Module::Memory, ev::dmaEvent(Module::Memory, 2, DmaDirection::MM2S, 1)),
            "DMA_MM2S_1_FINISHED_TASK");
  EXPECT_EQ(eventName(Module::MemTile, ev::dmaEvent(Module::MemTile, 4, DmaDirection::MM2S, 0)),
            "DMA_MM2S_SEL0_STREAM_BACKPRESSURE");
  EXPECT_EQ(eventName(Module::Shim, ev::dmaEvent(Module::Shim, 1, DmaDirection::S2MM, 1)),
            "DMA_S2MM_1_FINISHED_BD");
  EXPECT_EQ(eventName(Module::Memory, ev::lockError(Module::Memory)), "LOCK_ERROR");
  EXPECT_EQ(eventName(Module::Shim, ev::lockSelect0(Module::Shim) + 2), "LOCK_0_REL");
}

TEST(Registers, Describe) {
  EXPECT_EQ(describeRegister(TileKind::Core, reg::kCoreControl, 1), "Core_Control[Enable=1]");
  EXPECT_EQ(describeRegister(TileKind::Core, 0x3FFF0, 7), "0x3FFF0 = 0x00000007");
}

} // namespace
} // namespace ashlar::device
