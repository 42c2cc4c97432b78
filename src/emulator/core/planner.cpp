// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Makes the plan of a cycle. Reads come before writes: an instruction sees the registers as they
// were before this cycle. So results wait in the frame of their bundle for the end of the cycle in
// which they are written - or go to their register at once, when nobody else reads or writes it in
// that cycle. Forwarded copies of vectors and accumulators are written one cycle earlier.
#include "emulator/core/cycle_plan.h"

#include "base/base.h"
#include "emulator/core/value/address.h"

#include <algorithm>
#include <bit>

namespace ashlar::emulator {
namespace {

struct Draft {
  Step run;
  const MicroOp *op;
  int32_t extra = 0;
  std::vector<const void *> in;
  std::vector<void *> out;
  std::vector<std::pair<const void *, unsigned>> reads; ///< registers
  bool inPlace = false;                                 ///< reads all before it writes
};

class Planner {
public:
  Planner(uint8_t *frames, const RegisterFile &registers, const std::vector<Pending> &before)
      : frames_(frames), registers_(registers), pending_(before) {
    for (const Pending &p : pending_) used_ |= 1U << p.frame;
  }

  std::unique_ptr<CyclePlan> run(const PreparedBundle *bundle, uint32_t returnAddress) {
    plan_ = std::make_unique<CyclePlan>();
    plan_->bundle = bundle;
    // What this cycle enters comes behind what was there: each list is complete when it is read.
    each(Pending::Type::Ask, [this](const Pending &p) { ask(p); });
    each(Pending::Type::Load, [this](const Pending &p) {
      access(p);
      load(p);
    });
    plan_->loadCount = static_cast<uint8_t>(accesses_.size());
    each(Pending::Type::Store, [this](const Pending &p) { access(p); });
    each(Pending::Type::Late, [this](const Pending &p) { late(p); });
    const size_t front = drafts_.size();
    if (bundle != nullptr) {
      plan_->size = bundle->size;
      plan_->instructions = bundle->instructions;
      frame_ = freeFrame(bundle->home);
      for (const MicroOp &op : bundle->ops) issue(op, returnAddress);
    }
    each(Pending::Type::Store, [this](const Pending &p) { store(p); });
    writes();
    plan_->settles = !asks_.empty() || !accesses_.empty();
    plan_->observes |= !asks_.empty();
    finish(front);
    return std::move(plan_);
  }

  /// What is pending in the next cycle.
  std::vector<Pending> after() const {
    std::vector<Pending> out;
    for (Pending p : pending_)
      if (p.due > 0) {
        --p.due;
        out.push_back(p);
      }
    return out;
  }

private:
  /// A piece of the register file.
  struct Range {
    unsigned at, bytes;
    bool meets(const Range &o) const { return at < o.at + o.bytes && o.at < at + bytes; }
  };

  template <class F> void each(Pending::Type type, F &&f) {
    for (size_t i = 0; i < pending_.size(); ++i)
      if (pending_[i].type == type && pending_[i].due == 0) f(Pending(pending_[i]));
  }
  unsigned freeFrame(unsigned home) const {
    for (unsigned i = 0; i < kFrames; ++i)
      if (const unsigned f = (home + i) % kFrames; (used_ >> f & 1) == 0) return f;
    ASHLAR_ASSERT(false);
    return 0;
  }
  uint8_t *at(unsigned frame, unsigned offset) const {
    return frames_ + frame * kFrameBytes + offset;
  }
  Request *requestOf(const MicroOp &op, unsigned frame) const {
    return reinterpret_cast<Request *>(at(frame, op.request));
  }
  bool isRegister(const void *p) const {
    const auto *b = static_cast<const uint8_t *>(p);
    return b >= registers_.bytes && b < registers_.bytes + kRegisterBytes;
  }

  Draft &draft(Step run, const MicroOp &op, std::vector<const void *> in, std::vector<void *> out,
               int32_t extra = 0) {
    return drafts_.emplace_back(Draft{run, &op, extra, std::move(in), std::move(out), {}, false});
  }
  /// A draft whose operands are scalar registers.
  Draft &scalarDraft(Step run, const MicroOp &op, std::vector<const void *> in,
                     std::vector<void *> out, int32_t extra = 0) {
    Draft &d = draft(run, op, std::move(in), std::move(out), extra);
    for (const void *p : d.in) d.reads.push_back({p, 4});
    return d;
  }
  Draft &copy(const MicroOp &op, const void *from, void *to, unsigned bytes) {
    Step s = bytes == 4     ? step::copyWord
             : bytes == 8   ? step::copyPair
             : bytes == 16  ? step::copy16
             : bytes == 32  ? step::copy32
             : bytes == 64  ? step::copy64
             : bytes == 128 ? step::copy128
                            : step::copyBytes;
    Draft &d = draft(s, op, {from}, {to}, static_cast<int32_t>(bytes));
    d.reads.push_back({from, bytes});
    return d;
  }

  // ---- entering what is to happen later

  void schedule(Pending::Type type, const MicroOp &op, unsigned cycle, unsigned lateCycle = 0) {
    pending_.push_back({&op, nullptr, nullptr, type, static_cast<uint8_t>(cycle - 1),
                        static_cast<uint8_t>(frame_), static_cast<uint8_t>(lateCycle), 0, false, 0,
                        0});
  }
  /// The place for a result that is known in cycle `now` of its instruction.
  uint8_t *result(const MicroOp &op, const Output &o, unsigned place, unsigned frame, unsigned now,
                  uint8_t needed = 0) {
    uint8_t *value = at(frame, place);
    pending_.push_back({&op, &o, value, Pending::Type::Write,
                        static_cast<uint8_t>(std::max<unsigned>(o.cycle, now) - now),
                        static_cast<uint8_t>(frame), 0, needed, false, 0, 0});
    return value;
  }
  std::vector<void *> results(const MicroOp &op, unsigned frame, unsigned now) {
    std::vector<void *> out;
    for (unsigned i = 0; i < op.outputCount; ++i)
      out.push_back(result(op, op.outputs[i], op.result[i], frame, now));
    return out;
  }

  // ---- what was entered

  void ask(const Pending &p) {
    const MicroOp &op = *p.op;
    AskPlan a{&op, requestOf(op, p.frame), at(p.frame, op.data), {}};
    const auto answer = [&](unsigned i, unsigned now, uint8_t needed) {
      a.results[i] = result(op, op.outputs[i], op.result[i], p.frame, now, needed);
    };
    switch (op.semantics->kind) {
    case Kind::StreamRead:
      answer(0, op.memoryCycle, kWordCame); // a word that did not come leaves the register alone
      answer(1, op.memoryCycle, kAnswered);
      break;
    case Kind::StreamWrite:
      if (op.outputCount > 0) answer(0, 2, kAnswered);
      break;
    case Kind::CascadeRead: answer(0, op.memoryCycle, kAnswered); break;
    default: break;
    }
    asks_.push_back(a);
  }

  void access(const Pending &p) {
    const Kind k = p.op->semantics->kind;
    const bool tile = k == Kind::LoadTile || k == Kind::StoreTile, gathers = k == Kind::Gather;
    accesses_.push_back({p.op, requestOf(*p.op, p.frame),
                         tile || gathers     ? 0U
                         : p.op->bytes == 32 ? 3U
                                             : 1U,
                         gathers});
    plan_->observes |= tile;
    plan_->gathers |= gathers;
  }

  /// The operands of the kernel when it runs in cycle `now`: kept ones, registers, immediates.
  std::vector<const void *> operands(const MicroOp &op, unsigned frame, unsigned now, Draft *reader,
                                     unsigned standing = 0) {
    std::vector<const void *> in;
    for (unsigned i = 0; i < op.inputCount; ++i) {
      const bool kept = op.kept[i] != 0 && op.inputs[i].cycle < now && (standing >> i & 1) == 0;
      in.push_back(kept ? at(frame, op.kept[i]) : op.in[i]);
      if (!kept && reader != nullptr && isRegister(op.in[i]))
        reader->reads.push_back({op.in[i], op.inputs[i].bytes});
    }
    return in;
  }
  void runKernel(const MicroOp &op, unsigned frame, unsigned now, unsigned standing = 0,
                 const void *memory = nullptr) {
    const Step fused = fusedStep(op.kernel);
    const bool scalar = op.outputCount == 0 || op.outputs[0].bytes <= 8;
    Draft d{
        fused != nullptr ? fused : step::kernel, &op, 0, {}, {}, {}, fused != nullptr && scalar};
    d.in = operands(op, frame, now, &d, standing);
    if (memory != nullptr) d.in[0] = memory;
    d.out = results(op, frame, now);
    drafts_.push_back(std::move(d));
  }
  /// The entry that will run the kernel.
  static bool runs(const Pending &p) {
    const MicroOp &op = *p.op;
    if (p.type == Pending::Type::Load)
      return op.lastUse <= op.memoryCycle && op.semantics->kind != Kind::StoreSubWord;
    return p.type == Pending::Type::Late && p.cycle == op.lastUse &&
           (op.semantics->kind == Kind::Compute || op.lastUse > op.memoryCycle);
  }
  /// The inputs of `cycle` are read: they stand in their registers until somebody writes there.
  void keep(const MicroOp &op, unsigned frame, unsigned cycle) {
    unsigned mask = 0;
    for (unsigned i = 0; i < op.inputCount; ++i)
      if (op.inputs[i].cycle == cycle && op.kept[i] != 0) mask |= 1U << i;
    for (Pending &p : pending_)
      if (p.op == &op && p.frame == frame && runs(p)) p.standing |= static_cast<uint8_t>(mask);
  }
  /// Before the writes of this cycle: what they would overwrite is kept.
  void keepStanding(const std::vector<Range> &touched) {
    for (Pending &p : pending_) {
      if (p.standing == 0 || p.due == 0) continue;
      const MicroOp &op = *p.op;
      for (unsigned i = 0; i < op.inputCount; ++i) {
        if ((p.standing >> i & 1) == 0) continue;
        const auto from = static_cast<const uint8_t *>(op.in[i]) - registers_.bytes;
        const Range r{static_cast<unsigned>(from), op.inputs[i].bytes};
        if (std::none_of(touched.begin(), touched.end(),
                         [&](const Range &t) { return t.meets(r); }))
          continue;
        copy(op, op.in[i], at(p.frame, op.kept[i]), op.inputs[i].bytes);
        p.standing &= static_cast<uint8_t>(~(1U << i));
      }
    }
  }

  void load(const Pending &p) {
    const MicroOp &op = *p.op;
    Request *request = requestOf(op, p.frame);
    uint8_t *data = at(p.frame, op.data);
    const auto into = [&](Step s) { draft(s, op, {request}, {data}); };
    switch (op.semantics->kind) {
    case Kind::StoreSubWord: into(step::loadAround); return;
    case Kind::LoadTile: into(step::loadTile); break;
    case Kind::Gather: into(step::loadGather); break;
    default:
      if (op.lastUse > op.memoryCycle) {
        into(step::loadData);
        return;
      }
      Draft d{step::loadKernel, &op, 0, {}, {}, {}, false};
      d.in = operands(op, p.frame, op.memoryCycle, &d, p.standing);
      d.in[0] = request;
      d.out = results(op, p.frame, op.memoryCycle);
      const bool whole = op.plainLoad && op.outputCount == 1 && op.outputs[0].bytes == op.bytes;
      if (whole && op.bytes == 4) d.run = step::loadWord;
      if (whole && op.bytes == 32) d.run = step::load32;
      drafts_.push_back(std::move(d));
      return;
    }
    if (op.lastUse <= op.memoryCycle) runKernel(op, p.frame, op.memoryCycle, p.standing, data);
  }

  void late(const Pending &p) {
    const MicroOp &op = *p.op;
    if (op.semantics->kind == Kind::StoreSubWord) {
      // The low bytes of the register replace their place in the word read before.
      Draft &d =
          draft(step::mergeSubWord, op, {requestOf(op, p.frame), op.in[0]}, {at(p.frame, op.data)});
      d.reads.push_back({op.in[0], 4});
    } else if (p.cycle < op.lastUse) {
      keep(op, p.frame, p.cycle);
    } else {
      const bool loads = op.semantics->kind != Kind::Compute;
      if (loads && op.lastUse <= op.memoryCycle) return; // it ran with the load
      runKernel(op, p.frame, op.lastUse, p.standing, loads ? at(p.frame, op.data) : nullptr);
    }
  }

  void store(const Pending &p) {
    const MicroOp &op = *p.op;
    const Kind k = op.semantics->kind;
    const Step s = k == Kind::StoreTile      ? step::storeTile
                   : k == Kind::StoreSubWord ? step::storeSubWord
                   : op.bytes == 4           ? step::storeWord
                   : op.bytes == 32          ? step::store32
                                             : step::storeBytes;
    draft(s, op, {requestOf(op, p.frame), at(p.frame, op.data)}, {});
  }

  // ---- cycle 1

  void address(const MicroOp &op) {
    void *request = op.semantics->kind != Kind::Pointer ? requestOf(op, frame_) : nullptr;
    std::vector<void *> out{request};
    const auto moved = [&](const Output &o, unsigned i) {
      out.push_back(result(op, o, op.pointerResult[i], frame_, 1));
    };
    switch (op.mode) {
    case AddressMode::IndexRegister:
      scalarDraft(step::addressIndexed, op, {op.pointer, op.modifier}, out);
      return;
    case AddressMode::IndexImmediate:
    case AddressMode::Stack:
      scalarDraft(step::addressOffset, op, {op.pointer}, out, op.offset);
      return;
    case AddressMode::PostRegister:
      moved(op.pointerOut, 0);
      scalarDraft(step::addressPostIndex, op, {op.pointer, op.modifier}, out).inPlace = true;
      return;
    case AddressMode::PostImmediate:
    case AddressMode::StackAdjust:
      moved(op.pointerOut, 0);
      scalarDraft(step::addressPostOffset, op, {op.pointer}, out, op.offset).inPlace = true;
      return;
    case AddressMode::Post2D:
    case AddressMode::Post3D: {
      moved(op.pointerOut, 0);
      moved(op.countOut, 1);
      const bool three = op.mode == AddressMode::Post3D;
      if (three) moved(op.countHighOut, 2);
      Draft &d = draft(three ? step::address3D : step::address2D, op, {}, out);
      d.reads.push_back({op.pointer, 4});
      for (const uint32_t *r : op.low) d.reads.push_back({r, 4});
      if (three)
        for (const uint32_t *r : op.high) d.reads.push_back({r, 4});
      d.inPlace = true;
      return;
    }
    default: scalarDraft(step::addressPlain, op, {op.pointer}, out); return;
    }
  }

  /// Enters the reads behind cycle 1.
  void holdOperands(const MicroOp &op) {
    for (uint32_t left = op.lateCycles; left != 0; left &= left - 1) {
      const auto cycle = static_cast<unsigned>(std::countr_zero(left));
      schedule(Pending::Type::Late, op, cycle, cycle);
    }
  }

  void issue(const MicroOp &op, uint32_t returnAddress) {
    // The semaphore unit starts in cycle 2; stream and cascade inputs deliver with the timing of a
    // load, so they are asked in the memory cycle.
    constexpr unsigned kAskCycle = 2;
    Request *request = requestOf(op, frame_);
    const auto kernelInputs = [&](Step s, std::vector<void *> out) {
      Draft d{s, &op, 0, {}, std::move(out), {}, false};
      d.in = operands(op, frame_, 1, &d);
      drafts_.push_back(std::move(d));
    };
    switch (op.semantics->kind) {
    case Kind::Compute:
      if (op.lastUse > 1) {
        holdOperands(op);
        keep(op, frame_, 1);
      } else
        runKernel(op, frame_, 1);
      return;
    case Kind::Pointer: address(op); return;
    case Kind::Load:
    case Kind::LoadTile:
      ++plan_->loads;
      if (!op.plainLoad) holdOperands(op);
      address(op);
      schedule(Pending::Type::Load, op, op.memoryCycle);
      if (!op.plainLoad) keep(op, frame_, 1);
      return;
    case Kind::Gather:
      ++plan_->loads;
      draft(step::addressGather, op, {op.in[1]}, {request})
          .reads.push_back({op.in[1], op.inputs[1].bytes});
      schedule(Pending::Type::Load, op, op.memoryCycle);
      return;
    case Kind::Store:
    case Kind::StoreTile: {
      ++plan_->stores;
      address(op);
      const Step fused = fusedStep(op.kernel);
      std::vector<void *> out = results(op, frame_, 1);
      out.insert(out.begin(), at(frame_, op.data));
      kernelInputs(fused != nullptr ? fused : step::kernel, std::move(out));
      schedule(Pending::Type::Store, op, op.memoryCycle);
      return;
    }
    case Kind::StoreSubWord:
      ++plan_->stores;
      address(op);
      schedule(Pending::Type::Load, op, op.memoryCycle);
      schedule(Pending::Type::Late, op, op.lastUse, op.lastUse);
      schedule(Pending::Type::Store, op, op.writeBackCycle);
      return;
    case Kind::Jump:
    case Kind::Return: kernelInputs(step::jump, {}); return;
    case Kind::Call:
      kernelInputs(step::jump, {});
      draft(step::constant, op, {}, {result(op, op.outputs[0], op.result[0], frame_, 1)},
            static_cast<int32_t>(returnAddress));
      return;
    case Kind::JumpIfZero: kernelInputs(step::jumpIfZero, {}); return;
    case Kind::JumpIfNotZero: kernelInputs(step::jumpIfNotZero, {}); return;
    case Kind::JumpDecrement: // counts down; the carry is that of subtracting one
      kernelInputs(step::jumpDecrement, results(op, frame_, 1));
      drafts_.back().inPlace = true;
      return;
    case Kind::Acquire:
    case Kind::AcquireIf:
    case Kind::Release:
    case Kind::ReleaseIf:
      kernelInputs(step::askLock, {request});
      schedule(Pending::Type::Ask, op, kAskCycle);
      return;
    case Kind::StreamRead:
    case Kind::CascadeRead:
      draft(step::askStreamRead, op, {}, {request});
      schedule(Pending::Type::Ask, op, op.memoryCycle);
      return;
    case Kind::StreamWrite:
      kernelInputs(step::askStreamWrite, {request});
      schedule(Pending::Type::Ask, op, kAskCycle);
      return;
    case Kind::CascadeWrite:
      draft(step::askStreamRead, op, {}, {request});
      copy(op, op.in[0], at(frame_, op.data), 64);
      schedule(Pending::Type::Ask, op, kAskCycle);
      return;
    case Kind::Counter:
      plan_->observes = true;
      draft(step::counter, op, {}, results(op, frame_, 1));
      return;
    case Kind::Event:
      plan_->observes = true;
      draft(step::event, op, {}, {});
      return;
    case Kind::Done:
      plan_->observes = true;
      draft(step::done, op, {}, {});
      return;
    case Kind::Nop: return;
    case Kind::NotSimulated: break;
    }
    plan_->observes = true;
    draft(step::notSimulated, op, {}, {});
  }

  // ---- register writes

  static bool isVector(const Output &o) { return o.bytes > 8; }
  void *registerAt(unsigned offset) const {
    return const_cast<uint8_t *>(registers_.bytes) + offset;
  }

  /// The ranges that a write touches at the end of this cycle.
  static void addRanges(std::vector<Range> &to, const Output &o, bool main) {
    const unsigned bytes = isVector(o) ? o.bytes : o.bytes == 8 ? 8 : 4;
    if (main) to.push_back({o.offset, bytes});
    if (isVector(o) && o.forwarded != 0) to.push_back({o.forwarded, o.bytes});
  }

  bool reads(const Draft &d, const Range &r) const {
    return std::any_of(d.reads.begin(), d.reads.end(), [&](const auto &read) {
      if (!isRegister(read.first)) return false;
      const auto from = static_cast<const uint8_t *>(read.first) - registers_.bytes;
      return r.meets({static_cast<unsigned>(from), read.second});
    });
  }
  /// Whether the value needs no masking: pointers wrap when they are made, flags are 0 or 1.
  static bool fits(const Pending &p, bool exact) {
    const Output &o = *p.output;
    if (isVector(o) || o.bytes == 8 || o.mask == ~0U) return true;
    const MicroOp &op = *p.op;
    if (&o == &op.pointerOut || &o == &op.countOut || &o == &op.countHighOut)
      return (o.mask & kAddressMask) == kAddressMask;
    return exact && o.mask == 1 && &o > &op.outputs[0] && &o < &op.outputs[kMaxOutputs];
  }
  /// Lets the step that computes the value put it into its register at once, if nobody can tell.
  bool writeAtOnce(const Pending &p, const std::vector<Range> &touched) {
    const Output &o = *p.output;
    if (o.sticky || p.needed != 0) return false;
    const Range mine{o.offset, isVector(o) ? o.bytes : o.bytes == 8 ? 8U : 4U};
    if (!alone(mine, touched)) return false;
    void **place = nullptr;
    for (Draft &d : drafts_) {
      const bool makes = place == nullptr && findPlace(d, p.from, place);
      if (makes ? !fits(p, d.inPlace) || (!d.inPlace && reads(d, mine))
                : place != nullptr && reads(d, mine))
        return false;
    }
    if (place == nullptr) return false;
    *place = registerAt(o.offset);
    return true;
  }
  static bool findPlace(Draft &d, const void *value, void **&place) {
    for (void *&out : d.out)
      if (out == value) place = &out;
    return place != nullptr;
  }

  void writes() {
    std::vector<Range> touched;
    for (const Pending &p : pending_) {
      if (p.type != Pending::Type::Write) continue;
      if (p.due == 0) addRanges(touched, *p.output, true);
      if (p.due == 1 && isVector(*p.output) && p.output->early)
        addRanges(touched, *p.output, false);
    }
    keepStanding(touched);
    std::vector<size_t> scalars, vectors, early;
    for (size_t i = 0; i < pending_.size(); ++i) {
      const Pending &p = pending_[i];
      if (p.type != Pending::Type::Write) continue;
      if (p.due == 0) (isVector(*p.output) ? vectors : scalars).push_back(i);
      if (p.due == 1 && isVector(*p.output) && p.output->early) early.push_back(i);
    }
    std::vector<bool> direct(pending_.size());
    for (const auto *list : {&scalars, &vectors})
      for (size_t i : *list) direct[i] = writeAtOnce(pending_[i], touched);
    for (size_t i : scalars)
      if (!direct[i]) writeScalar(pending_[i]);
    for (size_t i : vectors) writeVector(pending_[i], direct[i], touched);
    for (size_t i : early) {
      Pending &p = pending_[i];
      const Output &o = *p.output;
      write(p, p.from, registerAt(o.forwarded), o.bytes);
      p.shown = p.needed == 0 && alone({o.forwarded, o.bytes}, touched);
    }
  }
  static bool alone(const Range &r, const std::vector<Range> &touched) {
    return std::count_if(touched.begin(), touched.end(),
                         [&](const Range &t) { return t.meets(r); }) == 1;
  }
  void write(const Pending &p, const void *from, void *to, unsigned bytes) {
    if (p.needed == 0) {
      copy(*p.op, from, to, bytes);
      return;
    }
    draft(step::copyAnswered, *p.op, {from, requestOf(*p.op, p.frame)}, {to},
          static_cast<int32_t>(bytes | unsigned{p.needed} << 16));
  }
  void writeScalar(const Pending &p) {
    const Output &o = *p.output;
    void *to = registerAt(o.offset);
    if (o.bytes == 8 || (o.mask == ~0U && !o.sticky))
      return write(p, p.from, to, o.bytes == 8 ? 8 : 4);
    ASHLAR_ASSERT(p.needed == 0 || !o.sticky);
    if (p.needed != 0) return write(p, p.from, to, 4); // flags of one bit, 0 or 1
    draft(o.sticky ? step::copySticky : step::copyMasked, *p.op, {p.from}, {to},
          static_cast<int32_t>(o.mask));
  }
  void writeVector(const Pending &p, bool direct, const std::vector<Range> &touched) {
    const Output &o = *p.output;
    const void *from = direct ? registerAt(o.offset) : p.from;
    if (!direct) write(p, from, registerAt(o.offset), o.bytes);
    if (o.forwarded == 0) return;
    if (p.shown && alone({o.forwarded, o.bytes}, touched)) return;
    write(p, from, registerAt(o.forwarded), o.bytes);
  }

  // ---- the finished plan

  /// Steps of one kind that follow each other become one.
  void join(size_t front) {
    static constexpr struct {
      Step one, two;
    } kPairs[] = {{step::copy32, step::copy32Twice},
                  {step::copy32Twice, step::copy32FourTimes},
                  {step::load32, step::load32Twice}};
    for (const auto &pair : kPairs) {
      std::vector<Draft> joined;
      for (size_t i = 0; i < drafts_.size(); ++i) {
        if (i == front) front_ = joined.size();
        Draft &d = drafts_[i];
        if (d.run == pair.one && i + 1 < drafts_.size() && i + 1 != front &&
            drafts_[i + 1].run == pair.one &&
            (pair.one != step::load32 || drafts_[i + 1].op->pc == d.op->pc)) { // told in faults
          d.run = pair.two;
          const Draft &next = drafts_[++i];
          d.in.insert(d.in.end(), next.in.begin(), next.in.end());
          d.out.insert(d.out.end(), next.out.begin(), next.out.end());
        }
        joined.push_back(std::move(d));
      }
      if (front == drafts_.size()) front_ = joined.size();
      drafts_ = std::move(joined);
      front = front_;
    }
  }
  static size_t sizeOf(const Draft &d) {
    return sizeof(StepHead) + sizeof(void *) * (d.in.size() + d.out.size());
  }
  void finish(size_t front) {
    join(front);
    front = front_;
    size_t bytes = 2 * sizeof(StepHead) + asks_.size() * sizeof(AskPlan) +
                   accesses_.size() * sizeof(AccessPlan);
    for (const Draft &d : drafts_) bytes += sizeOf(d);
    plan_->code = std::make_unique<uint8_t[]>(bytes);
    uint8_t *to = plan_->code.get();
    const auto chain = [&](size_t from, size_t end) {
      const auto *first = reinterpret_cast<const StepHead *>(to);
      for (size_t i = from; i < end; ++i) {
        const Draft &d = drafts_[i];
        auto *head = new (to) StepHead;
        head->run = d.run;
        head->op = d.op;
        head->extra = d.extra;
        head->bytes = static_cast<uint16_t>(sizeOf(d));
        head->outAt = static_cast<uint16_t>(sizeof(StepHead) + sizeof(void *) * d.in.size());
        std::copy(d.in.begin(), d.in.end(), reinterpret_cast<const void **>(head + 1));
        std::copy(d.out.begin(), d.out.end(), reinterpret_cast<void **>(to + head->outAt));
        to += head->bytes;
      }
      new (to) StepHead{endOfSteps, nullptr, sizeof(StepHead), sizeof(StepHead), 0};
      to += sizeof(StepHead);
      return first;
    };
    if (front != 0) plan_->front = chain(0, front);
    plan_->main = chain(front, drafts_.size());
    const auto list = [&to](const auto &items) {
      using T = std::remove_cvref_t<decltype(items.front())>;
      auto *first = reinterpret_cast<T *>(to);
      std::uninitialized_copy(items.begin(), items.end(), first);
      to += items.size() * sizeof(T);
      return first;
    };
    plan_->asks = list(asks_);
    plan_->accesses = list(accesses_);
    plan_->askCount = static_cast<uint8_t>(asks_.size());
    plan_->accessCount = static_cast<uint8_t>(accesses_.size());
  }

  uint8_t *frames_;
  const RegisterFile &registers_;
  std::vector<Pending> pending_;
  uint32_t used_ = 0;
  unsigned frame_ = 0;
  size_t front_ = 0; ///< drafts before the bundle's
  std::unique_ptr<CyclePlan> plan_;
  std::vector<Draft> drafts_;
  std::vector<AskPlan> asks_;
  std::vector<AccessPlan> accesses_;
};

size_t hashOf(const std::vector<Pending> &pending) {
  const std::string_view bytes(reinterpret_cast<const char *>(pending.data()),
                               pending.size() * sizeof(Pending));
  return std::hash<std::string_view>()(bytes);
}

} // namespace

PlanStore::PlanStore(uint8_t *frames, const RegisterFile &registers)
    : frames_(frames), registers_(registers), empty_(intern({})) {}

InFlight *PlanStore::intern(std::vector<Pending> pending) {
  static_assert(std::has_unique_object_representations_v<Pending>);
  const size_t hash = hashOf(pending);
  const auto [first, last] = inFlight_.equal_range(hash);
  for (auto i = first; i != last; ++i) {
    const std::vector<Pending> &known = i->second->pending;
    if (known.size() == pending.size() &&
        (known.empty() ||
         std::memcmp(known.data(), pending.data(), known.size() * sizeof(Pending)) == 0))
      return i->second.get();
  }
  auto fresh = std::make_unique<InFlight>();
  uint32_t seen = 0;
  for (const Pending &p : pending) {
    if ((seen >> p.frame & 1) == 0) fresh->frames.push_back({p.frame, p.op->frameBytes});
    seen |= 1U << p.frame;
  }
  fresh->pending = std::move(pending);
  return inFlight_.emplace(hash, std::move(fresh))->second.get();
}

CyclePlan *PlanStore::make(InFlight *now, uint32_t pc, const PreparedBundle *bundle,
                           uint32_t returnAddress) {
  Planner planner(frames_, registers_, now->pending);
  std::unique_ptr<CyclePlan> plan = planner.run(bundle, returnAddress);
  plan->after = intern(planner.after());
  CyclePlan *out = plan.get();
  now->plans.push_back({pc, out});
  plans_.push_back(std::move(plan));
  return out;
}

InFlight *PlanStore::forget(const InFlight *now) {
  std::vector<Pending> pending = now->pending;
  plans_.clear();
  inFlight_.clear();
  empty_ = intern({});
  return intern(std::move(pending));
}

} // namespace ashlar::emulator
