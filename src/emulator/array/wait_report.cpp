// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Why nothing moves, in words: starting from what the controller waits for, each line says who
// waits for what, and the next lines say why that does not come.
#include "emulator/array/array.h"
#include "emulator/tile/core_slot.h"

#include <algorithm>
#include <fmt/format.h>

namespace ashlar::emulator {

namespace reg = device::reg;
using device::DmaDirection;
using device::PortBundle;
using device::TileId;
using device::TileKind;

namespace {

class Explainer {
public:
  explicit Explainer(Array &array) : array_(array) {}

  std::vector<std::string> run() {
    controller();
    // Then whatever else stands still, so that nothing stays hidden.
    for (Tile *t : array_.tiles()) {
      for (auto &c : t->s2mm) channel(*t, *c);
      for (auto &c : t->mm2s) channel(*t, *c);
      if (t->core()) core(*t);
      tokens(*t);
    }
    for (PacketPort *p : array_.network().packetPorts()) packetPort(*p);
    return std::move(lines_);
  }

private:
  static constexpr size_t kMostLines = 60;
  void say(std::string line) {
    if (lines_.size() < kMostLines) lines_.push_back(std::move(line));
  }

  std::string channelName(const Tile &t, const DmaChannel &c) const {
    std::string s =
        fmt::format("{} {} of {}", device::dmaDirectionName(c.direction()), c.channel(), t.name());
    const auto it = array_.names.channels.find({t.id(), c.direction(), c.channel()});
    if (it != array_.names.channels.end()) s += fmt::format(" ({})", placed(it->second));
    return s;
  }
  std::string coreName(const Tile &t) const {
    const auto it = array_.names.cores.find(t.id());
    return it == array_.names.cores.end() ? t.name()
                                          : fmt::format("{} ({})", t.name(), placed(it->second));
  }
  /// A name of the design with its place.
  static std::string placed(const NameTable::Named &n) {
    return n.place.empty() ? n.name : n.name + ", " + n.place;
  }
  /// "pc 0x6E", with the function and the source line where they are known.
  std::string at(const Tile &t, uint32_t pc) const {
    const std::string where = array_.names.code ? array_.names.code(t.id(), pc) : std::string();
    return fmt::format("pc 0x{:X}{}", pc, where.empty() ? "" : " (" + where + ")");
  }
  std::string lockName(const Tile &t, int id) const {
    const auto it = array_.names.locks.find({t.id(), id});
    if (it == array_.names.locks.end()) return fmt::format("lock {} of {}", id, t.name());
    const std::string &place = it->second.place;
    return fmt::format("lock {} (number {} of {}{})", it->second.name, id, t.name(),
                       place.empty() ? "" : ", " + place);
  }
  static std::string wanted(int value) {
    return value < 0 ? fmt::format(">= {}", -value) : fmt::format("= {}", value);
  }

  void controller() {
    Controller &c = array_.controller();
    const ControllerOp *op = c.current();
    if (!op) return;
    const auto &places = array_.names.operations;
    const std::string place = places.size() == c.size() && !places[c.position()].empty()
                                  ? ", " + places[c.position()]
                                  : std::string();
    const std::string head =
        fmt::format("the instruction stream (operation {} of {}, byte 0x{:X}{})", c.position() + 1,
                    c.size(), op->offset, place);
    if (DmaChannel *q = c.fullQueue()) {
      for (Tile *t : array_.tiles())
        for (auto *list : {&t->s2mm, &t->mm2s})
          for (auto &x : *list)
            if (x.get() == q) {
              say(fmt::format("{} waits for room in the start queue of {}, which holds {} tasks",
                              head, channelName(*t, *q), q->queued()));
              channel(*t, *q);
            }
      return;
    }
    if (const auto *p = std::get_if<PollOp>(&op->op)) {
      const TileId id = device::tileOfAddress(p->address);
      const Tile *t = array_.tile(id);
      const uint32_t offset = device::offsetOfAddress(p->address);
      const device::RegisterInfo *r = t ? device::findRegister(t->kind(), offset) : nullptr;
      say(fmt::format("{} waits until {} of tile {} & 0x{:X} is 0x{:X}", head,
                      r ? r->name : fmt::format("register 0x{:05X}", offset), id.str(), p->mask,
                      p->value));
      return;
    }
    for (const Tile::Token &m : c.missing()) {
      Tile *t = array_.tile(m.tile);
      if (!t || m.channel >= device::dmaChannels(t->kind())) {
        say(fmt::format("{} waits for a task-complete token of {} {} of tile {}, which does not "
                        "exist",
                        head, device::dmaDirectionName(m.direction), m.channel, m.tile.str()));
        continue;
      }
      DmaChannel &ch = t->channel(m.direction, m.channel);
      std::string why;
      if (t->controlOut.waiting())
        why = "; its tile has a token that cannot leave";
      else if (ch.idle() && ch.stats().tasks == 0)
        why = ", which was never started";
      else if (ch.idle())
        why = fmt::format(", which is idle: its {} task{} did not ask for a token (start-queue bit "
                          "31), or the token was taken by an earlier wait",
                          ch.stats().tasks, ch.stats().tasks == 1 ? "" : "s");
      say(fmt::format("{} waits for a task-complete token of {}{}", head, channelName(*t, ch),
                      why));
      tokens(*t);
      channel(*t, ch);
    }
  }

  void tokens(Tile &t) {
    if (!t.controlOut.waiting() || !seen_.insert(&t.controlOut).second) return;
    OutPort &out = t.output({PortBundle::Ctrl, 0});
    if (!out.connected()) {
      const std::string dead =
          array_.network().deadEnd(t.id(), device::slaveIndex(t.kind(), {PortBundle::Ctrl, 0}));
      say(fmt::format("{} holds {} token{} that cannot leave: its control port (slave TileControl) "
                      "is not routed to South 0 of a shim{}",
                      t.name(), t.controlOut.waiting(), t.controlOut.waiting() == 1 ? "" : "s",
                      dead.empty() ? "" : "; the path " + dead));
      return;
    }
    for (const Link *l : out.links)
      if (!l->room()) {
        say(fmt::format("a token of {} waits for room towards {}", t.name(), l->to));
        reader(*l);
      }
  }

  void lock(Tile &t, int id) {
    if (!seenLocks_.insert({t.id(), id}).second) return;
    // Who would release it: BDs by their words. Cores decide at run time.
    std::vector<std::string> by;
    for (Tile *u : array_.tiles())
      for (auto *list : {&u->s2mm, &u->mm2s})
        for (auto &c : *list) {
          if (c->idle() || c->state() == DmaState::Failed) continue;
          int bd = c->currentBd();
          std::set<int> chain;
          while (chain.insert(bd).second) {
            const device::Bd &b = u->peekBd(bd);
            int local = 0;
            if (b.release && u->dmaLockTile(b.release->id, local) == &t && local == id) {
              by.push_back(channelName(*u, *c));
              waiting_.push_back({u, c.get()});
              break;
            }
            if (!b.next || *b.next >= device::bdCount(u->kind())) break;
            bd = *b.next;
          }
        }
    std::vector<std::string> cores;
    if (t.kind() == TileKind::Core)
      for (Tile *u : array_.tiles()) {
        const int dc = t.id().col - u->id().col, dr = t.id().row - u->id().row;
        const bool reach = (dc == 0 && (dr == 0 || dr == 1 || dr == -1)) || (dc == -1 && dr == 0);
        if (u->core() && reach && u->core()->core().enabled()) {
          cores.push_back(coreName(*u));
          coresToSay_.push_back(u);
        }
      }
    if (by.empty() && cores.empty()) {
      say(fmt::format("nobody releases {}: no running DMA task and no enabled core near it",
                      lockName(t, id)));
      return;
    }
    std::string line = fmt::format("{} can be released by", lockName(t, id));
    for (size_t i = 0; i < by.size(); ++i) line += (i ? ", " : " ") + by[i];
    for (size_t i = 0; i < cores.size(); ++i)
      line += (i || !by.empty() ? ", " : " ") + std::string("the program of ") + cores[i];
    say(line);
    for (auto [tile, ch] : std::exchange(waiting_, {})) channel(*tile, *ch);
    for (Tile *u : std::exchange(coresToSay_, {})) core(*u);
  }

  /// Why no words come out of this link.
  void writer(const Link &l) {
    for (Tile *t : array_.tiles()) {
      for (auto &c : t->mm2s)
        for (Link *x : t->dmaOutput(c->channel()).links)
          if (x == &l) {
            if (c->idle())
              say(fmt::format("{} is idle: it has sent {} words in {} task{} and has no other",
                              channelName(*t, *c), c->stats().words, c->stats().tasks,
                              c->stats().tasks == 1 ? "" : "s"));
            channel(*t, *c);
          }
      if (t->core())
        for (Link *x : t->output({PortBundle::Core, 0}).links)
          if (x == &l) core(*t);
    }
    for (PacketPort *p : array_.network().packetPorts())
      for (size_t m = 0; m < device::masterPorts(p->tile().kind()).size(); ++m)
        for (Link *x : array_.network().packetMaster(p->tile(), static_cast<int>(m)).links)
          if (x == &l) {
            packetPort(*p);
            if (p->in && !p->in->size()) feeding(*p);
          }
  }
  void feeding(PacketPort &p) {
    if (!seen_.insert(p.in).second) return;
    say(fmt::format("{} has no packet to pass; it is fed by {}", p.name(), p.in->from));
    writer(*p.in);
  }

  /// Why nobody takes words from this link.
  void reader(const Link &l) {
    for (Tile *t : array_.tiles()) {
      for (auto &c : t->s2mm)
        if (t->dmaInput(c->channel()) == &l) {
          if (c->idle())
            say(fmt::format("{} is idle: {} words wait before it and it has no task",
                            channelName(*t, *c), l.size()));
          channel(*t, *c);
        }
      if (t->core() && t->input({PortBundle::Core, 0}) == &l) core(*t);
    }
    if (PacketPort *p = array_.network().portReading(l)) packetPort(*p);
  }

  void channel(Tile &t, DmaChannel &c) {
    if (c.idle() || !seen_.insert(&c).second) return;
    const std::string name = channelName(t, c);
    const auto place = fmt::format("BD {}, {} of {} words done", c.currentBd(),
                                   c.bd().length - c.remaining(), c.bd().length);
    if (c.state() == DmaState::Failed) {
      say(fmt::format("{} has stopped with an error (status register 0x{:08X}: {})", name,
                      c.status(), errorText(c.status())));
      return;
    }
    switch (c.wait()) {
    case DmaWait::Lock: {
      int local = 0;
      Tile *owner = t.dmaLockTile(c.bd().acquire->id, local);
      if (!owner) return;
      say(fmt::format("{} waits for {} {}; its value is {} (BD {})", name, lockName(*owner, local),
                      wanted(c.bd().acquire->value), owner->locks.value(local), c.currentBd()));
      lock(*owner, local);
      return;
    }
    case DmaWait::NoStream: {
      const bool in = c.direction() == DmaDirection::S2MM;
      const std::string dead =
          in ? std::string()
             : array_.network().deadEnd(t.id(),
                                        device::slaveIndex(t.kind(), t.dmaSlave(c.channel())));
      say(fmt::format("{} {} ({}){}", name,
                      in ? "waits for data, but no stream is routed to it"
                         : "has data to send, but its stream is not routed anywhere",
                      place, dead.empty() ? "" : ": the path " + dead));
      return;
    }
    case DmaWait::Stream: {
      if (c.direction() == DmaDirection::S2MM) {
        const Link *l = t.dmaInput(c.channel());
        if (!l) return;
        say(fmt::format("{} waits for stream data from {} ({})", name, l->from, place));
        writer(*l);
        return;
      }
      for (const Link *l : t.dmaOutput(c.channel()).links)
        if (!l->room()) {
          say(fmt::format("{} waits for room in its stream to {} ({})", name, l->to, place));
          reader(*l);
        }
      return;
    }
    case DmaWait::Paused: say(fmt::format("{} is paused by its control register", name)); return;
    case DmaWait::Bank:
    case DmaWait::None: return;
    }
  }

  static std::string errorText(uint32_t status) {
    std::string s;
    const auto add = [&](uint32_t bit, const char *what) {
      if (status & bit) s += std::string(s.empty() ? "" : ", ") + what;
    };
    add(DmaChannel::kBdInvalid, "BD not valid");
    add(DmaChannel::kBdUnavailable, "BD not available to this channel");
    add(DmaChannel::kMemoryUnavailable, "no memory at the address");
    add(DmaChannel::kLockUnavailable, "no such lock");
    add(DmaChannel::kFotLength, "packet longer than the BD");
    add(DmaChannel::kDecodeError, "host address refused");
    add(DmaChannel::kQueueOverflow, "start queue overflow");
    return s.empty() ? "no error bit" : s;
  }

  void core(Tile &t) {
    CoreSlot &slot = *t.core();
    const Core &c = slot.core();
    if (!seen_.insert(&slot).second) return;
    const CoreWait &w = c.waiting();
    switch (c.state()) {
    case CoreState::LockStall: {
      int local = 0;
      Tile *owner = slot.lockTile(w.lock, local);
      if (!owner) return;
      say(fmt::format("{} waits for {} {}; its value is {} ({})", coreName(t),
                      lockName(*owner, local), wanted(w.value), owner->locks.value(local),
                      at(t, w.pc)));
      lock(*owner, local);
      return;
    }
    case CoreState::StreamInStall: {
      const Link *l = t.input({PortBundle::Core, 0});
      say(fmt::format("{} reads its stream input at {}{}", coreName(t), at(t, w.pc),
                      l ? " and waits for " + l->from : ", to which no stream is routed"));
      if (l) writer(*l);
      return;
    }
    case CoreState::StreamOutStall: {
      OutPort &out = t.output({PortBundle::Core, 0});
      if (!out.connected()) {
        say(fmt::format("{} writes its stream output at {}, which is not routed anywhere",
                        coreName(t), at(t, w.pc)));
        return;
      }
      for (const Link *l : out.links)
        if (!l->room()) {
          say(fmt::format("{} writes its stream output at {} and waits for room towards {}",
                          coreName(t), at(t, w.pc), l->to));
          reader(*l);
        }
      return;
    }
    case CoreState::CascadeInStall: {
      Tile *from = slot.cascadeSource();
      say(fmt::format("{} reads its cascade input at {}{}", coreName(t), at(t, w.pc),
                      from ? " and waits for " + coreName(*from)
                           : ", which no neighbour is configured to write"));
      if (from) core(*from);
      return;
    }
    case CoreState::CascadeOutStall: {
      Tile *to = slot.cascadeTarget();
      say(fmt::format("{} writes its cascade output at {}{}", coreName(t), at(t, w.pc),
                      to ? " and waits for " + coreName(*to)
                         : ", which no neighbour is configured to read"));
      if (to) core(*to);
      return;
    }
    case CoreState::Running:
    case CoreState::MemoryStall:
      say(fmt::format("{} runs ({})", coreName(t), at(t, c.pc())));
      return;
    case CoreState::Done: say(fmt::format("{} has finished its program", coreName(t))); return;
    case CoreState::Faulted: say(fmt::format("{} has stopped with a fault", coreName(t))); return;
    case CoreState::Disabled: return;
    }
  }

  void packetPort(PacketPort &p) {
    if (p.wait() == PacketPort::Wait::None || !seen_.insert(&p).second) return;
    const int id = static_cast<int>(p.header() & 31);
    switch (p.wait()) {
    case PacketPort::Wait::NoRule:
      say(fmt::format("{} is blocked by a packet with id {} from {}: no rule matches it", p.name(),
                      id, p.in->from));
      return;
    case PacketPort::Wait::NoMaster:
      say(fmt::format("{} is blocked by a packet with id {} from {}: no master takes arbiter {}",
                      p.name(), id, p.in->from, p.arbiter()));
      return;
    case PacketPort::Wait::Arbiter: {
      Arbiter &a = array_.network().arbiter(p.tile(), p.arbiter());
      if (const auto order = mergeOrder(p.tile(), p.arbiter()); !order.empty() && !a.owner) {
        const auto &next = order[static_cast<size_t>(a.turn) % order.size()];
        const auto slaves = device::slavePorts(p.tile().kind());
        say(fmt::format(
            "{} (packet id {} from {}) waits for its turn: arbiter {} merges in a fixed "
            "order and wants a packet from slave {} first",
            p.name(), id, p.in->from, p.arbiter(),
            next.slave < static_cast<int>(slaves.size())
                ? slaves[static_cast<size_t>(next.slave)].str()
                : std::to_string(next.slave)));
        return;
      }
      say(fmt::format("{} (packet id {} from {}) waits for arbiter {}, which serves {}", p.name(),
                      id, p.in->from, p.arbiter(), a.owner ? a.owner->name() : "nobody"));
      if (a.owner) {
        packetPort(*a.owner);
        if (a.owner->in && !a.owner->in->size()) feeding(*a.owner);
      }
      return;
    }
    case PacketPort::Wait::Room:
      for (int m : p.destinations()) {
        OutPort &out = array_.network().packetMaster(p.tile(), m);
        if (!out.connected())
          say(fmt::format("{} cannot pass a packet with id {} on: master {} leads nowhere",
                          p.name(), id,
                          device::masterPorts(p.tile().kind())[static_cast<size_t>(m)].str()));
        for (const Link *l : out.links)
          if (!l->room()) {
            say(fmt::format("{} (packet id {}) waits for room towards {}", p.name(), id, l->to));
            reader(*l);
          }
      }
      return;
    case PacketPort::Wait::None: return;
    }
  }

  Array &array_;
  std::vector<std::string> lines_;
  std::set<const void *> seen_;
  std::set<std::pair<TileId, int>> seenLocks_;
  std::vector<std::pair<Tile *, DmaChannel *>> waiting_;
  std::vector<Tile *> coresToSay_;
};

} // namespace

std::vector<std::string> explainWaiting(Array &array) { return Explainer(array).run(); }

} // namespace ashlar::emulator
