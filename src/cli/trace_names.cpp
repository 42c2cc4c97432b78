// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/trace_names.h"

#include "analysis/model.h"
#include "device/events.h"
#include "device/ports.h"

namespace ashlar::cli {

namespace reg = device::reg;
using device::Module;

namespace {
/// The modules whose trace units a tile has.
std::vector<Module> modulesOf(device::TileKind kind) {
  switch (kind) {
  case device::TileKind::Shim: return {Module::Shim};
  case device::TileKind::Mem: return {Module::MemTile};
  default: return {Module::Core, Module::Memory};
  }
}
} // namespace

TraceNames::TraceNames(const report::Subject &subject) {
  analysis::Model model;
  for (const load::Configuration &c : subject.package.configurations)
    for (const load::Operation &o : c.operations) analysis::applyOperation(model, o);
  for (const load::Stream &s : subject.streams)
    for (const load::Operation &o : s.operations) analysis::applyOperation(model, o);
  for (auto &[id, tile] : model.tiles) registers_[id] = std::move(tile.registers);
}

std::string TraceNames::event(const format::trace::Source &source, int slot) const {
  const std::string plain = fmt::format("slot {}", slot);
  const device::TileId id{source.column, source.row};
  const auto tile = registers_.find(id);
  if (id.row >= device::kRows || tile == registers_.end()) return plain;
  const auto read = [&](uint32_t offset) {
    const auto it = tile->second.find(offset);
    return it == tile->second.end() ? 0 : it->second;
  };
  const device::TileKind kind = device::tileKind(id);
  for (const Module m : modulesOf(kind)) {
    const uint32_t base = reg::eventBase(m), control = read(base + reg::kTraceControl1);
    // Two units of a tile differ by packet type or id.
    if ((control >> 12 & 7) != static_cast<uint32_t>(source.type) ||
        (control & 31) != static_cast<uint32_t>(source.id))
      continue;
    const uint32_t events = read(base + reg::kTraceEvent0 + (slot < 4 ? 0 : 4));
    const int number = static_cast<int>(events >> (8 * (slot % 4)) & 0xFF);
    const std::string_view name = device::eventName(m, number);
    if (number == 0 || name.empty()) return plain;
    const int port = number - device::ev::portIdle0(m);
    if (m == Module::Memory || port < 0 || port >= 32) return std::string(name);
    // Four events each of eight selected ports.
    const int selected = port / 4;
    const uint32_t select =
        read(reg::switchBase(kind) + reg::kSwitchEventPorts + (selected < 4 ? 0 : 4)) >>
        (8 * (selected % 4));
    const auto ports = select & 1u << 5 ? device::masterPorts(kind) : device::slavePorts(kind);
    if ((select & 31) >= ports.size()) return std::string(name);
    return fmt::format("{} ({} {})", name, select & 1u << 5 ? "out" : "in",
                       ports[select & 31].str());
  }
  return plain;
}

} // namespace ashlar::cli
