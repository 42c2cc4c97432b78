// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The stream network: paths laid from what the switches' registers say. Circuits become one FIFO
// from source to sink; a slave port in packet mode reads each header, asks its arbiter, and passes
// the packet to the masters that its slot selects.
#pragma once

#include "emulator/tile/tile.h"

#include <map>
#include <tuple>

namespace ashlar::emulator {

class Network;
class PacketPort;

/// Serves one packet at a time, from header to TLAST; the ports wait in turn.
struct Arbiter {
  PacketPort *owner = nullptr;
  std::deque<PacketPort *> waiters;
  // Deterministic merge: which of the configured slaves is served, and how many packets it had.
  int turn = 0, served = 0;
};

/// Deterministic merge of arbiters 0 and 1: slaves in a fixed order, each for its number of
/// packets.
struct MergeEntry {
  int slave = 0, packets = 0;
};
/// The configured order; empty when the arbiter merges as packets come.
std::vector<MergeEntry> mergeOrder(Tile &tile, int arbiter);

/// A slave port in packet mode.
class PacketPort : public Component {
public:
  PacketPort(Network &network, Tile &tile, int slave)
      : network_(network), tile_(tile), slave_(slave) {}
  uint64_t step(uint64_t now) override;
  std::string name() const;

  Link *in = nullptr;
  enum class Wait : uint8_t { None, NoRule, NoMaster, Arbiter, Room };
  Wait wait() const { return wait_; }
  Tile &tile() { return tile_; }
  int slave() const { return slave_; }
  uint32_t header() const { return header_; }
  const std::vector<int> &destinations() const { return masters_; }
  int arbiter() const { return arbiter_; }
  uint64_t packets = 0;

private:
  friend class Network;
  bool route();
  void stuck(const std::string &what); ///< the packet, for ever

  Network &network_;
  Tile &tile_;
  int slave_;
  bool inPacket_ = false, atHeader_ = false;
  uint32_t header_ = 0;
  int arbiter_ = 0;
  std::vector<int> masters_;
  Wait wait_ = Wait::None;
  uint64_t busyUntil_ = 0;
};

class Network {
public:
  Network(Fabric &fabric, int columns) : fabric_(fabric), columns_(columns) {}

  /// Lays all paths anew. Words under way stay on paths that are unchanged.
  void rebuild();
  /// What reads the token port (master South 0) of a column's shim.
  void setTokenSink(int column, Component *sink) { tokenSinks_[column] = sink; }

  OutPort &packetMaster(const Tile &tile, int master) {
    return packetMasters_[{tile.id(), master}];
  }
  Arbiter &arbiter(const Tile &tile, int index) { return arbiters_[{tile.id(), index}]; }
  const std::vector<Link *> &links() const { return active_; }
  /// From now on notes on the timeline when words pass the switch ports; null: no more.
  void record(Timeline *timeline);
  std::vector<PacketPort *> packetPorts();
  PacketPort *portReading(const Link &link);
  /// Where a path that does not arrive ends, by its source: "enters South1 of core (0,3), which
  /// ...".
  std::string deadEnd(device::TileId tile, int slave) const;
  bool inside(device::TileId id) const {
    return id.col >= 0 && id.col < columns_ && id.row >= 0 && id.row < device::kRows;
  }

private:
  struct Source {
    device::TileId tile;
    int port; ///< slave index, or 64 + master index for a packet master
    auto operator<=>(const Source &) const = default;
  };
  struct Key {
    Source source;
    device::TileId tile;
    int port; ///< slave index of a packet port, or 128 + master index of a sink
    auto operator<=>(const Key &) const = default;
  };
  void enter(Tile &tile, int slave, int latency, int words, int hops, Source source, OutPort &out);
  void leave(Tile &tile, int master, int latency, int words, int hops, Source source, OutPort &out);
  void connect(Key key, int latency, int words, Component *reader, std::string to, OutPort &out,
               Link *&slot);
  PacketPort &packetPort(Tile &tile, int slave);
  std::string sourceName(Source source) const;
  int sourceWords(Source source) const;

  struct PathStep {
    device::TileId tile;
    bool master;
    int index;
    int delay;
  };

  Fabric &fabric_;
  int columns_;
  Timeline *timeline_ = nullptr;
  std::vector<PathStep> path_; ///< ports of the path that is being laid
  std::map<Key, std::unique_ptr<Link>> links_, previous_;
  std::vector<Link *> active_;
  std::map<std::pair<device::TileId, int>, std::unique_ptr<PacketPort>> ports_;
  std::map<std::pair<device::TileId, int>, OutPort> packetMasters_;
  std::map<std::pair<device::TileId, int>, Arbiter> arbiters_;
  std::map<int, Component *> tokenSinks_;
  std::map<Source, std::string> deadEnds_;
};

} // namespace ashlar::emulator
