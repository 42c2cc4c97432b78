// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A device's configuration as control packets. They write whole registers, so masked writes become
// writes of what the register then holds, with zero where nothing has written before: the array
// starts out reset.
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
    const device::TileId tile = plan::tileOfAddress(address);
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
  Status maskWrite(uint32_t address, uint32_t mask, uint32_t value) {
    return write(address, {(registers_[address] & ~mask) | (value & mask)});
  }

  std::vector<plan::SequenceOp> ops;

private:
  const plan::Plan &plan_;
  plan::RuntimeSequence &out_;
  std::map<uint32_t, uint32_t> registers_;
};

Status addCommands(const cdo::File &file, Packets &packets) {
  for (const cdo::Command &c : file.commands) {
    const std::vector<uint32_t> &p = c.payload;
    switch (c.opcode) {
    case cdo::kWrite: ASHLAR_CHECK(packets.write(p.at(0), {p.at(1)})); break;
    case cdo::kMaskWrite: ASHLAR_CHECK(packets.maskWrite(p.at(0), p.at(1), p.at(2))); break;
    case cdo::kDmaWrite:
      // The first word is the upper half of the address, which is zero.
      ASHLAR_CHECK(packets.write(p.at(1), {p.begin() + 2, p.end()}));
      break;
    default: break; // nothing else is written by configure*()
    }
  }
  return Ok{};
}

} // namespace

Result<Bytes> configurationStream(const plan::Plan &plan, ByteView cdoBytes) {
  Diagnostics problems;
  ASHLAR_TRY(const cdo::File file, cdo::read(cdoBytes, plan.name + " CDO", 0, problems));
  plan::RuntimeSequence sequence;
  auto add = [&](plan::SequenceOpKind op) { sequence.ops.push_back({std::move(op), {}}); };
  for (const cdo::Command &c : file.commands) {
    const std::vector<uint32_t> &p = c.payload;
    switch (c.opcode) {
    case cdo::kWrite: add(plan::Write32{p.at(0), p.at(1)}); break;
    case cdo::kMaskWrite: add(plan::MaskWrite32{p.at(0), p.at(2), p.at(1)}); break;
    case cdo::kDmaWrite: add(plan::BlockWrite{p.at(1), {p.begin() + 2, p.end()}}); break;
    default: break;
    }
  }
  return makeStream(plan, sequence);
}

Result<std::vector<Reconfiguration>> reconfigure(const plan::Plan &plan,
                                                 const std::vector<CoreElf> &elfs) {
  cdo::Stage1Writer writers[3];
  ASHLAR_CHECK(configureElfs(plan, elfs, writers[0]));
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
    for (const cdo::File &file : files) ASHLAR_CHECK(addCommands(file, packets));
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
