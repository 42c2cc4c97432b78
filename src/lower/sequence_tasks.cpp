// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tasks: chains of descriptors that the sequence configures, starts, awaits and frees.
#include "lower/sequence.h"

using namespace mlir;
using ashlar::design::intAttr;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::opName;
using ashlar::design::placeOf;
using ashlar::design::strAttr;

namespace ashlar::lower {

int SequenceInterpreter::takeBd(Operation *op, TileId tile, int channel,
                                std::optional<int> wanted) {
  const TileKind kind = device::tileKind(tile);
  std::set<int> &used = busy_[tile];
  if (wanted) {
    auto [it, fresh] = taken_.emplace(std::pair(tile, *wanted), placeOf(op));
    if (!fresh) {
      m_.fail("bd-in-use", placeOf(op),
              fmt::format("buffer descriptor {} of {} tile {} belongs to another task", *wanted,
                          device::tileKindName(kind), tile.str()),
              "await or free that task first, or leave bd_id out",
              {it->second.str() + ": that task's descriptor is here"});
      return -1;
    }
    used.insert(*wanted);
    return *wanted;
  }
  const int half = device::bdCount(kind) / 2;
  const bool odd = kind == TileKind::Mem && channel % 2;
  const int last = kind == TileKind::Mem && !odd ? half : device::bdCount(kind);
  int id = odd ? half : 0;
  // What the tile's own DMA program holds is not free.
  for (const DmaProgram &p : m_.dmas)
    if (p.tile == tile)
      for (const DmaBlock &b : p.blocks)
        if (b.kind == DmaBlock::Bd && b.bd.id) used.insert(*b.bd.id);
  while (id < last && used.count(id)) ++id;
  if (id >= last) {
    std::vector<std::string> users;
    for (const auto &[key, place] : taken_)
      if (key.first == tile)
        users.push_back(fmt::format("BD {}: the task at {}", key.second, place.str()));
    fail(op,
         fmt::format("all {} buffer descriptors of {} tile {} are taken by tasks",
                     last - (odd ? half : 0), device::tileKindName(kind), tile.str()),
         "free tasks with aiex.dma_free_task, or wait for them", "bd-exhausted", std::move(users));
    return -1;
  }
  used.insert(id);
  taken_.emplace(std::pair(tile, id), placeOf(op));
  return id;
}

bool SequenceInterpreter::taskBody(Operation *op, Region &region, Task task,
                                   ValueRange chainArguments) {
  const TileKind kind = device::tileKind(task.tile);
  std::optional<std::pair<int, int>> packet;
  if (const ShimAllocation *a = m_.shimAllocation(strAttr(op, "alloc"))) packet = a->packet;
  if (auto p = design::recordAttr(op, "packet"))
    packet =
        std::pair(static_cast<int>(p->field("pkt_type")), static_cast<int>(p->field("pkt_id")));
  for (unsigned i = 0; i < chainArguments.size() && i < region.getNumArguments(); ++i) {
    auto where = memory(chainArguments[i]);
    if (where)
      bound_[region.getArgument(i)] = *where;
    else if (auto it = m_.bufferOf.find(chainArguments[i]); it != m_.bufferOf.end())
      m_.bufferOf[region.getArgument(i)] = it->second;
  }
  struct Item {
    Block *block;
    Operation *bdOp;
    int id;
  };
  std::vector<Item> items;
  llvm::DenseMap<Block *, int> idOf;
  for (Block &b : region) {
    Operation *bdOp = nullptr;
    for (Operation &inner : b)
      if (isOp(&inner, "aie.dma_bd")) {
        if (bdOp) return fail(&inner, "a block holds one aie.dma_bd");
        bdOp = &inner;
      }
    if (!bdOp) continue; // an entry block that only leads on, or a shared end
    std::optional<int> wanted;
    if (auto id = intAttr(bdOp, "bd_id")) {
      if (*id < 0 || *id >= device::bdCount(kind))
        return fail(bdOp, fmt::format("a {} tile has no BD {}", device::tileKindName(kind), *id));
      wanted = static_cast<int>(*id);
    }
    const int id = takeBd(bdOp, task.tile, task.channel, wanted);
    if (id < 0) return false;
    items.push_back({&b, bdOp, id});
    idOf[&b] = id;
    task.bds.push_back(id);
  }
  if (items.empty()) return fail(op, "a task needs an aie.dma_bd");
  task.firstBd = items.front().id;
  if (Block &entry = region.front();
      !idOf.count(&entry) && !entry.empty() && isOp(&entry.back(), "aie.next_bd"))
    task.firstBd = idOf.lookup(entry.back().getSuccessor(0));
  for (const Item &item : items) {
    const size_t before = m_.errors.size();
    BdDesc desc = readBd(m_, item.bdOp, kind,
                         [&](Value v) { return known(item.bdOp, v, "field of the descriptor"); });
    for (Operation &inner : *item.block)
      if (isOp(&inner, "aie.use_lock")) {
        auto it = m_.lockOf.find(inner.getOperand(0));
        const auto v =
            inner.getNumOperands() > 1 ? value(inner.getOperand(1)) : intAttr(&inner, "value");
        if (it == m_.lockOf.end() || !v || *v < -64 || *v > 63)
          return fail(&inner, "a descriptor's lock must be one of this device, its value constant");
        const std::string action = strAttr(&inner, "action");
        LockUse use{it->second, static_cast<int>(action == "AcquireGreaterEqual" ? -*v : *v)};
        (action == "Release" ? desc.release : desc.acquire) = use;
      }
    if (packet && !desc.packet) desc.packet = packet;
    Value memoryValue = item.bdOp->getOperand(0);
    const bool buffer = m_.bufferOf.count(memoryValue);
    std::optional<Memory> where;
    if (!buffer) {
      where = memory(memoryValue);
      if (!where || where->argument < 0)
        return fail(item.bdOp, "the memory of this descriptor must be an aie.buffer or an argument "
                               "of the sequence with constant offsets");
      if (kind != TileKind::Shim)
        return fail(item.bdOp,
                    fmt::format("the DMA of {} tile {} cannot reach an argument in host "
                                "memory",
                                device::tileKindName(kind), task.tile.str()),
                    "only shim tiles reach host memory");
      desc.buffer = -1;
    } else {
      desc.buffer = m_.bufferOf.lookup(memoryValue);
    }
    if (m_.errors.size() != before) return false;
    const int64_t offsetBytes = desc.offset * desc.elementBits / 8;
    auto bd = lowerBd(m_, desc, task.tile, task.direction, placeOf(item.bdOp));
    if (!bd.ok()) {
      m_.errors.push_back(bd.errors().front());
      return false;
    }
    Operation *end = &item.block->back();
    if (isOp(end, "aie.next_bd") && idOf.count(end->getSuccessor(0)))
      bd->next = static_cast<uint8_t>(idOf.lookup(end->getSuccessor(0)));
    else if (auto next = intAttr(item.bdOp, "next_bd_id"))
      bd->next = static_cast<uint8_t>(*next);
    // The BD is written with its offset alone; the address follows in a write of its own, as the
    // vendor's flow does it.
    if (kind == TileKind::Shim) {
      bd->address = 0;
      if (!writeBd(item.bdOp, task.tile, item.id, *bd)) return false;
      if (where) {
        emit(item.bdOp, plan::AddressPatch{
                            device::tileAddress(task.tile, device::bdRegister(kind, item.id) + 4),
                            static_cast<uint32_t>(where->argument),
                            static_cast<uint64_t>(where->offset + offsetBytes)});
        auto &argument = out_.arguments[static_cast<size_t>(where->argument)];
        (task.direction == DmaDirection::MM2S ? argument.read : argument.written) = true;
      }
    } else {
      const uint64_t address = bd->address;
      bd->address = static_cast<uint64_t>(offsetBytes);
      if (!writeBd(item.bdOp, task.tile, item.id, *bd)) return false;
      const uint32_t at = device::tileAddress(task.tile, device::bdRegister(kind, item.id) +
                                                             (kind == TileKind::Mem ? 4 : 0));
      // Base address field: core [27:14] of word 0, memtile [18:0] of word 1, in words.
      if (kind == TileKind::Core)
        emit(item.bdOp,
             plan::MaskWrite32{at, static_cast<uint32_t>(address / 4) << 14, 0x0FFFC000});
      else
        emit(item.bdOp, plan::MaskWrite32{at, static_cast<uint32_t>(address / 4), 0x0007FFFF});
    }
  }
  if (auto repeat = intAttr(op, "repeat_count")) task.repeat = static_cast<int>(*repeat);
  task.token = design::flagAttr(op, "issue_token");
  tasks_[op->getResult(0)] = std::move(task);
  return true;
}

/// The channel of a task: that of a shim allocation by its name, or given with the tile in hand.
bool SequenceInterpreter::taskChannel(Operation *op, bool byName, Task &task) {
  if (byName) {
    const ShimAllocation *a = allocation(op, strAttr(op, "alloc"));
    if (!a) return false;
    task.tile = a->tile;
    task.direction = a->direction;
    task.channel = a->channel;
  } else {
    auto it = m_.tileOf.find(op->getOperand(0));
    if (it == m_.tileOf.end()) return fail(op, "a task needs a tile of this device");
    task.tile = it->second;
    task.direction = strAttr(op, "direction") == "MM2S" ? DmaDirection::MM2S : DmaDirection::S2MM;
    task.channel = static_cast<int>(intAttrOr(op, "channel", 0));
  }
  return true;
}

bool SequenceInterpreter::configureTask(Operation *op) {
  Task task;
  if (!taskChannel(op, isOp(op, "aiex.dma_configure_task_for"), task)) return false;
  return taskBody(op, op->getRegion(0), task, {});
}

bool SequenceInterpreter::configureChain(Operation *op) {
  const std::string name = strAttr(op, "chain");
  Operation *chain = nullptr;
  for (Operation &candidate : m_.op->getRegion(0).front())
    if (isOp(&candidate, "aie.bd_chain") && strAttr(&candidate, "sym_name") == name)
      chain = &candidate;
  if (!chain) return fail(op, fmt::format("there is no aie.bd_chain '{}'", name));
  Task task;
  SmallVector<Value> arguments;
  const bool byName = op->hasAttr("alloc");
  if (!taskChannel(op, byName, task)) return false;
  // A tile in hand comes before what the chain takes.
  arguments.append(op->operand_begin() + (byName ? 0 : 1), op->operand_end());
  Region &region = chain->getRegion(0);
  if (arguments.size() != region.getNumArguments())
    return fail(op, fmt::format("'{}' has {} arguments, {} are given", name,
                                region.getNumArguments(), arguments.size()));
  for (unsigned i = 0; i < arguments.size(); ++i)
    if (arguments[i].getType() != region.getArgument(i).getType())
      return fail(op, fmt::format("argument {} of '{}' has another type", i + 1, name));
  if (!taskBody(op, region, task, arguments)) return false;
  // This operation starts what it configures.
  const Task &made = tasks_[op->getResult(0)];
  return push(op, made.tile, made.direction, made.channel, made.firstBd, made.repeat, made.token);
}

bool SequenceInterpreter::task(Operation *op) {
  auto it = tasks_.find(op->getOperand(0));
  if (it == tasks_.end()) return fail(op, "this task has not been configured here");
  Task &t = it->second;
  const StringRef name = opName(op);
  auto release = [&] {
    for (int bd : t.bds) {
      busy_[t.tile].erase(bd);
      taken_.erase({t.tile, bd});
    }
    t.freed = true;
  };
  if (name == "aiex.dma_start_task") {
    // Its descriptors still hold what they held, unless another task has them now.
    if (t.freed) {
      for (int bd : t.bds)
        if (auto other = taken_.find({t.tile, bd}); other != taken_.end())
          return fail(op,
                      fmt::format("this task was freed, and its descriptor {} belongs to the task "
                                  "at {} now",
                                  bd, other->second.str()),
                      "configure it again, or free it later");
      for (int bd : t.bds) {
        busy_[t.tile].insert(bd);
        taken_.emplace(std::pair(t.tile, bd), placeOf(op));
      }
      t.freed = t.awaited = false;
    }
    return push(op, t.tile, t.direction, t.channel, t.firstBd, t.repeat, t.token);
  }
  if (name == "aiex.dma_free_task") {
    // Waiting frees as well; to say so once more is usual.
    if (t.freed && !t.awaited)
      return fail(op, "this task's descriptors are free already", "free it once");
    t.awaited = false;
    if (!t.freed) release();
    return true;
  }
  if (!t.token)
    return fail(op, "this task sends no token to wait for", "configure it with issue_token = true");
  if (--tokens_[{t.tile, t.direction, t.channel}] < 0 && !rawWrites_)
    return fail(op,
                fmt::format("{} {} of tile {} has sent no token that is not waited for yet: the "
                            "sequence would stand still here",
                            device::dmaDirectionName(t.direction), t.channel, t.tile.str()),
                "start the task before, or wait for it once");
  emit(op, plan::Sync{t.direction, t.channel, t.tile.col, t.tile.row, 1, 1});
  release();
  t.awaited = true;
  return true;
}

} // namespace ashlar::lower
