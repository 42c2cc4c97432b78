// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Looks for mistakes that the chip never tells: bytes read that nobody wrote, a core and a DMA in
// the same buffer at the same time, a stack that outgrows its room, accesses beside every buffer,
// streams left unread, transfers that the sequence did not wait for. Each is said once; the run
// goes on.
#pragma once

#include "base/result.h"
#include "emulator/array/names.h"

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
  /// At the end of a run whose stream completed.
  void ended();

  Diagnostics take() { return std::exchange(findings_, {}); }

private:
  struct Memory {
    std::vector<uint8_t> written; ///< one flag a byte
  };
  Memory &memoryOf(const Tile &tile);
  /// The first byte that nobody wrote, or -1.
  int64_t unwritten(const Memory &memory, uint32_t address, uint32_t bytes) const;
  std::string where(const Tile &tile, uint32_t address) const;
  std::string bufferKey(const Tile &tile, uint32_t address) const;
  void find(const std::string &code, const std::string &key,
            const std::function<std::string()> &text, const std::string &remedy);

  Array &array_;
  std::map<device::TileId, Memory> memories_;
  std::set<std::string> said_;
  Diagnostics findings_;
};

} // namespace ashlar::emulator
