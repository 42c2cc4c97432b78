// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A runtime sequence that configures another device than the package holds. Firmware that loads a
// PDI resets the partition first; an instruction stream has register writes alone, so they bring
// the array to where a reset would: cores stopped, DMA channels emptied, routes closed, locks at
// zero. Then comes the device's configuration as a PDI has it, but for the order of the starts.
// A shim tile's DMA channels have no reset bit and words inside the switches no eraser: what a
// device has begun, its sequence waits for.
#include "device/registers.h"
#include "package/configure.h"

#include <algorithm>
#include <set>

namespace ashlar::package {
namespace {

using namespace format;
using namespace device;

Result<std::vector<plan::SequenceOpKind>> read(cdo::Stage1Writer &writer, const std::string &name) {
  Diagnostics problems;
  ASHLAR_TRY(const cdo::File file, cdo::read(writer.take(), name, 0, problems));
  return operations(file);
}

class SwitchOver {
public:
  explicit SwitchOver(std::vector<plan::SequenceOpKind> &out) : out_(out) {}

  Status clean(const std::vector<const plan::Plan *> &former) {
    std::set<TileId> tiles, cores;
    for (const plan::Plan *p : former) {
      for (const plan::Tile &t : p->tiles) tiles.insert(t.id);
      for (const plan::Core &c : p->cores) cores.insert(c.tile);
    }
    for (const TileId t : cores) mask(t, reg::kCoreControl, kCoreEnable, 0);
    for (const TileId t : tiles) channels(t, reg::kDmaChannelReset);
    ASHLAR_CHECK(routes(former));
    for (const TileId t : cores) mask(t, reg::kCoreControl, reg::kCoreReset, reg::kCoreReset);
    for (const TileId t : tiles) channels(t, 0);
    locks(former, cores);
    return Ok{};
  }

  Status configure(const plan::Plan &next, const std::vector<CoreElf> &elfs,
                   const std::string &device) {
    cdo::Stage1Writer writers[3];
    ASHLAR_CHECK(configureElfs(next, elfs, device, writers[0]));
    ASHLAR_CHECK(configureArray(next, writers[1]));
    configureEnable(next, writers[2]);
    // A PDI starts DMA channels before it sets the switches; here time passes between the two, and
    // channels with something to send would find a port without its rules.
    std::set<uint32_t> queues;
    for (const plan::DmaProgram &d : next.dmas)
      for (const plan::DmaStart &start : d.starts)
        queues.insert(
            tileAddress(d.tile, reg::dmaQueue(tileKind(d.tile), start.direction, start.channel)));
    std::vector<plan::SequenceOpKind> starts;
    for (cdo::Stage1Writer &writer : writers) {
      if (&writer == &writers[2]) out_.insert(out_.end(), starts.begin(), starts.end());
      ASHLAR_TRY(const std::vector<plan::SequenceOpKind> ops, read(writer, next.name + " CDO"));
      for (const plan::SequenceOpKind &op : ops) {
        const auto *w = std::get_if<plan::Write32>(&op);
        (w && queues.count(w->address) ? starts : out_).push_back(op);
      }
    }
    return Ok{};
  }

private:
  static constexpr uint32_t kCoreEnable = 1;

  void mask(TileId tile, uint32_t offset, uint32_t bits, uint32_t value) {
    out_.push_back(plan::MaskWrite32{tileAddress(tile, offset), value, bits});
  }
  void channels(TileId tile, uint32_t value) {
    const TileKind kind = tileKind(tile);
    if (kind == TileKind::Shim) return;
    for (const DmaDirection d : {DmaDirection::MM2S, DmaDirection::S2MM})
      for (int c = 0; c < dmaChannels(kind); ++c)
        mask(tile, reg::dmaControl(kind, d, c), reg::kDmaChannelReset, value);
  }

  Status routes(const std::vector<const plan::Plan *> &former) {
    std::set<uint32_t> closed;
    for (const plan::Plan *p : former) {
      cdo::Stage1Writer before;
      ASHLAR_CHECK(configureRoutes(*p, before));
      ASHLAR_TRY(const auto ops, read(before, p->name + " CDO"));
      for (const plan::SequenceOpKind &op : ops)
        if (const auto *w = std::get_if<plan::Write32>(&op)) {
          if (closed.insert(w->address).second) out_.push_back(plan::Write32{w->address, 0});
        } else if (const auto *m = std::get_if<plan::MaskWrite32>(&op)) {
          out_.push_back(plan::MaskWrite32{m->address, 0, m->mask});
        }
    }
    return Ok{};
  }

  /// All that a core may have taken by number, and those of the design elsewhere.
  void locks(const std::vector<const plan::Plan *> &former, const std::set<TileId> &cores) {
    std::set<std::pair<TileId, int>> all;
    for (const TileId t : cores)
      for (int i = 0; i < lockCount(TileKind::Core); ++i) all.emplace(t, i);
    for (const plan::Plan *p : former)
      for (const plan::Lock &l : p->locks) all.emplace(l.tile, l.id);
    for (const auto &[tile, id] : all)
      out_.push_back(
          plan::Write32{tileAddress(tile, reg::lockBase(tileKind(tile)) +
                                              reg::kLockStride * static_cast<uint32_t>(id)),
                        0});
  }

  std::vector<plan::SequenceOpKind> &out_;
};

} // namespace

bool changesDevice(const plan::Plan &plan) {
  for (const plan::RuntimeSequence &s : plan.sequences)
    for (const plan::SequenceOp &op : s.ops)
      if (const auto *load = std::get_if<plan::LoadPdi>(&op.op);
          load && !load->device.empty() && !load->loaded)
        return true;
  return false;
}

Result<plan::RuntimeSequence> writeConfigurations(const plan::Plan &plan,
                                                  const std::vector<CoreElf> &elfs,
                                                  const plan::RuntimeSequence &sequence) {
  plan::RuntimeSequence out = sequence;
  out.ops.clear();
  // A package that holds nothing keeps what its last run left, whichever device that was.
  std::vector<const plan::Plan *> former{&plan};
  if (plan.tiles.empty()) former = plan::devicesOf(plan);
  for (const plan::SequenceOp &op : sequence.ops) {
    const auto *load = std::get_if<plan::LoadPdi>(&op.op);
    if (!load || load->device.empty() || load->loaded) {
      out.ops.push_back(op);
      continue;
    }
    const plan::Plan *next = nullptr;
    for (const plan::Plan *p : plan::devicesOf(plan))
      if (p->name == load->device) next = p;
    if (!next)
      return error("plan-device", op.place,
                   fmt::format("the plan has no device @{} to configure", load->device),
                   "lower the design again");
    std::vector<plan::SequenceOpKind> written;
    SwitchOver change(written);
    ASHLAR_CHECK(change.clean(former));
    ASHLAR_CHECK(change.configure(*next, elfs, next == &plan ? std::string() : next->name));
    for (plan::SequenceOpKind &o : written) out.ops.push_back({std::move(o), op.place});
    former = {next};
  }
  return out;
}

} // namespace ashlar::package
