// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Looks for mistakes that the chip never tells: bytes read that nobody wrote, a core and a DMA in
// the same buffer at the same time, a stack that outgrows its room, accesses beside every buffer,
// locks that leave their range, packets that get stuck, executed code that breaks the pipeline's
// rules, streams left unread, transfers that the sequence did not wait for. Each is said once; the
// run goes on.
#pragma once

#include "base/result.h"
#include "emulator/array/names.h"
#include "emulator/array/pc_profile.h"

#include <functional>
#include <set>

namespace ashlar::emulator {

class Array;
class DmaChannel;
class Tile;

class Sanitizer {
public:
  explicit Sanitizer(Array &array);

  /// Configuration and controller writes count as written.
  void wrote(const Tile &tile, uint32_t address, uint32_t bytes);
  void dmaReads(const Tile &memory, uint32_t address, uint32_t bytes, const Tile &tile,
                const DmaChannel &channel);
  void dmaWrites(const Tile &memory, uint32_t address, uint32_t bytes, const Tile &tile,
                 const DmaChannel &channel);
  /// A core's access to the memory of `memory` (its own tile or a neighbour).
  void coreAccess(const Tile &core, Tile &memory, uint32_t address, uint32_t bytes, bool write,
                  uint32_t pc);
  /// A core's granted lock operation on a lock of `owner`.
  void coreLock(const Tile &core, const Tile &owner, int id, bool acquire, int value);
  void lockError(const Tile &tile, int id, int value, int delta);
  void lostPacket(const Tile &tile, const std::string &what);
  /// At the end of a run; `completed`: its stream did.
  void ended(bool completed);
  /// Which bundles were executed; hazards are looked for among those.
  PcProfile executed;

  Diagnostics take() { return std::exchange(findings_, {}); }

private:
  struct Memory {
    std::vector<uint8_t> written; ///< one flag a byte
  };
  /// A buffer that a core has accessed since it acquired it.
  struct Held {
    device::TileId core;
    uint32_t start = 0, end = 0, pc = 0;
    bool written = false;
    int acquired = 0, partner = 0; ///< locks of the buffer's tile
  };
  void hold(const Tile &core, Tile &memory, uint32_t address, bool write, uint32_t pc);
  void heldByCore(const Tile &memory, uint32_t address, uint32_t bytes, const Tile &tile,
                  const DmaChannel &channel);
  void hazards();
  std::string coreText(const Tile &core, uint32_t pc) const;
  std::string lockText(const Tile &tile, int id) const;
  Memory &memoryOf(const Tile &tile);
  /// The first byte that nobody wrote, or -1.
  int64_t unwritten(const Memory &memory, uint32_t address, uint32_t bytes) const;
  std::string where(const Tile &tile, uint32_t address) const;
  std::string bufferKey(const Tile &tile, uint32_t address) const;
  void find(const std::string &code, const std::string &key,
            const std::function<std::string()> &text, const std::string &remedy);

  Array &array_;
  std::map<device::TileId, Memory> memories_;
  std::map<device::TileId, std::vector<Held>> held_;                     ///< by the buffer's tile
  std::map<std::tuple<device::TileId, device::TileId, int>, int> taken_; ///< core, tile, lock
  std::set<std::string> said_;
  Diagnostics findings_;
};

} // namespace ashlar::emulator
