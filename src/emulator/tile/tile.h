// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One tile: shim, memtile or core tile. It is configured by register writes and nothing else, so
// everything that a package can set has an address here.
#pragma once

#include "device/ports.h"
#include "device/registers.h"
#include "emulator/tile/dma.h"
#include "emulator/tile/fabric.h"
#include "emulator/tile/locks.h"
#include "emulator/tile/memory.h"

#include <array>
#include <memory>
#include <unordered_map>

namespace ashlar::emulator {

class CoreSlot;
class EventUnit;

/// The tile's Ctrl slave port: task-complete tokens and replies to control packets.
class ControlOut : public Component {
public:
  explicit ControlOut(Tile &tile) : tile_(tile) {}
  void send(StreamWord w);
  uint64_t step(uint64_t now) override;
  size_t waiting() const { return words_.size(); }
  /// The word at the head, for reports.
  std::optional<uint32_t> head() const {
    return words_.empty() ? std::nullopt : std::optional(words_.front().data);
  }

private:
  Tile &tile_;
  std::deque<StreamWord> words_;
};

/// The tile's Ctrl master port: register access by packets.
class ControlIn : public Component {
public:
  explicit ControlIn(Tile &tile) : tile_(tile) {}
  uint64_t step(uint64_t now) override;
  uint32_t errors = 0; ///< Control_Packet_Handler_Status

private:
  void execute();
  Tile &tile_;
  std::vector<StreamWord> packet_; ///< header, control word, data
};

class Tile : private LockUnit::Listener {
public:
  Tile(Fabric &fabric, device::TileId id);
  /// Called once all tiles exist.
  void meetNeighbours();
  ~Tile() override;

  device::TileId id() const { return id_; }
  device::TileKind kind() const { return kind_; }
  std::string name() const; ///< "core (0,2)", "shim (0,0)"
  Fabric &fabric() { return fabric_; }
  Scheduler &scheduler() { return fabric_.scheduler; }

  void write32(uint32_t offset, uint32_t value);
  uint32_t read32(uint32_t offset);
  /// As a block, where that is faster (memories).
  void writeBlock(uint32_t offset, std::span<const uint32_t> words);

  DataMemory memory;
  LockUnit locks;
  ControlOut controlOut{*this};
  ControlIn controlIn{*this};
  std::vector<std::unique_ptr<DmaChannel>> s2mm, mm2s;
  DmaChannel &channel(device::DmaDirection d, int c) {
    return *(d == device::DmaDirection::S2MM ? s2mm : mm2s)[static_cast<size_t>(c)];
  }
  CoreSlot *core() { return core_.get(); } ///< null unless a core tile

  // Switch configuration as written, and the paths laid from it.
  static constexpr size_t kPorts = 25;
  std::array<uint32_t, kPorts> masters{}, slaves{};
  std::array<std::array<uint32_t, device::kPacketSlots>, kPorts> slots{};
  uint32_t mux = 0, demux = 0;
  std::array<OutPort, kPorts> outputs; ///< by slave index: paths of this tile's own sources
  std::array<Link *, kPorts> inputs{}; ///< by master index: what arrives for this tile
  OutPort &output(device::SwitchPort slave) {
    return outputs[static_cast<size_t>(device::slaveIndex(kind_, slave))];
  }
  Link *input(device::SwitchPort master) {
    return inputs[static_cast<size_t>(device::masterIndex(kind_, master))];
  }

  // What a DMA channel sees.
  OutPort &dmaOutput(int channel);
  Link *dmaInput(int channel) { return dmaInputSlot(channel); }
  Link *&dmaInputSlot(int channel);
  /// Whether a core that can reach this memory is running.
  bool coresNear() const { return coresRunning_ != 0; }
  void coreRuns(bool on) { coresRunning_ += on ? 1 : -1; }
  /// The master port that feeds S2MM `channel`, and the slave port of MM2S `channel`.
  device::SwitchPort dmaMaster(int channel) const;
  device::SwitchPort dmaSlave(int channel) const;
  Tile *dmaMemoryTile(uint64_t address, uint32_t &local);
  DataMemory *dmaMemory(uint64_t address, uint32_t &local) {
    Tile *t = dmaMemoryTile(address, local);
    return t ? &t->memory : nullptr;
  }
  LockUnit *dmaLock(int id, int &local);
  Tile *dmaLockTile(int id, int &local);
  /// The BD as it is now; its iteration counter moves on.
  device::Bd takeBd(int id);
  const device::Bd &peekBd(int id);
  void sendToken(device::DmaDirection direction, int channel, int controllerId);
  /// `kind` as device::ev::dmaEvent; kinds from 3 on are levels.
  void dmaEvent(int kind, device::DmaDirection direction, int channel, bool on);
  void dmaError(device::DmaDirection direction, int channel);
  void queueMoved() { fabric_.queueMoved(); }
  /// The module that holds the DMA and the locks.
  device::Module memoryModule() const;

  /// Events of a module: a pulse, or a level that holds until it is taken back.
  void raise(device::Module module, int number);
  void level(device::Module module, int number, bool on);
  EventUnit &events(device::Module module);
  const std::vector<EventUnit *> &eventUnits() const { return eventUnits_; }

  /// Words of a token: which channel of which tile is done.
  static uint32_t tokenWord(device::TileId tile, device::DmaDirection direction, int channel,
                            int controllerId);
  struct Token {
    device::TileId tile;
    device::DmaDirection direction;
    int channel;
    bool operator==(const Token &) const = default;
  };
  static std::optional<Token> readToken(uint32_t word);

private:
  void lockChanged(int id, bool acquire, bool equal, int value) override;
  void lockError(int id, int value, int delta) override;
  bool writeDma(uint32_t offset, uint32_t value);
  bool writeSwitch(uint32_t offset, uint32_t value);
  bool writeLocks(uint32_t offset, uint32_t value);
  std::optional<uint32_t> readDma(uint32_t offset);
  std::optional<uint32_t> readSwitch(uint32_t offset);
  std::optional<uint32_t> readLocks(uint32_t offset);
  uint32_t plain(uint32_t offset) const;

  Fabric &fabric_;
  device::TileId id_;
  device::TileKind kind_;
  std::vector<uint32_t> bdWords_;
  std::vector<std::optional<device::Bd>> bds_;
  std::unordered_map<uint32_t, uint32_t> plain_; ///< registers that only hold what was written
  std::unique_ptr<CoreSlot> core_;
  int coresRunning_ = 0; ///< of those with a window on this memory
  std::vector<std::unique_ptr<EventUnit>> events_;
  std::vector<EventUnit *> eventUnits_;
  std::array<uint32_t, 8> lockSelection_{}; ///< Locks_Event_Selection registers
};

} // namespace ashlar::emulator
