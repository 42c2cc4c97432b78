// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The page of `inspect`: the picture, the FIFOs and streams, each tile in full, the instruction
// streams as programs.
#include "report/page.h"

#include "device/describe.h"
#include "report/operations.h"

namespace ashlar::report {

using analysis::ArrayView;

namespace {

const char *kindText(ArrayView::PieceKind k) {
  static const char *const kNames[] = {"stack", "buffer", "program's data", "seen in a BD"};
  return kNames[static_cast<int>(k)];
}
std::string joined(const std::vector<std::string> &list) {
  std::string out;
  for (const std::string &s : list) out += (out.empty() ? "" : ", ") + s;
  return out;
}

std::string tileCard(const ArrayView::Tile &t) {
  std::string out =
      fmt::format("<div class=\"card\" id=\"tile-{}-{}\"><b>{} {}</b> <span>{}</span>\n", t.id.col,
                  t.id.row, device::tileKindName(t.kind), t.id.str(),
                  htmlEscape(t.function + (t.place.known() ? ", " + t.place.str() : "")));
  if (!t.program.empty())
    out += fmt::format("<p>program of {} bytes{}</p>\n", t.program.size(),
                       t.stackSize ? fmt::format(", stack of {} bytes", t.stackSize) : "");
  out += memorySvg(t);
  Table memory{"Memory", {"at", "bytes", "what", "name", "design"}, {}, ""};
  for (const ArrayView::Piece &p : t.memory)
    memory.rows.push_back({fmt::format("{:#x}", p.start), std::to_string(p.size), kindText(p.kind),
                           p.name, p.place.str()});
  Table locks{"Locks", {"lock", "starts", "name", "acquired by", "released by"}, {}, ""};
  for (const ArrayView::Lock &l : t.locks)
    locks.rows.push_back({std::to_string(l.id), l.init ? std::to_string(*l.init) : "", l.name,
                          joined(l.acquiredBy), joined(l.releasedBy)});
  Table channels{"Channels", {"channel", "name", "BDs", "started by", "tasks", "bytes"}, {}, ""};
  for (const ArrayView::Channel &c : t.channels) {
    std::string chain;
    for (const int id : c.chain) chain += fmt::format("{}{}", chain.empty() ? "" : " → ", id);
    if (c.forEver) chain += " ↻";
    channels.rows.push_back({fmt::format("{} {}", device::dmaDirectionName(c.direction), c.channel),
                             c.name, chain, c.bySequence ? "sequence" : "configuration",
                             std::to_string(c.tasks), c.forEver ? "" : std::to_string(c.bytes)});
  }
  Table bds{"Buffer descriptors", {"BD", "does", "buffer", "written by"}, {}, ""};
  for (const ArrayView::Descriptor &d : t.descriptors)
    bds.rows.push_back({std::to_string(d.id), device::describeBd(t.kind, d.bd), d.buffer,
                        d.bySequence ? "sequence" : "configuration"});
  for (const Table *table : {&memory, &locks, &channels, &bds}) out += htmlTable(*table);
  return out + "</div>\n";
}

const char *const kHighlight = R"js(<script>
(()=>{const s=document.getElementById('array');if(!s)return;
s.querySelectorAll('g.route').forEach(g=>{
g.addEventListener('mouseenter',()=>{s.classList.add('dim');g.classList.add('on')});
g.addEventListener('mouseleave',()=>{s.classList.remove('dim');g.classList.remove('on')})})})()
</script>
)js";

} // namespace

std::string arrayPage(const ArrayView &view, const load::Package &package,
                      std::span<const load::Stream> streams) {
  std::string out = pageHead("ashlar: " + view.title);
  out += fmt::format("<h1>{}</h1>\n<p>{} column{}, {} PDI{}{}</p>\n", htmlEscape(view.title),
                     view.columns, view.columns == 1 ? "" : "s", package.configurations.size(),
                     package.configurations.size() == 1 ? "" : "s",
                     package.uuid.empty() ? "" : ", UUID " + htmlEscape(package.uuid));
  out += "<div class=\"card\">\n" + arraySvg(view);
  out +=
      "<div class=\"legend\"><span><i style=\"background:var(--prog)\"></i>program</span>"
      "<span><i style=\"background:var(--stack)\"></i>stack</span>"
      "<span><i style=\"background:var(--buffer)\"></i>buffer</span>"
      "<span><i style=\"background:var(--data)\"></i>program's data</span>"
      "<span><i style=\"background:var(--unnamed)\"></i>memory that descriptors use</span>"
      "<span>boxes: locks with their first value</span>"
      "<span>lines: streams (dashed: packets); point at one to see it alone</span></div></div>\n";
  Table fifos{"Object FIFOs", {"FIFO", "from", "to", "object, bytes", "depth", "design"}, {}, ""};
  for (const ArrayView::Fifo &f : view.fifos)
    fifos.rows.push_back(
        {f.name, f.producer, f.consumers, std::to_string(f.objectBytes), f.depths, f.place.str()});
  Table routes{"Streams", {"from", "packets", "to", "name", "switches"}, {}, ""};
  for (const ArrayView::Route &r : view.routes) {
    std::string packets, ends;
    for (const int p : r.packets) packets += fmt::format("{}{}", packets.empty() ? "" : " ", p);
    for (const auto &e : r.ends) ends += (ends.empty() ? "" : ", ") + e.text();
    routes.rows.push_back({r.sourceText, packets, ends, r.name, std::to_string(r.hops.size())});
  }
  Table kernels{"Kernels", {"kernel", "id", "arguments"}, {}, ""};
  for (const load::Kernel &k : package.kernels) {
    std::string arguments;
    for (const load::KernelArgument &a : k.arguments)
      arguments += fmt::format("{}{} {}", arguments.empty() ? "" : ", ", a.type, a.name);
    kernels.rows.push_back({k.name, fmt::format("{:#x}", k.id), arguments});
  }
  for (const Table *t : {&fifos, &routes, &kernels})
    if (!t->rows.empty()) out += "<div class=\"card\">" + htmlTable(*t) + "</div>\n";
  out += "<h2>Tiles</h2>\n<div class=\"tiles\">\n";
  for (const ArrayView::Tile &t : view.tiles) out += tileCard(t);
  out += "</div>\n";
  for (const load::Stream &s : streams) {
    out += fmt::format("<h2>Instruction stream</h2>\n<details class=\"card\"{}><summary>{}, {} "
                       "operations</summary><pre>",
                       s.operations.size() <= 60 ? " open" : "", htmlEscape(s.source),
                       s.operations.size());
    for (const load::Operation &o : s.operations)
      out += fmt::format("{:>6x}  {}\n", o.offset, htmlEscape(operationText(o.op)));
    out += "</pre></details>\n";
  }
  return out + kHighlight + pageEnd();
}

} // namespace ashlar::report
