// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The token game: lock values, words under way and positions of DMA channels, core programs and the
// instruction stream, played until the stream is through. Whoever can move, moves; where a core's
// program may go two ways, both are tried. If none of all plays comes to the end, the design stands
// still on the chip as well, whatever its data: that is the finding, with the play that got
// furthest. What cannot be modelled (control packets, cores that read streams, locks compared for
// equality, several takers of one lock) ends the game without a finding.
//
// Streams hold some words between their ends, in truth fewer than here: a standstill that a few
// words of room would avoid is not claimed.
#include "analysis/model.h"
#include "analysis/skeleton.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <unordered_set>

namespace ashlar::analysis {

namespace reg = device::reg;
using device::PortBundle;

namespace {

constexpr int kRoom = 64; ///< words between the ends of a stream
constexpr size_t kMostMoves = 3'000'000, kMostStates = 20'000;

class Game {
public:
  Game(const load::Configuration &configuration, const load::Stream &stream, const plan::Plan *plan)
      : model_(modelOf(configuration)), names_(plan, stream.source), stream_(stream),
        sequence_(sequenceOf(plan, stream)) {}

  TokenGame run() {
    play();
    result_.why = why_;
    return std::move(result_);
  }

private:
  // ---- the board -------------------------------------------------------------------------------

  struct Step { ///< one descriptor
    int bd = 0;
    std::optional<std::pair<int, int>> acquire, release; ///< lock, amount
    int words = 0;
    std::vector<int> to; ///< receiving channels, for MM2S
  };
  struct Task {
    std::vector<Step> steps;
    int back = -1; ///< the step to go on with after the last one; -1: the task ends
    int repeat = 1;
    bool token = false;
    Place place;
  };
  struct Channel {
    TileId tile;
    DmaDirection direction = DmaDirection::S2MM;
    int number = 0;
    bool fed = false; ///< by something that is no DMA: words are always there
    std::vector<Task> tasks;
  };
  struct Event {
    enum Kind : uint8_t { Push, Wait, SetLock } kind = Push;
    int subject = 0; ///< channel or lock
    int value = 0;
    size_t operation = 0;
  };
  struct CoreRef {
    TileId tile;
    std::shared_ptr<Skeleton> skeleton;
  };
  struct ChannelState {
    int task = 0, started = 0, step = 0, round = 0, left = -1, buffered = 0, tokens = 0;
    bool operator==(const ChannelState &) const = default;
  };
  struct Note { ///< a move, as it is kept while the game is played: words cost too much
    bool core = false;
    size_t who = 0; ///< index of the core or the channel
    int bd = 0;
    LockStep step;
  };
  struct State {
    int event = 0;
    std::vector<ChannelState> channels;
    std::vector<int> locks, nodes;
    std::vector<int> ways; ///< of each core: which edge its data chose, -1: not asked yet
    size_t moves = 0;
    std::vector<Note> log; ///< the last moves
  };

  void giveUp(const std::string &why) {
    if (known_) why_ = why;
    known_ = false;
  }

  void play() {
    setUp();
    if (!known_) return;
    std::vector<State> open{start_};
    std::unordered_set<std::string> seen;
    std::optional<State> furthest;
    while (!open.empty()) {
      State s = std::move(open.back());
      open.pop_back();
      if (!settle(s)) return;
      result_.moves = std::max(result_.moves, s.moves);
      if (s.event == static_cast<int>(events_.size())) {
        result_.outcome = TokenGame::Completes;
        return;
      }
      if (!seen.insert(key(s)).second) continue;
      result_.states = seen.size();
      if (seen.size() > kMostStates) return giveUp("too many ways to go");
      std::vector<State> next = choices(s);
      if (!known_) return;
      if (next.empty() && (!furthest || s.moves > furthest->moves)) furthest = s;
      for (State &n : next) open.push_back(std::move(n));
    }
    if (!furthest) return giveUp("the design goes round in circles");
    result_.outcome = TokenGame::StandsStill;
    result_.findings.push_back(explain(*furthest));
  }

  int lockIndex(TileId tile, int id) {
    const auto [it, added] = lockIndex_.try_emplace({tile, id}, static_cast<int>(locks_.size()));
    if (added) {
      locks_.emplace_back(tile, id);
      const TileModel *t = model_.find(tile);
      start_.locks.push_back(t ? static_cast<int>(t->lockInit(id).value_or(0)) : 0);
    }
    return it->second;
  }
  int channelIndex(TileId tile, DmaDirection d, int number) {
    const auto [it, added] =
        channelIndex_.try_emplace({tile, d, number}, static_cast<int>(channels_.size()));
    if (added) {
      channels_.push_back({tile, d, number, false, {}});
      start_.channels.emplace_back();
      const uint32_t control =
          model_.tile(tile).reg(reg::dmaControl(device::tileKind(tile), d, number));
      // Finish on TLAST, out of order, (de)compression: lengths are not what they seem.
      if (control & (3u << 16 | 1u << 3 | 1u << 4))
        giveUp("a channel that ends on TLAST, takes packets out of order or compresses");
    }
    return it->second;
  }

  void setUp() {
    for (auto &[id, tile] : model_.tiles) {
      if (id.row >= device::kRows) return giveUp("a tile that does not exist");
      for (const Push &push : std::exchange(tile.pushes, {}))
        addTask(tile, push, names_.channel(id, push.direction, push.channel));
    }
    for (Channel &c : channels_)
      start_.channels[index(c)].started = static_cast<int>(c.tasks.size());
    for (size_t i = 0; i < stream_.operations.size() && known_; ++i) operation(i);
    for (const auto &[id, tile] : model_.tiles) {
      otherSources(tile);
      if (tile.kind != TileKind::Core || !tile.hasProgram || !tile.enabled()) continue;
      cores_.push_back({id, std::make_shared<Skeleton>(tile)});
      start_.nodes.push_back(0);
      start_.ways.push_back(-1);
    }
    takers();
  }
  size_t index(const Channel &c) const { return static_cast<size_t>(&c - channels_.data()); }

  void operation(size_t i) {
    const load::Op &op = stream_.operations[i].op;
    if (std::holds_alternative<load::MaskPoll>(op) || std::holds_alternative<load::LoadPdi>(op))
      return giveUp("a sequence that polls registers or loads other PDIs");
    const auto *masked = std::get_if<load::MaskWrite32>(&op);
    const auto *plain = std::get_if<load::Write32>(&op);
    if (masked || plain) {
      const uint32_t address = masked ? masked->address : plain->address;
      const TileId tile = device::tileOfAddress(address);
      if (tile.row >= device::kFirstCoreRow && tile.row < device::kRows &&
          device::offsetOfAddress(address) == reg::kCoreControl)
        return giveUp("a sequence that resets cores");
    }
    if (const auto *s = std::get_if<load::Sync>(&op)) {
      for (int c = s->column; c < s->column + std::max(1, s->columns); ++c)
        for (int r = s->row; r < s->row + std::max(1, s->rows); ++r) {
          if (r >= device::kRows || s->channel >= device::dmaChannels(device::tileKind(r)))
            return giveUp("a wait for a channel that does not exist");
          events_.push_back({Event::Wait, channelIndex({c, r}, s->direction, s->channel), 0, i});
        }
      return;
    }
    if (const auto *w = std::get_if<load::Write32>(&op)) {
      const TileId id = device::tileOfAddress(w->address);
      if (id.row >= device::kRows) return giveUp("a tile that does not exist");
      const TileKind kind = device::tileKind(id);
      const uint32_t base = reg::lockBase(kind), offset = device::offsetOfAddress(w->address);
      if (offset >= base &&
          offset < base + reg::kLockStride * static_cast<uint32_t>(device::lockCount(kind)))
        events_.push_back({Event::SetLock,
                           lockIndex(id, static_cast<int>((offset - base) / reg::kLockStride)),
                           static_cast<int>(w->value & 63), i});
    }
    applyOperation(model_, stream_.operations[i]);
    for (auto &[id, tile] : model_.tiles)
      for (const Push &push : std::exchange(tile.pushes, {}))
        events_.push_back({Event::Push, addTask(tile, push, place(i)), 0, i});
  }

  int addTask(const TileModel &tile, const Push &push, Place place) {
    const int c = channelIndex(tile.id, push.direction, push.channel);
    Task task;
    task.repeat = push.repeat;
    task.token = push.token;
    task.place = std::move(place);
    std::map<int, int> seen;
    for (std::optional<int> id = push.bd; id;) {
      if (const auto again = seen.find(*id); again != seen.end()) {
        task.back = again->second;
        break;
      }
      const auto bd = tile.bd(*id);
      if (!bd || !bd->valid) {
        giveUp("a descriptor that is not valid");
        break;
      }
      seen[*id] = static_cast<int>(task.steps.size());
      task.steps.push_back(step(tile, push, *id, *bd));
      id = bd->next ? std::optional<int>(*bd->next) : std::nullopt;
    }
    channels_[static_cast<size_t>(c)].tasks.push_back(std::move(task));
    return c;
  }

  Step step(const TileModel &tile, const Push &push, int id, const device::Bd &bd) {
    Step s;
    s.bd = id;
    s.words = static_cast<int>(std::min<uint32_t>(bd.length, 1u << 30));
    for (const auto &p : bd.pads)
      if (p.before || p.after) giveUp("a descriptor with padding");
    const auto lock = [&](const device::BdLock &l) {
      TileId owner = tile.id;
      int number = l.id;
      if (tile.kind == TileKind::Mem) {
        owner.col += number / device::lockCount(TileKind::Mem) - 1;
        number %= device::lockCount(TileKind::Mem);
      }
      return lockIndex(owner, number);
    };
    if (bd.acquire) {
      if (bd.acquire->value > 0) giveUp("a lock that is compared for equality");
      if (bd.acquire->value < 0) s.acquire = {lock(*bd.acquire), -bd.acquire->value};
    }
    if (bd.release && bd.release->value) s.release = {lock(*bd.release), bd.release->value};
    if (push.direction == DmaDirection::MM2S) {
      const auto port = outputPort(tile, push.channel);
      if (!port) {
        giveUp("a shim channel that no multiplexer joins");
        return s;
      }
      const Trace trace = traceFrom(model_, tile.id, *port, bd.packet ? bd.packet->id : -1);
      if (!trace.drops.empty()) giveUp("a stream that ends nowhere");
      for (const Destination &d : trace.ends) {
        if (d.port.bundle != PortBundle::Dma) {
          giveUp(fmt::format("a stream to {} of {}", d.port.str(), tileText(d.tile)));
          continue;
        }
        if (bd.packet && keepsHeader(d)) giveUp("packets whose headers are kept");
        s.to.push_back(channelIndex(d.tile, DmaDirection::S2MM, d.port.channel));
      }
      std::sort(s.to.begin(), s.to.end());
      s.to.erase(std::unique(s.to.begin(), s.to.end()), s.to.end());
    }
    return s;
  }
  bool keepsHeader(const Destination &d) {
    const TileKind kind = device::tileKind(d.tile);
    if (kind == TileKind::Shim) return true; // its port is not among the masters that we were told
    const uint32_t master =
        model_.tile(d.tile).reg(reg::switchMaster(kind, device::masterIndex(kind, d.port)));
    return (master & reg::kSwitchPacket) && !(master & 0x80);
  }

  /// What is fed by cores, trace units or control ports always has its words.
  void otherSources(const TileModel &tile) {
    for (const device::SwitchPort &slave : device::slavePorts(tile.kind)) {
      if (slave.bundle != PortBundle::Core && slave.bundle != PortBundle::Trace &&
          slave.bundle != PortBundle::Ctrl)
        continue;
      const int i = device::slaveIndex(tile.kind, slave);
      if (!(tile.reg(reg::switchSlave(tile.kind, i)) & reg::kSwitchEnable)) continue;
      for (int p = -1; p < 32; ++p)
        for (const Destination &d : traceFrom(model_, tile.id, slave, p).ends)
          if (d.port.bundle == PortBundle::Dma) {
            const auto it = channelIndex_.find({d.tile, DmaDirection::S2MM, d.port.channel});
            if (it != channelIndex_.end()) channels_[static_cast<size_t>(it->second)].fed = true;
          }
    }
  }

  /// One who takes a lock: else the order in which they come matters.
  void takers() {
    std::map<int, std::set<int>> by;
    for (size_t c = 0; c < channels_.size(); ++c)
      for (const Task &t : channels_[c].tasks)
        for (const Step &s : t.steps)
          if (s.acquire) by[s.acquire->first].insert(static_cast<int>(c));
    for (const auto &[lock, who] : by) {
      if (who.size() > 1) giveUp("a lock with two takers");
      taker_[lock] = *who.begin();
    }
  }
  bool onlyTaker(int lock, int who) {
    const auto [it, added] = taker_.try_emplace(lock, who);
    return added || it->second == who;
  }

  // ---- the moves -------------------------------------------------------------------------------

  Place place(size_t operation) const {
    if (sequence_ && sequence_->ops.size() == stream_.operations.size() &&
        sequence_->ops[operation].place.known())
      return sequence_->ops[operation].place;
    return names_.at(stream_.operations[operation].offset);
  }

  static void note(State &s, const Note &what) {
    if (s.log.size() >= 8) s.log.erase(s.log.begin());
    s.log.push_back(what);
  }
  std::string text(const Note &n) const {
    if (!n.core) {
      const Channel &c = channels_[n.who];
      return fmt::format("{} is through with BD {}", channelText(c.tile, c.direction, c.number),
                         n.bd);
    }
    return fmt::format("{} {} {} of {}", tileText(cores_[n.who].tile),
                       n.step.acquire ? "acquires" : "releases", std::abs(n.step.value),
                       names_.lock(n.step.tile, n.step.id));
  }

  /// Until nobody moves without a choice. False: given up.
  bool settle(State &s) {
    for (bool moved = true; moved;) {
      moved = false;
      for (size_t i = 0; i < channels_.size(); ++i) moved |= channel(s, i);
      for (size_t i = 0; i < cores_.size(); ++i)
        while (core(s, i)) moved = true;
      while (controller(s)) moved = true;
      if (s.event == static_cast<int>(events_.size())) return true;
      if (s.moves > kMostMoves) giveUp("more moves than can be played");
      if (!known_) return false;
    }
    return known_;
  }

  bool controller(State &s) {
    if (s.event == static_cast<int>(events_.size())) return false;
    const Event &e = events_[static_cast<size_t>(s.event)];
    if (e.kind == Event::SetLock) {
      s.locks[static_cast<size_t>(e.subject)] = e.value;
    } else {
      ChannelState &c = s.channels[static_cast<size_t>(e.subject)];
      if (e.kind == Event::Push) {
        if (c.started - c.task > device::kDmaQueueDepth) return false; // the queue is full
        ++c.started;
      } else {
        if (c.tokens == 0) return false;
        --c.tokens;
      }
    }
    ++s.event;
    ++s.moves;
    return true;
  }

  bool channel(State &s, size_t i) {
    const Channel &channel = channels_[i];
    bool any = false;
    while (s.channels[i].task < s.channels[i].started) {
      ChannelState &c = s.channels[i];
      const Task &task = channel.tasks[static_cast<size_t>(c.task)];
      const Step &step = task.steps[static_cast<size_t>(c.step)];
      if (c.left < 0) { // the descriptor begins
        if (step.acquire) {
          int &value = s.locks[static_cast<size_t>(step.acquire->first)];
          if (value < step.acquire->second) return any;
          value -= step.acquire->second;
        }
        c.left = step.words;
      }
      const int before = c.left;
      move(s, channel, c, step);
      if (c.left != before) {
        any = true;
        ++s.moves;
      }
      if (c.left > 0) return any;
      if (step.release) {
        int &value = s.locks[static_cast<size_t>(step.release->first)];
        value = std::clamp(value + step.release->second, 0, device::kMaxLockValue);
      }
      any = true;
      ++s.moves;
      note(s, {false, i, step.bd, {}});
      c.left = -1;
      if (c.step + 1 < static_cast<int>(task.steps.size())) {
        ++c.step;
      } else if (task.back >= 0) {
        c.step = task.back;
      } else {
        c.step = 0;
        if (++c.round == task.repeat) {
          c.round = 0;
          ++c.task;
          c.tokens += task.token;
        }
      }
      if (s.moves > kMostMoves) return any;
    }
    return any;
  }

  void move(State &s, const Channel &channel, ChannelState &c, const Step &step) {
    if (channel.direction == DmaDirection::S2MM) {
      const int n = channel.fed ? c.left : std::min(c.left, c.buffered);
      c.left -= n;
      if (!channel.fed) c.buffered -= n;
      return;
    }
    int room = c.left;
    for (const int to : step.to)
      room = std::min(room, kRoom - s.channels[static_cast<size_t>(to)].buffered);
    c.left -= room;
    for (const int to : step.to) s.channels[static_cast<size_t>(to)].buffered += room;
  }

  bool enabled(State &s, size_t core, const LockStep &step) {
    const int lock = lockIndex(step.tile, step.id);
    if (s.locks.size() < start_.locks.size())
      s.locks.insert(s.locks.end(),
                     start_.locks.begin() + static_cast<std::ptrdiff_t>(s.locks.size()),
                     start_.locks.end());
    if (!step.acquire) return true;
    if (step.value > 0 || !onlyTaker(lock, -1 - static_cast<int>(core))) {
      giveUp(step.value > 0 ? "a lock that is compared for equality" : "a lock with two takers");
      return false;
    }
    return s.locks[static_cast<size_t>(lock)] >= -step.value;
  }
  void take(State &s, size_t core, const Skeleton::Edge &e) {
    int &value = s.locks[static_cast<size_t>(lockIndex(e.step.tile, e.step.id))];
    value = std::clamp(value + e.step.value, 0, device::kMaxLockValue);
    s.nodes[core] = e.to;
    s.ways[core] = -1;
    ++s.moves;
    note(s, {true, core, 0, e.step});
  }
  const Skeleton::Node &node(const State &s, size_t core) {
    const Skeleton::Node &n = cores_[core].skeleton->node(s.nodes[core]);
    if (!cores_[core].skeleton->known())
      giveUp(fmt::format("{}: {}", tileText(cores_[core].tile), cores_[core].skeleton->unknown()));
    return n;
  }

  /// The edge that a core goes along, once it has no choice or has made it.
  static const Skeleton::Edge *way(const State &s, const Skeleton::Node &n, size_t core) {
    if (s.ways[core] >= 0) return &n.edges[static_cast<size_t>(s.ways[core])];
    return n.edges.size() == 1 ? &n.edges[0] : nullptr;
  }

  bool core(State &s, size_t i) {
    const Skeleton::Node &n = node(s, i);
    if (!known_) return false;
    const Skeleton::Edge *edge = way(s, n, i);
    if (!edge || !enabled(s, i, edge->step)) return false;
    take(s, i, *edge);
    return s.moves <= kMostMoves;
  }

  /// A core's data decide where it goes, whatever the others do and before it waits: so one core at
  /// a time is asked. The way back, which lies lower in the code, comes last and is tried first.
  std::vector<State> choices(const State &s) {
    std::vector<State> out;
    for (size_t i = 0; i < cores_.size() && out.empty(); ++i) {
      const Skeleton::Node &n = node(s, i);
      if (n.edges.size() < 2 || s.ways[i] >= 0) continue;
      for (size_t e = n.edges.size(); e-- > 0;) {
        out.push_back(s);
        out.back().ways[i] = static_cast<int>(e);
      }
    }
    return out;
  }

  static std::string key(const State &s) {
    std::vector<int> words{s.event};
    for (const ChannelState &c : s.channels)
      words.insert(words.end(), {c.task, c.started, c.step, c.round, c.left, c.buffered, c.tokens});
    words.insert(words.end(), s.locks.begin(), s.locks.end());
    words.insert(words.end(), s.nodes.begin(), s.nodes.end());
    words.insert(words.end(), s.ways.begin(), s.ways.end());
    return {reinterpret_cast<const char *>(words.data()), words.size() * sizeof(int)};
  }

  // ---- words -----------------------------------------------------------------------------------

  std::string holder(const Channel &c) const {
    std::string who = channelText(c.tile, c.direction, c.number);
    const Place p = names_.channel(c.tile, c.direction, c.number);
    if (p.line) who += fmt::format(" ({})", p.str());
    return who;
  }

  Diagnostic explain(State &s) {
    const Event &e = events_[static_cast<size_t>(
        std::min<size_t>(static_cast<size_t>(s.event), events_.size() - 1))];
    const Channel &c = channels_[static_cast<size_t>(e.subject)];
    std::string what =
        e.kind == Event::Wait
            ? fmt::format("the sequence waits for {}, and the design can come to no state in which "
                          "that ends",
                          channelText(c.tile, c.direction, c.number))
            : fmt::format("the sequence waits for room in the queue of {}, and the design can come "
                          "to no state in which that is given",
                          channelText(c.tile, c.direction, c.number));
    Diagnostic d =
        error("fifo-deadlock", place(e.operation), what,
              "follow who waits for whom: usual mistakes are an acquire of more than the FIFO "
              "holds, a missing release, and a transfer too few in the sequence");
    for (size_t i = 0; i < cores_.size(); ++i) {
      const Skeleton::Node &n = node(s, i);
      for (const Skeleton::Edge &edge : n.edges) {
        if (!edge.step.acquire || (s.ways[i] >= 0 && &edge != way(s, n, i))) continue;
        const int lock = lockIndex(edge.step.tile, edge.step.id);
        d.notes.push_back(fmt::format(
            "{}{} waits at {:#x} for {} >= {}; it has {}", tileText(cores_[i].tile),
            names_.core(cores_[i].tile).line ? " (" + names_.core(cores_[i].tile).str() + ")" : "",
            edge.step.pc, names_.lock(edge.step.tile, edge.step.id), -edge.step.value,
            static_cast<size_t>(lock) < s.locks.size() ? s.locks[static_cast<size_t>(lock)] : 0));
      }
    }
    for (size_t i = 0; i < channels_.size(); ++i) {
      const ChannelState &x = s.channels[i];
      if (x.task >= x.started) continue;
      const Step &step =
          channels_[i].tasks[static_cast<size_t>(x.task)].steps[static_cast<size_t>(x.step)];
      if (x.left < 0 && step.acquire) {
        const auto &[tile, id] = locks_[static_cast<size_t>(step.acquire->first)];
        d.notes.push_back(fmt::format("{} waits with BD {} for {} >= {}; it has {}",
                                      holder(channels_[i]), step.bd, names_.lock(tile, id),
                                      step.acquire->second,
                                      s.locks[static_cast<size_t>(step.acquire->first)]));
      } else if (channels_[i].direction == DmaDirection::S2MM) {
        d.notes.push_back(fmt::format("{} waits in BD {} for {} more words", holder(channels_[i]),
                                      step.bd, std::max(0, x.left)));
      } else {
        std::string to;
        for (const int t : step.to)
          if (s.channels[static_cast<size_t>(t)].buffered >= kRoom) {
            const Channel &far = channels_[static_cast<size_t>(t)];
            to = channelText(far.tile, far.direction, far.number);
          }
        d.notes.push_back(fmt::format("{} waits in BD {} until {} takes its last {} words",
                                      holder(channels_[i]), step.bd, to, x.left));
      }
    }
    if (!s.log.empty()) d.notes.push_back("the last moves that are possible:");
    for (const Note &n : s.log) d.notes.push_back("  " + text(n));
    return d;
  }

  Model model_;
  Names names_;
  const load::Stream &stream_;
  const plan::RuntimeSequence *sequence_;
  bool known_ = true;
  std::string why_;
  TokenGame result_;
  std::map<std::pair<TileId, int>, int> lockIndex_;
  std::vector<std::pair<TileId, int>> locks_;
  std::map<std::tuple<TileId, DmaDirection, int>, int> channelIndex_;
  std::vector<Channel> channels_;
  std::vector<Event> events_;
  std::vector<CoreRef> cores_;
  std::map<int, int> taker_;
  State start_;
};

} // namespace

TokenGame playTokens(const load::Configuration &configuration, const load::Stream &stream,
                     const plan::Plan *plan) {
  return Game(configuration, stream, plan).run();
}

} // namespace ashlar::analysis
