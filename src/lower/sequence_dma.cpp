// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Transfers of the runtime sequence: descriptors, their addresses and the start queues.
#include "lower/sequence.h"

#include "device/registers.h"

using namespace mlir;
using ashlar::design::intAttr;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::opName;
using ashlar::design::placeOf;
using ashlar::design::strAttr;

namespace ashlar::lower {

namespace reg = device::reg;

namespace {
constexpr uint32_t kControllerIdMask = 0x1F00;
constexpr int kControllerIdShift = 8;
constexpr uint32_t kTokenBit = 1u << 31;
constexpr int kRepeatShift = 16;
constexpr int64_t kMaxElements = int64_t(1) << 32; ///< of a transfer: what a length field counts
constexpr int64_t kMaxStride = int64_t(1) << 30;   ///< elements
} // namespace

bool SequenceInterpreter::writeBd(Operation *op, TileId tile, int id, const device::Bd &bd) {
  const TileKind kind = device::tileKind(tile);
  plan::BlockWrite write;
  write.address = device::tileAddress(tile, device::bdRegister(kind, id));
  write.words.resize(static_cast<size_t>(device::bdWords(kind)));
  auto status = device::encodeBd(kind, bd, write.words, placeOf(op));
  if (!status.ok()) {
    m_.errors.push_back(status.errors().front());
    return false;
  }
  emit(op, std::move(write));
  return true;
}

bool SequenceInterpreter::push(Operation *op, TileId tile, DmaDirection direction, int channel,
                               int bd, int repeat, bool token) {
  const TileKind kind = device::tileKind(tile);
  if (channel < 0 || channel >= device::dmaChannels(kind))
    return fail(
        op, fmt::format("a {} tile has no DMA channel {}", device::tileKindName(kind), channel));
  if (repeat < 0 || repeat > kMaxTaskRepeat)
    return fail(
        op, fmt::format("a task repeats at most {} times, not {}", kMaxTaskRepeat + 1, repeat + 1));
  if (token) {
    ++tokens_[{tile, direction, channel}];
    const Tile *t = tileModel(tile);
    if (t && t->controller)
      emit(op, plan::MaskWrite32{
                   device::tileAddress(tile, reg::dmaControl(kind, direction, channel)),
                   static_cast<uint32_t>(*t->controller) << kControllerIdShift, kControllerIdMask});
  }
  const uint32_t bdMask = kind == TileKind::Mem ? 0x3F : 0xF;
  emit(op,
       plan::Write32{device::tileAddress(tile, reg::dmaQueue(kind, direction, channel)),
                     (static_cast<uint32_t>(bd) & bdMask) |
                         static_cast<uint32_t>(repeat) << kRepeatShift | (token ? kTokenBit : 0)});
  return true;
}

bool SequenceInterpreter::memcpyNd(Operation *op) {
  const std::string name = strAttr(op, "metadata");
  const ShimAllocation *a = allocation(op, name);
  if (!a) return false;
  const auto where = memory(op->getOperand(0));
  if (!where || where->argument < 0)
    return fail(op, "the memory of dma_memcpy_nd must be an argument of the sequence, or a view of "
                    "one with constant offsets");
  const auto id = intAttr(op, "id");
  if (!id || *id < 0 || *id >= device::bdCount(TileKind::Shim))
    return fail(
        op, fmt::format("dma_memcpy_nd needs an id of 0..{}", device::bdCount(TileKind::Shim) - 1));
  auto type = dyn_cast<MemRefType>(op->getOperand(0).getType());
  if (!type || !type.getElementType().isIntOrFloat())
    return fail(op, "the memory of dma_memcpy_nd must be a memref of integers or floats");
  const int bits = static_cast<int>(type.getElementType().getIntOrFloatBitWidth());
  std::array<std::vector<int64_t>, 3> lists; // offsets, sizes, strides, outermost first
  unsigned next = 1;
  int which = 0;
  for (const char *list : {"static_offsets", "static_sizes", "static_strides"}) {
    for (int64_t v : design::intsAttr(op, list)) {
      if (v == design::kDynamic) {
        const auto now = known(op, op->getOperand(next++), StringRef(list).drop_front(7));
        if (!now) return false;
        v = *now;
      }
      lists[static_cast<size_t>(which)].push_back(v);
    }
    ++which;
  }
  auto &[offsets, sizes, strides] = lists;
  if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
    return fail(op, fmt::format("a transfer of elements of {} bits is not supported", bits));
  int64_t total = 1;
  __int128 start = where->offset;
  for (size_t i = 0; i < 4; ++i) {
    if (sizes[i] < 1 || total > kMaxElements / sizes[i])
      return fail(
          op, fmt::format("size {} of dimension {} is not 1..{}", sizes[i], 3 - i, kMaxElements));
    total *= sizes[i];
    if (strides[i] < 0 || (strides[i] == 0 && sizes[i] > 1 && i > 0) || strides[i] > kMaxStride)
      return fail(op,
                  fmt::format("stride {} of dimension {} (size {}) is not 1..{}", strides[i], 3 - i,
                              sizes[i], kMaxStride),
                  "only the outermost dimension may have stride 0: it repeats");
    start += static_cast<__int128>(offsets[i]) * (i == 3 && strides[i] == 0 ? 1 : strides[i]) *
             (bits / 8);
  }
  if (start < 0 || start >= kMaxElements * 8)
    return fail(op, "the transfer starts outside its memory");
  const auto offset = static_cast<int64_t>(start);
  if (offset % 4)
    return fail(
        op, fmt::format("the transfer starts at byte {}; addresses are multiples of 4", offset));
  for (const char *pad : {"d0_zero_before", "d1_zero_before", "d2_zero_before", "d0_zero_after",
                          "d1_zero_after", "d2_zero_after"})
    if (intAttrOr(op, pad, 0) != 0) return fail(op, "a shim tile's DMA cannot pad");
  auto &argument = out_.arguments[static_cast<size_t>(where->argument)];
  (a->direction == DmaDirection::MM2S ? argument.read : argument.written) = true;
  const bool token = design::flagAttr(op, "issue_token") || a->direction == DmaDirection::S2MM;
  Pattern whole;
  for (size_t i = 0; i < 4; ++i) whole.dims[i] = {sizes[i], strides[i]};
  Transfer transfer{a, where->argument, bits, static_cast<int>(*id), token};
  auto first = transferBd(op, transfer, whole);
  if (first.ok())
    return writeTransfer(op, transfer, *first, offset) && startTransfer(op, transfer, whole);
  // More than one descriptor can say: several do it one after the other, in one task where none
  // repeats.
  const auto pieces =
      splitPattern(whole, bits, static_cast<size_t>(device::bdCount(TileKind::Shim)));
  if (!pieces || !splitIds(op, *a, transfer.id, pieces->size())) {
    Diagnostic d = first.errors().front();
    d.notes.push_back(fmt::format("splitting it would take more than {} tasks, and in one task "
                                  "more descriptors than the shim tile has free ({} in all)",
                                  device::kDmaQueueDepth, device::bdCount(TileKind::Shim)));
    m_.errors.push_back(std::move(d));
    return false;
  }
  const std::vector<int> &ids = splitIds_[op];
  const bool chain = chainable(*pieces);
  for (size_t i = 0; i < pieces->size(); ++i) {
    const Pattern &piece = (*pieces)[i];
    const bool last = i + 1 == pieces->size();
    Transfer part = transfer;
    part.id = ids[i];
    part.token = token && last;
    auto bd = transferBd(op, part, piece);
    if (!bd.ok()) {
      m_.errors.push_back(bd.errors().front());
      return false;
    }
    if (chain && !last) bd->next = static_cast<uint8_t>(ids[i + 1]);
    if (!writeTransfer(op, part, *bd, offset + piece.offset * bits / 8)) return false;
    if (!chain && !startTransfer(op, part, piece)) return false;
  }
  transfer.id = ids.front();
  return !chain || startTransfer(op, transfer, pieces->front());
}

/// Ids for the pieces of a split transfer: its own, then ones that nothing in the sequence names.
bool SequenceInterpreter::splitIds(Operation *op, const ShimAllocation &a, int own, size_t count) {
  if (splitIds_.count(op)) return splitIds_[op].size() >= count;
  std::set<int> used = busy_[a.tile];
  sequence_->op->walk([&](Operation *other) {
    if (isOp(other, "aiex.npu.dma_memcpy_nd")) {
      const ShimAllocation *its = m_.shimAllocation(strAttr(other, "metadata"));
      if (its && its->tile == a.tile) used.insert(static_cast<int>(intAttrOr(other, "id", 0)));
    } else if (isOp(other, "aiex.npu.writebd") || isOp(other, "aie.dma_bd")) {
      if (auto id = intAttr(other, "bd_id")) used.insert(static_cast<int>(*id));
    }
  });
  for (const auto &[other, ids] : splitIds_) used.insert(ids.begin(), ids.end());
  std::vector<int> ids{own};
  for (int id = 0; id < device::bdCount(TileKind::Shim) && ids.size() < count; ++id)
    if (!used.count(id)) ids.push_back(id);
  if (ids.size() < count) return false;
  busy_[a.tile].insert(ids.begin(), ids.end());
  splitIds_[op] = std::move(ids);
  return true;
}

Result<device::Bd> SequenceInterpreter::transferBd(Operation *op, const Transfer &transfer,
                                                   const Pattern &pattern) {
  const auto &d = pattern.dims;
  BdDesc desc;
  desc.elementBits = transfer.bits;
  desc.argument = transfer.argument;
  desc.what = fmt::format("the transfer of '{}'", transfer.allocation->name);
  desc.length = d[1].first * d[2].first * d[3].first;
  desc.burst = static_cast<int>(intAttrOr(op, "burst_length", 0));
  desc.packet = transfer.allocation->packet; // the operation's own wins
  if (auto packet = design::recordAttr(op, "packet"))
    desc.packet = std::pair(static_cast<int>(packet->field("pkt_type")),
                            static_cast<int>(packet->field("pkt_id")));
  const bool contiguous = d[3].second == 1 && (d[2].first == 1 || d[2].second == d[3].first) &&
                          (d[1].first == 1 || d[1].second == d[3].first * d[2].first);
  if (!contiguous) desc.dims = {d[1], d[2], d[3]};
  if (d[0].first > kMaxTaskRepeat + 1)
    return error("bad-bd", placeOf(op),
                 fmt::format("{} repeats {} times; a task repeats at most {} times", desc.what,
                             d[0].first, kMaxTaskRepeat + 1));
  if (d[0].first > 1 && d[0].second > 0)
    desc.iteration = std::array<int64_t, 3>{d[0].first, d[0].second, 0};
  auto bd =
      lowerBd(m_, desc, transfer.allocation->tile, transfer.allocation->direction, placeOf(op));
  if (bd.ok() && !contiguous) {
    // The fields of dimensions of size 1 as the vendor's flow leaves them.
    for (int j = 1; j < 3; ++j)
      if (d[static_cast<size_t>(3 - j)].first == 1) bd->dims[j].step = 1;
    bd->dims[2].size = 0;
  }
  return bd;
}

bool SequenceInterpreter::writeTransfer(Operation *op, const Transfer &transfer,
                                        const device::Bd &bd, int64_t byteOffset) {
  const TileId tile = transfer.allocation->tile;
  if (!writeBd(op, tile, transfer.id, bd)) return false;
  emit(op, plan::AddressPatch{
               device::tileAddress(tile, device::bdRegister(TileKind::Shim, transfer.id) + 4),
               static_cast<uint32_t>(transfer.argument), static_cast<uint64_t>(byteOffset)});
  return true;
}

bool SequenceInterpreter::startTransfer(Operation *op, const Transfer &transfer,
                                        const Pattern &pattern) {
  const ShimAllocation &a = *transfer.allocation;
  return push(op, a.tile, a.direction, a.channel, transfer.id,
              static_cast<int>(pattern.dims[0].first - 1), transfer.token);
}

/// aiex.npu.writebd: register fields as they are.
bool SequenceInterpreter::rawBd(Operation *op) {
  auto f = [&](const char *name) { return static_cast<uint32_t>(intAttrOr(op, name, 0)); };
  const TileId tile{static_cast<int>(f("column")), static_cast<int>(f("row"))};
  if (!m_.exists(tile)) return fail(op, fmt::format("tile {} is outside the device", tile.str()));
  const TileKind kind = device::tileKind(tile);
  const int id = static_cast<int>(intAttrOr(op, "bd_id", -1));
  if (id < 0 || id >= device::bdCount(kind))
    return fail(op, fmt::format("a {} tile has no BD {}", device::tileKindName(kind), id));
  if (kind == TileKind::Shim)
    for (const char *name : {"d2_size", "d0_zero_before", "d0_zero_after", "d1_zero_before",
                             "d1_zero_after", "d2_zero_before", "d2_zero_after"})
      if (f(name))
        return fail(
            op, fmt::format("{} = {}: a shim tile's descriptor has no such field", name, f(name)),
            "the outermost of three dimensions has no size, and only memtiles pad");
  device::Bd bd;
  bd.length = f("buffer_length");
  bd.address = kind == TileKind::Mem ? uint64_t(f("buffer_offset")) * 4 : f("buffer_offset");
  for (int d = 0; d < 3; ++d) {
    const std::string prefix = fmt::format("d{}_", d);
    bd.dims[d].size = f((prefix + "size").c_str());
    bd.dims[d].step = f((prefix + "stride").c_str()) + 1;
    bd.pads[d] = {f((prefix + "zero_before").c_str()), f((prefix + "zero_after").c_str())};
  }
  bd.iterationSize = f("iteration_size") + 1;
  bd.iterationStep = f("iteration_stride") + 1;
  bd.iterationCurrent = f("iteration_current");
  if (f("enable_packet"))
    bd.packet = device::BdPacket{static_cast<uint8_t>(f("packet_type")),
                                 static_cast<uint8_t>(f("packet_id"))};
  bd.outOfOrderId = static_cast<uint8_t>(f("out_of_order_id"));
  auto signed7 = [](uint32_t v) { return static_cast<int8_t>(llvm::SignExtend32(v & 0x7F, 7)); };
  if (f("lock_acq_enable"))
    bd.acquire =
        device::BdLock{static_cast<uint16_t>(f("lock_acq_id")), signed7(f("lock_acq_val"))};
  if (f("lock_rel_val") || f("lock_rel_id"))
    bd.release =
        device::BdLock{static_cast<uint16_t>(f("lock_rel_id")), signed7(f("lock_rel_val"))};
  if (f("use_next_bd")) bd.next = static_cast<uint8_t>(f("next_bd"));
  bd.valid = intAttrOr(op, "valid_bd", 0) != 0;
  switch (f("burst_length")) {
  case 64: bd.burst = 0; break;
  case 128: bd.burst = 1; break;
  default: break;
  }
  return writeBd(op, tile, id, bd);
}

bool SequenceInterpreter::wait(Operation *op) {
  const ShimAllocation *a = allocation(op, strAttr(op, "symbol"));
  if (!a) return false;
  --tokens_[{a->tile, a->direction, a->channel}];
  emit(op, plan::Sync{a->direction, a->channel, a->tile.col, a->tile.row, 1, 1});
  return true;
}

bool SequenceInterpreter::sync(Operation *op) {
  static constexpr const char *names[] = {"column",  "row",        "direction",
                                          "channel", "column_num", "row_num"};
  std::array<int, 6> v{};
  for (int i = 0; i < 6; ++i) {
    const auto got = field(op, names[i], op->getNumOperands() == 6 ? i : -1);
    if (!got) return false;
    if (*got < 0 || *got > 255) return fail(op, fmt::format("{} {} is not 0..255", names[i], *got));
    v[static_cast<size_t>(i)] = static_cast<int>(*got);
  }
  emit(op, plan::Sync{v[2] == 0 ? DmaDirection::S2MM : DmaDirection::MM2S, v[3], v[0], v[1], v[4],
                      v[5]});
  return true;
}

bool SequenceInterpreter::pushQueue(Operation *op) {
  const TileId tile{static_cast<int>(intAttrOr(op, "column", 0)),
                    static_cast<int>(intAttrOr(op, "row", 0))};
  if (!m_.exists(tile)) return fail(op, fmt::format("tile {} is outside the device", tile.str()));
  std::optional<int64_t> bd = intAttr(op, "bd_id"), repeat = intAttrOr(op, "repeat_count", 0);
  if (auto dynamic = op->getAttrOfType<ArrayAttr>("dynamic"))
    for (auto [i, n] : llvm::enumerate(dynamic)) {
      const StringRef name = cast<StringAttr>(n).getValue();
      const auto v = known(op, op->getOperand(static_cast<unsigned>(i)), name);
      if (!v) return false;
      (name == "bd_id" ? bd : repeat) = v;
    }
  if (!bd) return fail(op, "push_queue needs a bd_id");
  const TileKind kind = device::tileKind(tile);
  if (*bd < 0 || *bd >= device::bdCount(kind))
    return fail(op, fmt::format("a {} tile has no BD {}", device::tileKindName(kind), *bd));
  return push(op, tile,
              strAttr(op, "direction") == "MM2S" ? DmaDirection::MM2S : DmaDirection::S2MM,
              static_cast<int>(intAttrOr(op, "channel", 0)), static_cast<int>(*bd),
              static_cast<int>(std::clamp<int64_t>(*repeat, -1, 1 << 20)),
              design::flagAttr(op, "issue_token"));
}

} // namespace ashlar::lower
