// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Comparing from the package down to single registers. Nothing that differs stays unsaid, and a
// thing is said in the most telling way only: a descriptor as a descriptor, not as six words.
#include "report/diff.h"

#include "analysis/model.h"
#include "device/describe.h"
#include "format/xclbin_sections.h"
#include "isa/decode.h"
#include "isa/print.h"
#include "report/operations.h"

#include <algorithm>
#include <set>

namespace ashlar::report {

using analysis::ArrayView;
using analysis::tileText;
using device::TileId;
using device::TileKind;
namespace reg = device::reg;
namespace xclbin = format::xclbin;

analysis::ArrayView Subject::view(size_t configuration) const {
  if (configuration >= package.configurations.size()) return {};
  ArrayView v = analysis::viewOf(package.configurations[configuration], streams, planOrNull());
  v.columns = std::clamp(package.columns, v.columns, device::kMaxColumns);
  v.title = name;
  return v;
}

namespace {

class Comparer {
public:
  Comparer(const Subject &a, const Subject &b) : a_(a), b_(b) {}

  std::vector<Difference> run() {
    packages();
    const size_t n = std::max(a_.package.configurations.size(), b_.package.configurations.size());
    static const load::Configuration kNothing;
    for (size_t i = 0; i < n; ++i) {
      const auto of = [&](const Subject &s) -> const load::Configuration & {
        return i < s.package.configurations.size() ? s.package.configurations[i] : kNothing;
      };
      prefix_ = n > 1 ? fmt::format("PDI {}, ", i) : "";
      const ArrayView va = analysis::viewOf(of(a_), {}, nullptr);
      const ArrayView vb = analysis::viewOf(of(b_), {}, nullptr);
      tiles(va, vb);
      registers(analysis::modelOf(of(a_)), analysis::modelOf(of(b_)));
      routes(va, vb);
    }
    prefix_.clear();
    streams();
    return std::move(out_);
  }

private:
  void add(const char *section, const std::string &where, std::string a, std::string b) {
    if (a != b) out_.push_back({section, prefix_ + where, std::move(a), std::move(b)});
  }
  /// A text for people and one that tells all values: equal keys are equal things.
  struct Told {
    std::string text, key;
  };
  void add(const char *section, const std::string &where, const Told &a, const Told &b) {
    if (a.key == b.key) return;
    const bool alike = a.text == b.text && !a.text.empty();
    add(section, where, alike ? a.text + " = " + a.key : a.text,
        alike ? b.text + " = " + b.key : b.text);
  }

  void packages() {
    add("package", "columns", std::to_string(a_.package.columns),
        std::to_string(b_.package.columns));
    add("package", "PDIs", std::to_string(a_.package.configurations.size()),
        std::to_string(b_.package.configurations.size()));
    std::set<std::string> names;
    std::map<std::string, std::string> ka, kb;
    for (const auto &[subject, into] : {std::pair{&a_, &ka}, {&b_, &kb}})
      for (const load::Kernel &k : subject->package.kernels) {
        names.insert(k.name);
        (*into)[k.name] = kernelText(k);
      }
    for (const std::string &n : names) add("package", "kernel " + n, ka[n], kb[n]);
    if (!a_.xclbin.empty() && !b_.xclbin.empty()) sections();
  }
  static std::string kernelText(const load::Kernel &k) {
    std::string t = fmt::format("id {:#x}, instances", k.id);
    for (const std::string &i : k.instances) t += " " + i;
    t += ", arguments";
    for (const load::KernelArgument &x : k.arguments)
      t += fmt::format(" {}:{}@{:#x}", x.name, x.type, x.offset);
    return t;
  }
  void sections() {
    Diagnostics ignored;
    const auto a = xclbin::read(a_.xclbin, a_.name, ignored),
               b = xclbin::read(b_.xclbin, b_.name, ignored);
    if (!a.ok() || !b.ok()) return;
    add("package", "platform", a->platform, b->platform);
    std::set<uint32_t> kinds;
    for (const auto &s : a->sections) kinds.insert(s.kind);
    for (const auto &s : b->sections) kinds.insert(s.kind);
    for (const uint32_t kind : kinds) {
      const xclbin::Section *x = a->find(kind), *y = b->find(kind);
      const std::string name = *xclbin::sectionKindName(kind)
                                   ? fmt::format("section {}", xclbin::sectionKindName(kind))
                                   : fmt::format("section {}", kind);
      if (kind == xclbin::kAiePartition && x && y) {
        partition(*x, *y);
        continue;
      }
      if (x && y && x->data == y->data) continue;
      const auto said = [](const xclbin::Section *s, const xclbin::Section *t) -> std::string {
        if (!s) return "";
        if (!t) return fmt::format("{} bytes", s->data.size());
        const auto at =
            std::mismatch(s->data.begin(), s->data.end(), t->data.begin(), t->data.end());
        return fmt::format("{} bytes, byte {} = {}", s->data.size(), at.first - s->data.begin(),
                           at.first == s->data.end() ? "(end)" : fmt::format("{:#04x}", *at.first));
      };
      add("package", name, said(x, y), said(y, x));
    }
    add("package", "UUID", xclbin::uuidText(a->uuid), xclbin::uuidText(b->uuid));
  }
  void partition(const xclbin::Section &x, const xclbin::Section &y) {
    const auto a = xclbin::decodePartition(x, a_.name), b = xclbin::decodePartition(y, b_.name);
    if (!a.ok() || !b.ok()) return;
    const auto starts = [](const xclbin::Partition &p) {
      std::string t;
      for (const uint16_t s : p.startColumns) t += fmt::format("{}{}", t.empty() ? "" : " ", s);
      return t;
    };
    add("package", "partition name", a->name, b->name);
    add("package", "column width", std::to_string(a->columnWidth), std::to_string(b->columnWidth));
    add("package", "start columns", starts(*a), starts(*b));
    add("package", "operations per cycle", std::to_string(a->operationsPerCycle),
        std::to_string(b->operationsPerCycle));
  }

  // ---- tiles -----------------------------------------------------------------------------------

  void tiles(const ArrayView &a, const ArrayView &b) {
    std::set<TileId> ids;
    for (const auto &t : a.tiles) ids.insert(t.id);
    for (const auto &t : b.tiles) ids.insert(t.id);
    static const ArrayView::Tile kNone;
    for (const TileId id : ids) {
      const ArrayView::Tile &x = a.find(id) ? *a.find(id) : kNone;
      const ArrayView::Tile &y = b.find(id) ? *b.find(id) : kNone;
      if (x.program != y.program) program(id, x.program, y.program);
      data(id, x, y);
    }
  }

  void program(TileId id, const Bytes &a, const Bytes &b) {
    size_t at = 0; // bundle by bundle: a byte in the middle of one says nothing
    while (at < a.size() && at < b.size()) {
      isa::Bundle x, y;
      const bool fine = isa::decode(a, at, x) == isa::DecodeError::None &&
                        isa::decode(b, at, y) == isa::DecodeError::None;
      if (!fine || x.size != y.size ||
          !std::equal(a.begin() + static_cast<std::ptrdiff_t>(at),
                      a.begin() + static_cast<std::ptrdiff_t>(at + x.size),
                      b.begin() + static_cast<std::ptrdiff_t>(at)))
        break;
      at += x.size;
    }
    const auto said = [&](const Bytes &p) -> std::string {
      if (p.empty()) return "";
      isa::Bundle x;
      std::string text = "(end)";
      if (at < p.size())
        text = isa::decode(p, at, x) == isa::DecodeError::None ? isa::print(x) : "(no instruction)";
      return fmt::format("{} bytes; at {:#x}: {}", p.size(), at, text);
    };
    add("program", tileText(id), said(a), said(b));
  }

  void data(TileId id, const ArrayView::Tile &a, const ArrayView::Tile &b) {
    const size_t n = std::max(a.data.size(), b.data.size());
    size_t different = 0;
    std::optional<size_t> first;
    const auto at = [](const ArrayView::Tile &t, size_t i) {
      return i < t.data.size() && t.written[i] ? int{t.data[i]} : -1;
    };
    for (size_t i = 0; i < n; ++i)
      if (at(a, i) != at(b, i)) {
        ++different;
        if (!first) first = i;
      }
    if (!first) return;
    const auto said = [&](const ArrayView::Tile &t) {
      const int v = at(t, *first);
      return fmt::format("{} bytes set; byte {:#x} {}",
                         std::count(t.written.begin(), t.written.end(), true), *first,
                         v < 0 ? "not set" : fmt::format("= {:#04x}", v));
    };
    add("data", fmt::format("{}, {} bytes differ", tileText(id), different), said(a), said(b));
  }

  // ---- registers -------------------------------------------------------------------------------

  void registers(const analysis::Model &a, const analysis::Model &b) {
    std::set<TileId> ids;
    for (const auto &[id, t] : a.tiles) ids.insert(id);
    for (const auto &[id, t] : b.tiles) ids.insert(id);
    static const analysis::TileModel kNone;
    for (const TileId id : ids) {
      if (id.row >= device::kRows) continue;
      const analysis::TileModel &x = a.find(id) ? *a.find(id) : kNone;
      const analysis::TileModel &y = b.find(id) ? *b.find(id) : kNone;
      const TileKind kind = device::tileKind(id);
      std::set<uint32_t> offsets;
      for (const auto &[offset, v] : x.registers) offsets.insert(offset);
      for (const auto &[offset, v] : y.registers) offsets.insert(offset);
      const uint32_t first = device::bdRegister(kind, 0);
      const uint32_t last = first + reg::kBdStride * static_cast<uint32_t>(device::bdCount(kind));
      for (int i = 0; i < device::bdCount(kind); ++i) {
        const auto said = [&](const analysis::TileModel &t) -> Told {
          const auto bd = &t == &kNone ? std::nullopt : t.bd(i);
          if (!bd) return {};
          std::string words;
          for (int w = 0; w < device::bdWords(kind); ++w)
            words += fmt::format("{:08x} ",
                                 t.reg(device::bdRegister(kind, i) + 4 * static_cast<uint32_t>(w)));
          return {device::describeBd(kind, *bd), words};
        };
        add("descriptor", fmt::format("{} BD {}", tileText(id), i), said(x), said(y));
      }
      for (const uint32_t offset : offsets) {
        if (offset >= first && offset < last) continue;
        const auto said = [&](const analysis::TileModel &t) -> Told {
          const auto it = t.registers.find(offset);
          if (it == t.registers.end()) return {};
          return {device::describeWrite(device::tileAddress(id, offset), it->second),
                  fmt::format("{:#010x}", it->second)};
        };
        add(sectionOf(kind, offset), tileText(id), said(x), said(y));
      }
    }
  }
  static const char *sectionOf(TileKind kind, uint32_t offset) {
    const uint32_t locks = reg::lockBase(kind);
    if (offset >= locks &&
        offset < locks + reg::kLockStride * static_cast<uint32_t>(device::lockCount(kind)))
      return "lock";
    const uint32_t box = reg::switchMaster(kind, 0);
    if (offset >= box && offset < box + 0x1000) return "switch";
    return "register";
  }

  void routes(const ArrayView &a, const ArrayView &b) {
    std::map<std::string, std::string> x, y;
    std::set<std::string> sources;
    for (const auto &[view, into] : {std::pair{&a, &x}, {&b, &y}})
      for (const ArrayView::Route &r : view->routes) {
        std::string from = r.sourceText, to;
        for (const int p : r.packets)
          from += fmt::format("{}{}", p == r.packets[0] ? " packet " : ",", p);
        for (const auto &e : r.ends) to += (to.empty() ? "to " : ", ") + e.text();
        to += fmt::format(" ({} switches)", r.hops.size());
        sources.insert(from);
        (*into)[from] = to;
      }
    for (const std::string &s : sources) add("route", s, x[s], y[s]);
  }

  // ---- streams ---------------------------------------------------------------------------------

  void streams() {
    const size_t n = std::max(a_.streams.size(), b_.streams.size());
    for (size_t i = 0; i < n; ++i) {
      if (i >= a_.streams.size() || i >= b_.streams.size()) {
        const bool left = i < a_.streams.size();
        const load::Stream &s = left ? a_.streams[i] : b_.streams[i];
        const std::string text = fmt::format("{} operations", s.operations.size());
        add("stream", fmt::format("stream {}", i), left ? text : "", left ? "" : text);
        continue;
      }
      stream(n > 1 ? fmt::format("stream {} ", i) : "", a_.streams[i], b_.streams[i]);
    }
  }

  void stream(const std::string &prefix, const load::Stream &a, const load::Stream &b) {
    add("stream", prefix + "columns", std::to_string(a.columns), std::to_string(b.columns));
    const auto x = told(a), y = told(b);
    size_t head = 0, tail = 0;
    const auto same = [&](size_t i, size_t j) { return x[i].key == y[j].key; };
    while (head < x.size() && head < y.size() && same(head, head)) ++head;
    while (tail + head < x.size() && tail + head < y.size() &&
           same(x.size() - 1 - tail, y.size() - 1 - tail))
      ++tail;
    const size_t n = x.size() - tail, m = y.size() - tail; // what differs: [head, n) and [head, m)
    const auto pair = [&](size_t i, size_t iEnd, size_t j, size_t jEnd) {
      while (i < iEnd || j < jEnd) {
        const std::string where = fmt::format("{}operation {}", prefix, i < iEnd ? i : j);
        const Told left = i < iEnd ? x[i++] : Told{}, right = j < jEnd ? y[j++] : Told{};
        add("stream", where, left, right);
      }
    };
    if ((n - head) * (m - head) > 4'000'000) { // too long to be aligned
      pair(head, n, head, m);
      return;
    }
    std::vector<std::vector<uint32_t>> common(n - head + 1, std::vector<uint32_t>(m - head + 1));
    const auto left = [&](size_t i, size_t j) -> uint32_t & { return common[i - head][j - head]; };
    for (size_t i = n; i-- > head;)
      for (size_t j = m; j-- > head;)
        left(i, j) = same(i, j) ? left(i + 1, j + 1) + 1 : std::max(left(i + 1, j), left(i, j + 1));
    for (size_t i = head, j = head; i < n || j < m;) {
      size_t iEnd = i, jEnd = j; // what lies between two common operations is paired off
      while ((iEnd < n || jEnd < m) && !(iEnd < n && jEnd < m && same(iEnd, jEnd)))
        if (jEnd == m || (iEnd < n && left(iEnd + 1, jEnd) >= left(iEnd, jEnd + 1)))
          ++iEnd;
        else
          ++jEnd;
      pair(i, iEnd, j, jEnd);
      i = iEnd + 1, j = jEnd + 1;
    }
  }
  static std::vector<Told> told(const load::Stream &stream) {
    std::vector<Told> out;
    for (const load::Operation &o : stream.operations) {
      const std::string text = operationText(o.op);
      std::string key;
      if (const auto *b = std::get_if<load::BlockWrite>(&o.op))
        for (const uint32_t w : b->words) key += fmt::format(" {:08x}", w);
      else if (const auto *w = std::get_if<load::Write32>(&o.op))
        key = fmt::format(" {:08x}", w->value);
      out.push_back({text, text + key});
    }
    return out;
  }

  const Subject &a_, &b_;
  std::string prefix_;
  std::vector<Difference> out_;
};

} // namespace

std::vector<Difference> differences(const Subject &a, const Subject &b) {
  return Comparer(a, b).run();
}

} // namespace ashlar::report
