// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An instruction stream, followed operation by operation over the configured array: what its
// transfers touch in the host's buffers, how many tasks wait in each queue, which tokens it waits
// for and whether they can come.
#include "analysis/model.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <set>

namespace ashlar::analysis {

namespace reg = device::reg;
using device::PortBundle;
using device::SwitchPort;

namespace {

using ChannelKey = std::tuple<TileId, DmaDirection, int>;

class StreamCheck {
public:
  StreamCheck(const load::Configuration &configuration, const load::Stream &stream,
              const plan::Plan *plan)
      : model_(modelOf(configuration)), stream_(stream), names_(plan, stream.source) {
    for (auto &[id, tile] : model_.tiles) tile.pushes.clear();
    sequence_ = sequenceOf(plan, stream);
  }

  Diagnostics run() {
    size_t work = 0;
    for (const load::Operation &operation : stream_.operations) {
      at_ = operation.offset;
      std::visit([&](const auto &op) { apply(op); }, operation.op);
      work += !std::holds_alternative<load::Preempt>(operation.op);
    }
    if (work == 0)
      findings_.push_back(warning("sequence-empty", names_.file(),
                                  "the instruction stream does nothing",
                                  "move data in the runtime sequence"));
    partialTransfers();
    return std::move(findings_);
  }

private:
  struct Task {
    Push push;
    device::Bd bd;
  };
  struct Patch {
    uint32_t argument;
    uint64_t offset;
  };

  Place place() const {
    if (sequence_ && sequence_->ops.size() == stream_.operations.size())
      for (size_t i = 0; i < stream_.operations.size(); ++i)
        if (stream_.operations[i].offset == at_ && sequence_->ops[i].place.known())
          return sequence_->ops[i].place;
    return names_.at(at_);
  }

  void apply(const load::Write32 &w) {
    model_.write(w.address, w.value, at_);
    afterWrite(w.address, 1);
  }
  void apply(const load::MaskWrite32 &w) {
    model_.maskWrite(w.address, w.value, w.mask, at_);
    afterWrite(w.address, 1);
  }
  void apply(const load::BlockWrite &w) {
    model_.writeBlock(w.address, w.words, at_);
    afterWrite(w.address, w.words.size());
  }
  void apply(const load::BlockFill &f) { afterWrite(f.address, f.words); }
  void apply(const load::MaskPoll &) {}
  void apply(const load::Delay &) {}
  void apply(const load::LoadPdi &) {}
  void apply(const load::Preempt &) {}

  /// Which BD a register belongs to.
  static std::optional<int> bdOf(TileKind kind, uint32_t offset) {
    const uint32_t base = device::bdRegister(kind, 0);
    const uint32_t end = base + reg::kBdStride * static_cast<uint32_t>(device::bdCount(kind));
    if (offset < base || offset >= end) return std::nullopt;
    return static_cast<int>((offset - base) / reg::kBdStride);
  }

  void apply(const load::AddressPatch &p) {
    const TileId tile = device::tileOfAddress(p.address);
    const TileKind kind = device::tileKind(tile);
    const auto bd = bdOf(kind, device::offsetOfAddress(p.address));
    if (kind != TileKind::Shim || !bd) {
      findings_.push_back(error("bd-invalid", place(),
                                fmt::format("the address of argument {} is put into {:#x}, which "
                                            "is no buffer descriptor of a shim",
                                            p.argument, p.address),
                                "build the stream again"));
      return;
    }
    patches_[{tile, *bd}] = {p.argument, p.offset};
    if (sequence_ && p.argument >= sequence_->arguments.size())
      findings_.push_back(error("argument-missing", place(),
                                fmt::format("a transfer uses argument {}, and the sequence has {}",
                                            p.argument, sequence_->arguments.size()),
                                "declare the argument on the runtime sequence"));
  }

  void afterWrite(uint32_t address, size_t words) {
    const TileId id = device::tileOfAddress(address);
    const uint32_t offset = device::offsetOfAddress(address);
    TileModel &tile = model_.tile(id);
    for (size_t i = 0; i < words; ++i)
      if (const auto bd = bdOf(tile.kind, offset + 4 * static_cast<uint32_t>(i))) {
        rewritten(id, *bd);
        break;
      }
    std::vector<Push> pushes;
    pushes.swap(tile.pushes);
    for (const Push &push : pushes) start(tile, push);
  }

  void rewritten(TileId tile, int bd) {
    for (const auto &[key, tasks] : pending_) {
      if (std::get<0>(key) != tile) continue;
      for (const Task &t : tasks)
        if (t.push.bd == bd && reported_.insert({tile, bd}).second)
          findings_.push_back(
              warning("bd-reused", place(),
                      fmt::format("BD {} of {} is rewritten, and nothing has waited for the task "
                                  "that {} started with it",
                                  bd, tileText(tile),
                                  channelText(tile, std::get<1>(key), std::get<2>(key))),
                      "wait for the task first (dma_wait), or use another id"));
    }
    patches_.erase({tile, bd});
  }

  void start(TileModel &tile, const Push &push) {
    const ChannelKey key{tile.id, push.direction, push.channel};
    const std::string who = channelText(tile.id, push.direction, push.channel);
    const auto bd = tile.bd(push.bd);
    if (!bd || !bd->valid) {
      findings_.push_back(error("bd-invalid", place(),
                                fmt::format("{} is started with BD {}, which is {}", who, push.bd,
                                            bd ? "not marked valid" : "never written"),
                                "write the BD before the task is started"));
      return;
    }
    std::vector<Task> &queue = pending_[key];
    queue.push_back({push, *bd});
    // One task runs, the queue holds the others.
    if (static_cast<int>(queue.size()) > device::kDmaQueueDepth + 1 && overflow_.insert(key).second)
      findings_.push_back(
          warning("queue-overflow", place(),
                  fmt::format("{} tasks of {} are started before any of them is waited for; one "
                              "runs and {} wait",
                              queue.size(), who, device::kDmaQueueDepth),
                  "wait for a task in between, or chain the descriptors"));
    if (tile.kind == TileKind::Shim) {
      Moved &m = moved_[key];
      m.packet = bd->packet ? bd->packet->id : -1;
      m.place = place();
      // The task's chain, once around where it has no end.
      std::set<int> seen;
      for (std::optional<int> id = push.bd; id && seen.insert(*id).second;) {
        const auto part = tile.bd(*id);
        if (!part || !part->valid) break;
        hostRange(tile, *id, push.repeat, *part, who);
        m.bytes += uint64_t{part->length} * 4 * static_cast<uint64_t>(push.repeat);
        id = part->next ? std::optional<int>(*part->next) : std::nullopt;
      }
    }
  }

  /// The last byte that the task touches, against the declared size of its buffer.
  void hostRange(const TileModel &tile, int id, int repeat, const device::Bd &bd,
                 const std::string &who) {
    const auto patch = patches_.find({tile.id, id});
    if (patch == patches_.end() || !sequence_) return;
    const auto &[argument, offset] = patch->second;
    if (argument >= sequence_->arguments.size()) return;
    const plan::Argument &a = sequence_->arguments[argument];
    uint64_t last = 0, left = bd.length;
    for (int d = 0; d < 3 && left > 0; ++d) {
      const uint64_t size = d == 2 || bd.dims[d].size == 0 ? left : bd.dims[d].size;
      const uint64_t steps = std::min(size, left);
      last += (steps - 1) * bd.dims[d].step;
      left = (left + size - 1) / size;
      if (left <= 1) break;
    }
    const uint64_t iterations =
        std::min<uint64_t>(static_cast<uint64_t>(repeat), std::max(1u, bd.iterationSize));
    last += (iterations - 1) * bd.iterationStep;
    const uint64_t end = offset + (last + 1) * 4;
    if (bd.length == 0 || end <= (a.bytes + 3) / 4 * 4) return;
    // An operation that became several descriptors is told of once, with the farthest byte.
    const auto [known, isNew] =
        beyond_.try_emplace({place().str(), argument}, Beyond{end, findings_.size()});
    if (!isNew && known->second.end >= end) return;
    known->second.end = end;
    if (isNew) findings_.emplace_back();
    findings_[known->second.finding] = warning(
        "bo-too-small", place(),
        fmt::format("{} reaches byte {} of argument {}{}, which is declared with {}", who, end,
                    argument, a.name.empty() ? "" : " (%" + a.name + ")", a.bytes),
        fmt::format("declare {} bytes, or give the buffer that size: ashlar run --size {}={}", end,
                    argument, end));
  }

  void apply(const load::Sync &s) {
    for (int c = s.column; c < s.column + std::max(1, s.columns); ++c)
      for (int r = s.row; r < s.row + std::max(1, s.rows); ++r) wait({c, r}, s);
  }

  void wait(TileId tile, const load::Sync &s) {
    std::vector<Task> &queue = pending_[{tile, s.direction, s.channel}];
    const auto with =
        std::find_if(queue.begin(), queue.end(), [](const Task &t) { return t.push.token; });
    if (with == queue.end()) {
      findings_.push_back(
          error("token-never-issued", place(),
                fmt::format("the sequence waits for a token of {}, and no task with a token was "
                            "started there: it would wait for ever",
                            channelText(tile, s.direction, s.channel)),
                "start the task with issue_token = true before the wait"));
      return;
    }
    queue.erase(queue.begin(), with + 1);
    tokenRoute(tile);
  }

  /// Tokens leave by the tile's control port as packets and must reach South 0 of a shim.
  void tokenRoute(TileId tile) {
    // Routes are the package's; of a stream by itself nothing is known.
    if (configured_.empty() || !tokenChecked_.insert(tile).second) return;
    const TileKind kind = device::tileKind(tile);
    const int slave = device::slaveIndex(kind, {PortBundle::Ctrl, 0});
    const TileModel *model = model_.find(tile);
    const uint32_t config = model && slave >= 0 ? model->reg(reg::switchSlave(kind, slave)) : 0;
    bool arrives = false;
    if (config & reg::kSwitchEnable)
      for (int packet = config & reg::kSwitchPacket ? 0 : -1; packet < 32 && !arrives; ++packet) {
        for (const Destination &d : traceFrom(model_, tile, {PortBundle::Ctrl, 0}, packet).ends)
          arrives |=
              device::tileKind(d.tile) == TileKind::Shim && d.port.bundle == PortBundle::South;
        if (!(config & reg::kSwitchPacket)) break;
      }
    if (arrives) return;
    findings_.push_back(error("token-unrouted", place(),
                              fmt::format("the sequence waits for a token of {}, and no route "
                                          "leads from its control port to the controller",
                                          tileText(tile)),
                              "build the package with a route for tokens (the vendor's flow adds "
                              "one with its control overlay)"));
  }

  struct Moved {
    uint64_t bytes = 0;
    int packet = -1;
    Place place;
  };

  /// Bytes per round of the receiver's ring of buffers; nothing for chains that end, or that a
  /// task starts.
  static std::optional<uint64_t> ringBytes(const TileModel &tile, const Push &push) {
    std::map<int, uint64_t> seen;
    uint64_t smallest = 0;
    int id = push.bd;
    while (!seen.count(id)) {
      const auto bd = tile.bd(id);
      if (!bd || !bd->valid || !bd->next) return std::nullopt;
      seen[id] = uint64_t{bd->length} * 4;
      smallest = smallest ? std::gcd(smallest, seen[id]) : seen[id];
      id = *bd->next;
    }
    return smallest;
  }

  /// What the sequence sends must fill whole buffers of the receivers, or the last one waits.
  void partialTransfers() {
    for (const auto &[key, moved] : moved_) {
      const auto &[id, direction, channel] = key;
      if (direction != DmaDirection::MM2S) continue;
      const auto port = outputPort(model_.tile(id), channel);
      if (!port) continue;
      for (const Destination &d : traceFrom(model_, id, *port, moved.packet).ends) {
        if (d.port.bundle != PortBundle::Dma || d.tile == id) continue;
        for (const Push &push : configured_[d.tile])
          if (push.direction == DmaDirection::S2MM && push.channel == d.port.channel) {
            const auto ring = ringBytes(model_.tile(d.tile), push);
            if (!ring || *ring == 0 || moved.bytes % *ring == 0) continue;
            findings_.push_back(warning(
                "transfer-partial", moved.place,
                fmt::format("{} sends {} bytes, and {} takes {} at a time: the last {} do not "
                            "fill a buffer",
                            channelText(id, direction, channel), moved.bytes,
                            channelText(d.tile, DmaDirection::S2MM, d.port.channel), *ring,
                            moved.bytes % *ring),
                "send a multiple of the object's size"));
          }
      }
    }
  }

public:
  void keepConfigured(const load::Configuration &configuration) {
    for (auto &[id, tile] : modelOf(configuration).tiles) configured_[id] = tile.pushes;
  }

private:
  Model model_;
  const load::Stream &stream_;
  Names names_;
  const plan::RuntimeSequence *sequence_ = nullptr;
  Diagnostics findings_;
  uint64_t at_ = 0;
  std::map<ChannelKey, std::vector<Task>> pending_;
  std::map<std::pair<TileId, int>, Patch> patches_;
  struct Beyond {
    uint64_t end;
    size_t finding; ///< its place in findings_
  };
  std::map<std::pair<std::string, uint32_t>, Beyond> beyond_; ///< by operation and argument
  std::map<ChannelKey, Moved> moved_;
  std::map<TileId, std::vector<Push>> configured_;
  std::set<std::pair<TileId, int>> reported_;
  std::set<ChannelKey> overflow_;
  std::set<TileId> tokenChecked_;
};

} // namespace

const plan::RuntimeSequence *sequenceOf(const plan::Plan *plan, const load::Stream &stream) {
  const plan::RuntimeSequence *found = nullptr;
  if (plan)
    for (const plan::RuntimeSequence &s : plan->sequences)
      if (plan->sequences.size() == 1 || s.ops.size() == stream.operations.size()) found = &s;
  return found;
}

size_t ownOperations(const load::Stream &stream) {
  const auto core = [](uint32_t address) {
    return device::tileKind(device::tileOfAddress(address)) == TileKind::Core;
  };
  for (size_t i = 0; i < stream.operations.size(); ++i) {
    const load::Op &op = stream.operations[i].op;
    if (const auto *m = std::get_if<load::MaskWrite32>(&op);
        m && core(m->address) && device::offsetOfAddress(m->address) == reg::kCoreControl &&
        m->mask == 1 && !(m->value & 1))
      return i;
    if (const auto *b = std::get_if<load::BlockWrite>(&op); b && core(b->address)) {
      const uint32_t offset = device::offsetOfAddress(b->address);
      if (offset >= reg::kProgramMemory &&
          offset < reg::kProgramMemory + device::kProgramMemoryBytes)
        return i;
    }
  }
  return stream.operations.size();
}

Diagnostics checkStream(const load::Configuration &configuration, const load::Stream &stream,
                        const plan::Plan *plan, TokenGame *game) {
  StreamCheck check(configuration, stream, plan);
  check.keepConfigured(configuration);
  Diagnostics findings = check.run();
  // What is wrong with single steps would only be found again as a standstill.
  if (hasErrors(findings)) {
    if (game) game->why = "not played: the sequence has errors";
    return findings;
  }
  if (configuration.operations.empty()) {
    if (game) game->why = "not played: there is no package";
    return findings;
  }
  TokenGame played = playTokens(configuration, stream, plan);
  findings.insert(findings.end(), played.findings.begin(), played.findings.end());
  if (game) *game = std::move(played);
  return findings;
}

} // namespace ashlar::analysis
