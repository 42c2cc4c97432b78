// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A configured array as things that people speak of: tiles with their programs, buffers, locks,
// descriptors and channels, and the streams between them. Pictures and comparisons are made from
// this. It comes from what would be loaded; a plan, where there is one, adds the design's names.
#pragma once

#include "analysis/analysis.h"
#include "device/bd.h"
#include "device/ports.h"

namespace ashlar::analysis {

struct ArrayView {
  enum class PieceKind : uint8_t { Stack, Buffer, Data, Unnamed };
  /// Bytes of a tile's data memory that belong together. Unnamed ones are known from descriptors.
  struct Piece {
    PieceKind kind = PieceKind::Unnamed;
    std::string name;
    uint32_t start = 0, size = 0;
    Place place;
  };
  struct Lock {
    int id = 0;
    std::optional<int> init;
    std::string name; ///< "" without a plan
    Place place;
    std::vector<std::string> acquiredBy, releasedBy;
  };
  struct Descriptor {
    int id = 0;
    device::Bd bd;
    std::string buffer;
    bool bySequence = false;
  };
  struct Channel {
    device::DmaDirection direction = device::DmaDirection::S2MM;
    int channel = 0;
    std::string name;       ///< FIFO
    std::vector<int> chain; ///< descriptors of its first task, in order
    bool forEver = false;   ///< the chain leads back into itself
    bool bySequence = false;
    int tasks = 0;
    uint64_t bytes = 0; ///< tasks that end: what they move
  };
  struct Tile {
    device::TileId id;
    device::TileKind kind = device::TileKind::Core;
    std::string function;
    Place place;
    bool enabled = false;
    Bytes program;
    Bytes data;                ///< what configuration puts into data memory, up to its last byte
    std::vector<bool> written; ///< which of those
    uint32_t stackSize = 0;    ///< 0: not known
    std::vector<Piece> memory; ///< by address
    std::vector<Lock> locks;
    std::vector<Descriptor> descriptors;
    std::vector<Channel> channels;
    uint32_t bytesUsed() const; ///< of data memory, pieces counted once
  };
  struct Hop { ///< through one switch
    device::TileId tile;
    device::SwitchPort in, out;
    auto operator<=>(const Hop &) const = default;
  };
  struct End {
    device::TileId tile;
    device::SwitchPort port;
    std::string text() const; ///< "S2MM 0 of core (0,2)"
  };
  struct Route {
    std::string name; ///< FIFO, "" without a plan
    device::TileId from;
    device::SwitchPort source; ///< as the switch has it
    std::string sourceText;    ///< "MM2S 0 of shim (0,0)"
    std::vector<int> packets;  ///< ids, empty for a circuit
    std::vector<Hop> hops;
    std::vector<End> ends;
  };
  struct Fifo {
    std::string name, producer, consumers, depths;
    uint32_t objectBytes = 0;
    Place place;
  };

  std::string title;
  int columns = 0;
  std::vector<Tile> tiles; ///< those that something configures, by column and row
  std::vector<Route> routes;
  std::vector<Fifo> fifos;
  const Tile *find(device::TileId id) const;
};

ArrayView viewOf(const load::Configuration &configuration, std::span<const load::Stream> streams,
                 const plan::Plan *plan);

} // namespace ashlar::analysis
