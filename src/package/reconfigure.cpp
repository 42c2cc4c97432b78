// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A device's configuration as control packets. They write whole registers, so masked writes become
// writes of what the register then holds, with zero where nothing has written before: the array
// starts out reset.
#include "base/assert.h"
#include "device/registers.h"
#include "format/cdo.h"
#include "package/configure.h"
#include "plan/control_packet.h"

#include <map>

namespace ashlar::package {
namespace {

using namespace format;

class Packets {
public:
  Packets(const plan::Plan &plan, plan::RuntimeSequence &out) : plan_(plan), out_(out) {}

  Status write(uint32_t address, std::vector<uint32_t> words) {
    for (size_t i = 0; i < words.size(); ++i)
      registers_[address + static_cast<uint32_t>(4 * i)] = words[i];
    const device::TileId tile = device::tileOfAddress(address);
    const plan::ControlRoute *route = plan::controlRoute(plan_, tile);
    if (!route)
      return error("no-control-route", {},
                   fmt::format("no control packet reaches tile {}", tile.str()),
                   "build with control routes: aiecc --aie-generate-ctrlpkt makes them");
    std::optional<uint8_t> controller;
    for (const plan::Tile &t : plan_.tiles)
      if (t.id == route->shim) controller = t.controllerId;
    plan::ControlPacket packet;
    packet.address = address;
    packet.words = std::move(words);
    return plan::sendControlPacket(packet, *route, controller, out_, ops, {});
  }
  /// A shim tile's multiplexer carries the packets themselves: it never holds less than at the end.
  void expect(const plan::SequenceOpKind &op) {
    const auto *m = std::get_if<plan::MaskWrite32>(&op);
    if (!m || device::tileOfAddress(m->address).row != 0) return;
    const uint32_t offset = device::offsetOfAddress(m->address);
    if (offset == device::reg::kMuxConfig || offset == device::reg::kDemuxConfig)
      registers_[m->address] = (registers_[m->address] & ~m->mask) | (m->value & m->mask);
  }
  Status add(const plan::SequenceOpKind &op) {
    if (const auto *w = std::get_if<plan::Write32>(&op)) return write(w->address, {w->value});
    if (const auto *b = std::get_if<plan::BlockWrite>(&op)) return write(b->address, b->words);
    const auto &m = std::get<plan::MaskWrite32>(op);
    return write(m.address, {(registers_[m.address] & ~m.mask) | (m.value & m.mask)});
  }

  std::vector<plan::SequenceOp> ops;

private:
  const plan::Plan &plan_;
  plan::RuntimeSequence &out_;
  std::map<uint32_t, uint32_t> registers_;
};

} // namespace

/// Commands that name 64-bit addresses have the upper half, which is zero, first.
std::vector<plan::SequenceOpKind> operations(const cdo::File &file) {
  std::vector<plan::SequenceOpKind> out;
  for (const cdo::Command &c : file.commands) {
    const std::vector<uint32_t> &p = c.payload;
    switch (c.opcode) {
    case cdo::kWrite: out.push_back(plan::Write32{p.at(0), p.at(1)}); break;
    case cdo::kWrite64: out.push_back(plan::Write32{p.at(1), p.at(2)}); break;
    case cdo::kMaskWrite: out.push_back(plan::MaskWrite32{p.at(0), p.at(2), p.at(1)}); break;
    case cdo::kMaskWrite64: out.push_back(plan::MaskWrite32{p.at(1), p.at(3), p.at(2)}); break;
    case cdo::kDmaWrite: out.push_back(plan::BlockWrite{p.at(1), {p.begin() + 2, p.end()}}); break;
    default: ASHLAR_ASSERT(c.opcode == cdo::kNop); // nothing else is written by configure*()
    }
  }
  return out;
}

Result<plan::RuntimeSequence> configurationSequence(const plan::Plan &plan, ByteView cdoBytes) {
  Diagnostics problems;
  ASHLAR_TRY(const cdo::File file, cdo::read(cdoBytes, plan.name + " CDO", 0, problems));
  plan::RuntimeSequence sequence;
  sequence.name = "configure";
  for (plan::SequenceOpKind &op : operations(file)) sequence.ops.push_back({std::move(op), {}});
  return sequence;
}

Result<Bytes> configurationStream(const plan::Plan &plan, ByteView cdo) {
  ASHLAR_TRY(const plan::RuntimeSequence sequence, configurationSequence(plan, cdo));
  return makeStream(plan, sequence);
}

Result<std::vector<Reconfiguration>> reconfigure(const plan::Plan &plan,
                                                 const std::vector<CoreElf> &elfs) {
  cdo::Stage1Writer writers[3];
  ASHLAR_CHECK(configureElfs(plan, elfs, {}, writers[0]));
  ASHLAR_CHECK(configureArray(plan, writers[1]));
  configureEnable(plan, writers[2]);
  std::vector<Reconfiguration> out;
  std::vector<cdo::File> files;
  const char *names[] = {kCdoElfsName, kCdoInitName, kCdoEnableName};
  for (size_t i = 0; i < 3; ++i) {
    Diagnostics problems;
    ASHLAR_TRY(cdo::File file, cdo::read(writers[i].take(), names[i], 0, problems));
    files.push_back(std::move(file));
  }
  for (const plan::RuntimeSequence &given : plan.sequences) {
    plan::RuntimeSequence sequence = given;
    // Packets of the sequence's own come behind those that configure: their places move.
    const std::vector<uint32_t> own = std::move(sequence.controlWords);
    sequence.controlWords.clear();
    Packets packets(plan, sequence);
    std::vector<plan::SequenceOpKind> all;
    for (const cdo::File &file : files)
      for (plan::SequenceOpKind &op : operations(file)) all.push_back(std::move(op));
    for (const plan::SequenceOpKind &op : all) packets.expect(op);
    for (const plan::SequenceOpKind &op : all) ASHLAR_CHECK(packets.add(op));
    const uint64_t moved = sequence.controlWords.size() * 4;
    sequence.controlWords.insert(sequence.controlWords.end(), own.begin(), own.end());
    const size_t argument = plan::controlArgument(sequence);
    if (!own.empty())
      for (plan::SequenceOp &o : sequence.ops)
        if (auto *patch = std::get_if<plan::AddressPatch>(&o.op);
            patch && patch->argument == argument)
          patch->offset += moved;
    // Where the sequence says, or before everything.
    auto at = sequence.ops.begin();
    for (auto o = sequence.ops.begin(); o != sequence.ops.end(); ++o)
      if (const auto *load = std::get_if<plan::LoadPdi>(&o->op);
          load && load->device == plan.name) {
        at = sequence.ops.erase(o);
        break;
      }
    sequence.ops.insert(at, packets.ops.begin(), packets.ops.end());
    ByteWriter words;
    for (uint32_t w : sequence.controlWords) words.u32(w);
    out.push_back({sequence.name, words.take(), makeStream(plan, sequence), argument});
  }
  return out;
}

} // namespace ashlar::package
