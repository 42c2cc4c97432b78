// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One function a kind of operation.
#include "report/operations.h"

#include "device/describe.h"
#include "device/registers.h"

namespace ashlar::report {
namespace {

std::string tile(uint32_t address) { return device::tileOfAddress(address).str(); }

struct Text {
  std::string operator()(const load::Write32 &w) const {
    return fmt::format("{} {}", tile(w.address), device::describeWrite(w.address, w.value));
  }
  std::string operator()(const load::MaskWrite32 &w) const {
    return fmt::format("{} {}", tile(w.address),
                       device::describeMaskWrite(w.address, w.mask, w.value));
  }
  std::string operator()(const load::BlockWrite &w) const {
    return fmt::format("{} {}", tile(w.address), device::describeBlock(w.address, w.words));
  }
  std::string operator()(const load::BlockFill &f) const {
    return fmt::format("{} {:#x} and {} words on = {:#x}", tile(f.address),
                       device::offsetOfAddress(f.address), f.words, f.value);
  }
  std::string operator()(const load::MaskPoll &p) const {
    return fmt::format("{} wait until {}", tile(p.address),
                       device::describeMaskWrite(p.address, p.mask, p.value));
  }
  std::string operator()(const load::Delay &d) const { return fmt::format("wait {}", d.count); }
  std::string operator()(const load::AddressPatch &p) const {
    const uint32_t first = device::bdRegister(device::TileKind::Shim, 0);
    const uint32_t offset = device::offsetOfAddress(p.address);
    const std::string what = offset >= first
                                 ? fmt::format("BD {}", (offset - first) / device::reg::kBdStride)
                                 : fmt::format("{:#x}", offset);
    return fmt::format("{} {} address = argument {} + {} bytes", tile(p.address), what, p.argument,
                       p.offset);
  }
  std::string operator()(const load::Sync &s) const {
    std::string where = device::TileId{s.column, s.row}.str();
    if (s.columns > 1 || s.rows > 1)
      where += ".." + device::TileId{s.column + s.columns - 1, s.row + s.rows - 1}.str();
    return fmt::format("{} wait for the token of {} {}", where,
                       device::dmaDirectionName(s.direction), s.channel);
  }
  std::string operator()(const load::LoadPdi &l) const {
    return fmt::format("load PDI {} of {} bytes", l.id, l.size);
  }
  std::string operator()(const load::Preempt &p) const {
    return fmt::format("preempt level {}", p.level);
  }
};

} // namespace

std::string operationText(const load::Op &op) { return std::visit(Text{}, op); }

} // namespace ashlar::report
