// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Object FIFOs as they are being taken apart, shared by the files that do it step by step.
#pragma once

#include "lower/model.h"

namespace ashlar::lower {

struct FifoEnd {
  Fifo fifo;
  int parent = -1; ///< index of the user's FIFO for a consumer end
  int consumer = 0;
  bool split = false;
  std::vector<int> consumers; ///< ends, for a split FIFO
  int mm2s = -1, s2mm = -1;
  // What it holds once its elements exist:
  std::vector<int> buffers, locks;
  bool created = false;
  int depth = 0;
};
struct LinkState {
  Link link;
  std::vector<int> ins, outs;   ///< ends (ins are consumer ends after the split)
  int holder = -1;              ///< the end whose buffers all use
  std::vector<int64_t> lengths; ///< elements of each part of a join or distribute
  TileId tile;
  bool join() const { return ins.size() > 1; }
  bool distribute() const { return outs.size() > 1; }
};

class FifoExpander {
public:
  FifoExpander(Model &model, const Options &options) : m_(model), options_(options) {}
  void run();

private:
  Fifo &fifo(int end) { return ends_[static_cast<size_t>(end)].fifo; }
  FifoEnd &end(int i) { return ends_[static_cast<size_t>(i)]; }
  void readLinks();
  void refuseRings();
  LinkState *linkOf(int end, bool *isInput = nullptr);
  bool sharedMemory(TileId a, TileId b, int &direction) const;
  bool needsDma(int end, int &direction);
  int sizeAt(TileId tile, const Fifo &f, const std::string &coreName);
  int maxAcquired(TileId tile, const std::string &name) const;
  /// What a DMA ring moves: whose buffers, which part of each, how often.
  struct Ring {
    LinkState *link = nullptr;
    int holder = -1, blocks = 0, repeat = 1, acquire = 1, parts = 1, part = 0;
    int64_t length = 0, offset = 0;
    bool parted = false; ///< of a link that joins or distributes
  };
  Ring ringOf(int end);
  void countBds();
  bool fewBds(int end, DmaDirection direction) const;
  void choosePackets();
  void split(int end);
  void createElements(int end, int direction);
  void createAllElements(const std::vector<int> &order);
  void placeElements();
  TileId roomFor(TileId tile, int64_t bytes);
  /// Whether an object that the end moves lies in the memtile beside its own.
  bool reachesOver(int end);
  void createDma(int end, DmaDirection direction);
  int channel(int end, DmaDirection direction, std::optional<int> wanted);
  DmaProgram &program(TileId tile, const Place &place);
  void checkUses();

  Model &m_;
  const Options &options_;
  std::vector<FifoEnd> ends_;
  std::vector<int> sequence_; ///< ends in the order of the lowered design
  std::vector<LinkState> links_;
  int64_t created_ = 0;
  bool homeless_ = false; ///< an object of a memtile has found no room
  bool largestFirst_ = false;
  int64_t programs_ = 0;
  std::map<std::tuple<TileId, DmaDirection, int>, std::string> channels_;
  std::map<TileId, std::set<int>> usedLocks_;
  std::map<std::pair<TileId, int>, int> wantedBds_; ///< by tile and half of its descriptors
};

} // namespace ashlar::lower
