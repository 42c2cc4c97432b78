// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The lowered design in the design language: for people who want to see what became of their FIFOs,
// and for tools that read the vendor driver's intermediate files. Cores appear as their programs.
#include "lower/model.h"

#include <llvm/Support/raw_ostream.h>

namespace ashlar::lower {

namespace {

class Printer {
public:
  Printer(const Model &model, const plan::Plan &plan) : m_(model), plan_(plan) {}
  std::string run(bool routed);

private:
  template <class... A> void line(fmt::format_string<A...> format, A &&...arguments) {
    out_ += "    " + fmt::format(format, std::forward<A>(arguments)...) + "\n";
  }
  static std::string tile(TileId t) { return fmt::format("%tile_{}_{}", t.col, t.row); }
  /// A name that MLIR takes as a value's, unique by the index.
  static std::string value(const char *kind, int index, const std::string &name) {
    std::string out = fmt::format("%{}{}_", kind, index);
    for (char c : name) out += isalnum(static_cast<unsigned char>(c)) || c == '_' ? c : '_';
    return out;
  }
  std::string lock(int i) const { return value("l", i, m_.locks[static_cast<size_t>(i)].name); }
  std::string buffer(int i) const { return value("b", i, m_.buffers[static_cast<size_t>(i)].name); }
  static std::string port(const Port &p) {
    return fmt::format("{} : {}", plan::bundleName(p.bundle), p.channel);
  }
  static std::string quoted(const std::string &text) {
    std::string out = "\"";
    for (char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + "\"";
  }
  void dma(const DmaProgram &p);
  std::string descriptor(const BdDesc &bd) const;
  void switches();

  const Model &m_;
  const plan::Plan &plan_;
  std::string out_;
};

std::string Printer::descriptor(const BdDesc &bd) const {
  const Buffer &b = m_.buffers[static_cast<size_t>(bd.buffer)];
  std::string out = fmt::format("aie.dma_bd({} : {}, {}, {}", buffer(bd.buffer),
                                design::typeText(b.memref), bd.offset, bd.length);
  auto list = [&](const Dims &dims, const char *first, const char *second) {
    std::string text = ", [";
    for (size_t i = 0; i < dims.size(); ++i)
      text += fmt::format("{}<{} = {}, {} = {}>", i ? ", " : "", first, dims[i].first, second,
                          dims[i].second);
    return text + "]";
  };
  if (!bd.dims.empty()) out += list(bd.dims, "size", "stride");
  if (!bd.pads.empty()) out += list(bd.pads, "const_pad_before", "const_pad_after");
  out += fmt::format(") {{bd_id = {} : i32", bd.id.value_or(0));
  if (bd.packet)
    out += fmt::format(", packet = #aie.packet_info<pkt_type = {}, pkt_id = {}>", bd.packet->first,
                       bd.packet->second);
  if (bd.iteration)
    out += fmt::format(", iteration = #aie.bd_iteration<size = {}, stride = {}, current = {}>",
                       (*bd.iteration)[0], (*bd.iteration)[1], (*bd.iteration)[2]);
  return out + "}";
}

void Printer::dma(const DmaProgram &p) {
  const TileKind kind = device::tileKind(p.tile);
  const char *op = kind == TileKind::Core  ? "mem"
                   : kind == TileKind::Mem ? "memtile_dma"
                                           : "shim_dma";
  for (const DmaBlock &b : p.blocks)
    if (b.kind == DmaBlock::Bd && b.bd.buffer < 0) return; // external memory has no name here
  line("%dma_{}_{} = aie.{}({}) {{", p.tile.col, p.tile.row, op, tile(p.tile));
  auto end = [&](int b) {
    return b >= 0 ? fmt::format("^bb{}", b) : fmt::format("^bb{}", p.blocks.size());
  };
  for (size_t i = 0; i < p.blocks.size(); ++i) {
    const DmaBlock &b = p.blocks[i];
    if (i) out_ += fmt::format("    ^bb{}:\n", i);
    auto use = [&](const std::optional<LockUse> &u, bool acquire) {
      if (!u) return;
      const char *action = !acquire ? "Release" : u->value < 0 ? "AcquireGreaterEqual" : "Acquire";
      line("  aie.use_lock({}, {}, {})", lock(u->lock), action,
           acquire && u->value < 0 ? -u->value : u->value);
    };
    switch (b.kind) {
    case DmaBlock::Start:
      line("  %start{} = aie.dma_start({}, {}, {}, {}{})", i, dmaDirectionName(b.direction),
           b.channel, end(b.next), end(b.chain),
           b.repeat ? fmt::format(", repeat_count = {}", b.repeat) : std::string());
      break;
    case DmaBlock::Bd:
      use(b.bd.acquire, true);
      line("  {}", descriptor(b.bd));
      use(b.bd.release, false);
      if (b.next >= 0)
        line("  aie.next_bd ^bb{}", b.next);
      else
        line("  aie.end");
      break;
    case DmaBlock::End: line("  aie.end"); break;
    }
  }
  out_ += fmt::format("    ^bb{}:\n", p.blocks.size());
  line("  aie.end");
  line("}}");
}

void Printer::switches() {
  for (const plan::Switchbox &box : plan_.switchboxes) {
    line("%switchbox_{}_{} = aie.switchbox({}) {{", box.tile.col, box.tile.row, tile(box.tile));
    for (const plan::Connect &c : box.connects)
      line("  aie.connect<{}, {}>", port(c.source), port(c.dest));
    std::set<std::pair<int, int>> amsels;
    for (const plan::MasterSet &set : box.masterSets)
      for (int s = 0; s < 8; ++s)
        if (set.mselMask >> s & 1) amsels.insert({s, set.arbiter});
    for (auto [s, a] : amsels) line("  %a{}_{} = aie.amsel<{}> ({})", a, s, a, s);
    for (size_t i = 0; i < box.masterSets.size(); ++i) {
      const plan::MasterSet &set = box.masterSets[i];
      std::string operands;
      for (int s = 0; s < 8; ++s)
        if (set.mselMask >> s & 1) operands += fmt::format(", %a{}_{}", set.arbiter, s);
      line("  %m{} = aie.masterset({}{}){}", i, port(set.dest), operands,
           set.keepHeader ? fmt::format(" {{keep_pkt_header = {}}}", *set.keepHeader)
                          : std::string());
    }
    for (const plan::PacketRules &rules : box.packetRules) {
      line("  aie.packet_rules({}) {{", port(rules.source));
      for (const plan::PacketRule &rule : rules.rules)
        line("    aie.rule({}, {}, %a{}_{})", rule.mask, rule.id, rule.arbiter, rule.msel);
      line("  }}");
    }
    line("}}");
  }
  for (const plan::ShimMux &mux : plan_.shimMuxes) {
    line("%shim_mux_{}_{} = aie.shim_mux({}) {{", mux.tile.col, mux.tile.row, tile(mux.tile));
    for (const plan::Connect &c : mux.connects)
      line("  aie.connect<{}, {}>", port(c.source), port(c.dest));
    line("}}");
  }
}

std::string Printer::run(bool routed) {
  out_ = fmt::format("module {{\n  aie.device({}) @{} {{\n", m_.device, m_.name);
  for (int i : inOrder(m_.tiles)) {
    const Tile &t = m_.tiles[static_cast<size_t>(i)];
    line("{} = aie.tile({}, {}){}", tile(t.id), t.id.col, t.id.row,
         t.controller ? fmt::format(" {{controller_id = #aie.packet_info<pkt_type = 0, pkt_id = "
                                    "{}>}}",
                                    *t.controller)
                      : std::string());
  }
  for (int i : inOrder(m_.locks)) {
    const Lock &l = m_.locks[static_cast<size_t>(i)];
    line("{} = aie.lock({}, {}) {{{}sym_name = {}}}", lock(i), tile(l.tile), l.id.value_or(0),
         l.init ? fmt::format("init = {} : i32, ", *l.init) : std::string(), quoted(l.name));
  }
  for (int i : inOrder(m_.buffers)) {
    const Buffer &b = m_.buffers[static_cast<size_t>(i)];
    line("{} = aie.buffer({}) {{address = {} : i32, {}sym_name = {}}} : {}", buffer(i),
         tile(b.tile), b.address.value_or(0),
         b.bank ? fmt::format("mem_bank = {} : i32, ", *b.bank) : std::string(), quoted(b.name),
         design::typeText(b.memref));
  }
  if (!routed) {
    for (int i : inOrder(m_.flows)) {
      const Flow &f = m_.flows[static_cast<size_t>(i)];
      line("aie.flow({}, {}, {}, {})", tile(f.source.tile), port(f.source.port), tile(f.dest.tile),
           port(f.dest.port));
    }
  }
  for (const plan::Core &core : plan_.cores)
    line("%core_{}_{} = aie.core({}) {{ aie.end }} {{elf_file = {}, stack_size = {} : i32}}",
         core.tile.col, core.tile.row, tile(core.tile),
         quoted(core.elfFile.empty()
                    ? fmt::format("{}_core_{}_{}.elf", m_.name, core.tile.col, core.tile.row)
                    : core.elfFile),
         core.stackSize);
  for (const ShimAllocation &a : m_.shimAllocations)
    line("aie.shim_dma_allocation @{} ({}, {}, {})", a.name, tile(a.tile),
         dmaDirectionName(a.direction), a.channel);
  for (int i : inOrder(m_.dmas)) dma(m_.dmas[static_cast<size_t>(i)]);
  for (int i : inOrder(m_.packetFlows)) {
    const PacketFlow &f = m_.packetFlows[static_cast<size_t>(i)];
    line("aie.packet_flow({}) {{", f.id);
    for (const PortAt &p : f.sources)
      line("  aie.packet_source<{}, {}>", tile(p.tile), port(p.port));
    for (const PortAt &p : f.dests) line("  aie.packet_dest<{}, {}>", tile(p.tile), port(p.port));
    line("}} {{{}priority_route = {}}}",
         f.keepHeader ? fmt::format("keep_pkt_header = {}, ", *f.keepHeader) : std::string(),
         f.priority);
  }
  if (routed) switches();
  for (const plan::Cascade &c : m_.cascades)
    line("aie.configure_cascade({}, {}, {})", tile(c.tile), plan::bundleName(c.input.bundle),
         plan::bundleName(c.output.bundle));
  return out_ + "  }\n}\n";
}

} // namespace

std::string printModel(const Model &model, const plan::Plan &plan, bool routed) {
  return Printer(model, plan).run(routed);
}

} // namespace ashlar::lower
