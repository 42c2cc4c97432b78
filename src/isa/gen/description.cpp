// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reader of the description: rows begin in the first column, continuation lines are indented, `#`
// starts a comment. A second pass checks that every name a row uses is known and that encodings
// fill their slot exactly.
#include "isa/gen/description.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace ashlar::isa::description {
namespace {

using Words = std::vector<std::string>;

struct Row {
  Place place;
  Words words; ///< quoted text is one word without its quotes
};

Diagnostic bad(const Place &place, std::string message) {
  return error("isa-syntax", place, std::move(message));
}

Result<Words> split(std::string_view line, const Place &place) {
  Words words;
  size_t i = 0;
  while (i < line.size()) {
    if (line[i] == ' ') {
      ++i;
    } else if (line[i] == '#') {
      break;
    } else if (line[i] == '"') {
      size_t end = line.find('"', i + 1);
      if (end == std::string_view::npos) return bad(place, "text without its closing quote");
      words.emplace_back(line.substr(i + 1, end - i - 1));
      i = end + 1;
    } else {
      size_t end = line.find(' ', i);
      if (end == std::string_view::npos) end = line.size();
      words.emplace_back(line.substr(i, end - i));
      i = end;
    }
  }
  return words;
}

Result<unsigned> number(std::string_view text, const Place &place) {
  unsigned value = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size())
    return bad(place, fmt::format("'{}' is not a number", text));
  return value;
}

/// `r7` -> {"r", "", 7}; `d3_3d` -> {"d", "_3d", 3}.
bool numbered(std::string_view name, std::string &stem, std::string &tail, unsigned &n) {
  tail.clear();
  if (name.ends_with("_3d")) {
    tail = "_3d";
    name.remove_suffix(3);
  }
  size_t digits = name.size();
  while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9') --digits;
  if (digits == name.size()) return false;
  stem = name.substr(0, digits);
  n = 0;
  std::from_chars(name.data() + digits, name.data() + name.size(), n);
  return true;
}

/// `r0..r31` or one name.
Result<Words> expand(std::string_view text, const Place &place) {
  size_t dots = text.find("..");
  if (dots == std::string_view::npos) return Words{std::string(text)};
  std::string stem, tail, stem2, tail2;
  unsigned first = 0, last = 0;
  if (!numbered(text.substr(0, dots), stem, tail, first) ||
      !numbered(text.substr(dots + 2), stem2, tail2, last) || stem != stem2 || tail != tail2 ||
      last < first)
    return bad(place, fmt::format("'{}' is not a range of registers", text));
  Words names;
  for (unsigned n = first; n <= last; ++n) names.push_back(fmt::format("{}{}{}", stem, n, tail));
  return names;
}

class Reader {
public:
  Description d;

  Status file(const std::string &name, std::string_view text) {
    source_.clear();
    std::vector<Row> rows;
    uint32_t lineNumber = 0;
    while (!text.empty()) {
      size_t end = text.find('\n');
      std::string_view line = text.substr(0, end);
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
      ++lineNumber;
      Place place = Place::at(name, lineNumber, 1);
      bool indented = line.starts_with(' ');
      ASHLAR_TRY(Words words, split(line, place));
      if (words.empty()) continue;
      if (indented) {
        if (rows.empty()) return bad(place, "a continuation without a row");
        if (words[0] == "means") { // free text: kept as one word
          size_t at = line.find("means");
          rows.back().words.push_back("means");
          rows.back().words.push_back(std::string(line.substr(std::min(at + 6, line.size()))));
          inMeans_ = true;
          continue;
        }
        if (inMeans_ && line.starts_with("    ")) {
          rows.back().words.back() += " " + std::string(line.substr(4));
          continue;
        }
        inMeans_ = false;
        rows.back().words.insert(rows.back().words.end(), words.begin(), words.end());
      } else {
        inMeans_ = false;
        rows.push_back({place, std::move(words)});
      }
    }
    for (const Row &row : rows) ASHLAR_CHECK(this->row(row));
    return Ok{};
  }

private:
  Status row(const Row &r) {
    const std::string &kind = r.words[0];
    if (kind == "source") {
      source_ = r.words.size() > 1 ? r.words[1] : "";
      return Ok{};
    }
    if (kind == "reg") return reg(r);
    if (kind == "class" || kind == "set") return cls(r);
    if (kind == "slot") return slot(r);
    if (kind == "length") return length(r);
    if (kind == "format") return format(r);
    if (kind == "unit") {
      d.units.insert(d.units.end(), r.words.begin() + 1, r.words.end());
      return Ok{};
    }
    if (kind == "itinerary") return itinerary(r);
    if (kind == "variant") return variant(r);
    if (kind == "reloc") return relocation(r);
    if (kind == "shuffle") return shuffle(r);
    return instruction(r);
  }

  static Status need(const Row &r, size_t words) {
    if (r.words.size() < words)
      return bad(r.place, fmt::format("'{}' needs at least {} words", r.words[0], words));
    return Ok{};
  }

  Status reg(const Row &r) {
    ASHLAR_CHECK(need(r, 4));
    Register x;
    x.name = x.asmName = r.words[1];
    ASHLAR_TRY(x.bits, number(r.words[2], r.place));
    x.kind = r.words[3];
    bool parts = false;
    for (size_t i = 4; i < r.words.size(); ++i) {
      const std::string &w = r.words[i];
      if (parts) {
        size_t at = w.find('@');
        if (at == std::string::npos) return bad(r.place, fmt::format("'{}' is not PART@BIT", w));
        ASHLAR_TRY(unsigned bit, number(std::string_view(w).substr(at + 1), r.place));
        x.parts.push_back({w.substr(0, at), bit});
      } else if (w.starts_with("hw=")) {
        ASHLAR_TRY(x.hw, number(std::string_view(w).substr(3), r.place));
      } else if (w.starts_with("dwarf=")) {
        ASHLAR_TRY(x.dwarf, number(std::string_view(w).substr(6), r.place));
      } else if (w.starts_with("asm=")) {
        x.asmName = w.substr(4);
      } else if (w == "saved") {
        x.saved = true;
      } else if (w == "of") {
        parts = true;
      } else {
        return bad(r.place, fmt::format("'{}' is not a property of a register", w));
      }
    }
    d.registers.push_back(std::move(x));
    return Ok{};
  }

  Status cls(const Row &r) {
    OperandClass c;
    bool set = r.words[0] == "set";
    ASHLAR_CHECK(need(r, set ? 3 : 4));
    c.name = r.words[1];
    c.encodable = !set;
    if (!set) {
      ASHLAR_TRY(c.bits, number(r.words[2], r.place));
    }
    for (size_t i = set ? 2 : 3; i < r.words.size(); ++i) {
      std::string_view w = r.words[i];
      unsigned first = static_cast<unsigned>(c.values.size()), step = 1;
      if (!set) {
        size_t equal = w.find('='), colon = w.find(':');
        if (equal == std::string_view::npos)
          return bad(r.place, fmt::format("'{}' is not VALUE=REG", w));
        if (colon < equal) {
          ASHLAR_TRY(step, number(w.substr(colon + 1, equal - colon - 1), r.place));
        }
        ASHLAR_TRY(first, number(w.substr(0, std::min(colon, equal)), r.place));
        w.remove_prefix(equal + 1);
      }
      ASHLAR_TRY(Words names, expand(w, r.place));
      for (std::string &n : names) {
        c.values.emplace_back(first, std::move(n));
        first += step;
      }
    }
    std::sort(c.values.begin(), c.values.end());
    for (size_t i = 0; i < c.values.size(); ++i)
      if (!set &&
          (c.values[i].first >> c.bits || (i && c.values[i].first == c.values[i - 1].first)))
        return bad(r.place, fmt::format("class {}: value {} is repeated or too wide", c.name,
                                        c.values[i].first));
    d.classes.push_back(std::move(c));
    return Ok{};
  }

  Status slot(const Row &r) {
    ASHLAR_CHECK(need(r, 4));
    ASHLAR_TRY(unsigned bits, number(r.words[2], r.place));
    d.slots.push_back({r.words[1], bits, r.words[3]});
    return Ok{};
  }

  Status length(const Row &r) {
    ASHLAR_CHECK(need(r, 3));
    ASHLAR_TRY(unsigned bytes, number(r.words[2], r.place));
    d.lengths.push_back({r.words[1], bytes});
    return Ok{};
  }

  Status format(const Row &r) {
    ASHLAR_CHECK(need(r, 4));
    Format f;
    f.name = r.words[1];
    ASHLAR_TRY(f.bytes, number(r.words[2], r.place));
    unsigned left = f.bytes * 8;
    for (size_t i = 3; i < r.words.size(); ++i) {
      const std::string &w = r.words[i];
      FormatField field;
      if (const Slot *s = d.findSlot(w)) {
        field.slot = w;
        field.bits = s->bits;
      } else if (w.find_first_not_of("01?") == std::string::npos) {
        field.pattern = w;
        field.bits = static_cast<unsigned>(w.size());
      } else {
        return bad(r.place, fmt::format("'{}' is neither a slot nor bits", w));
      }
      if (field.bits > left) return bad(r.place, "the fields are longer than the bundle");
      left -= field.bits;
      field.lo = left;
      f.fields.push_back(std::move(field));
    }
    if (left) return bad(r.place, fmt::format("{} bits of the bundle are not described", left));
    d.formats.push_back(std::move(f));
    return Ok{};
  }

  Status itinerary(const Row &r) {
    ASHLAR_CHECK(need(r, 2));
    Itinerary t;
    t.name = r.words[1];
    std::string part;
    for (size_t i = 2; i < r.words.size(); ++i) {
      std::string_view w = r.words[i];
      if (w == "stages" || w == "cycles" || w == "bypass" || w == "memory") {
        part = w;
      } else if (part == "stages") {
        Stage s;
        size_t at = w.find('@');
        if (at == std::string_view::npos) return bad(r.place, fmt::format("'{}' has no @", w));
        s.unit = w.substr(0, at);
        w.remove_prefix(at + 1);
        if (w.ends_with('!')) {
          s.reserved = true;
          w.remove_suffix(1);
        }
        size_t plus = w.find('+');
        ASHLAR_TRY(s.cycle, number(w.substr(0, plus), r.place));
        if (plus != std::string_view::npos) {
          ASHLAR_TRY(s.length, number(w.substr(plus + 1), r.place));
        }
        t.stages.push_back(std::move(s));
      } else if (part == "cycles" || part == "memory") {
        ASHLAR_TRY(unsigned n, number(w, r.place));
        (part == "cycles" ? t.cycles : t.memory).push_back(n);
      } else if (part == "bypass") {
        t.bypass.emplace_back(w);
      } else {
        return bad(r.place, fmt::format("'{}' is not a part of an itinerary", w));
      }
    }
    d.itineraries.push_back(std::move(t));
    return Ok{};
  }

  Status variant(const Row &r) {
    ASHLAR_CHECK(need(r, 5));
    Variant v{r.words[1], r.words[2], {}};
    for (size_t i = 4; i < r.words.size(); ++i) {
      size_t colon = r.words[i].find(':');
      if (colon == std::string::npos) return bad(r.place, "a condition is OPERAND:CLASS");
      ASHLAR_TRY(unsigned n, number(std::string_view(r.words[i]).substr(0, colon), r.place));
      v.when.emplace_back(n, r.words[i].substr(colon + 1));
    }
    d.variants.push_back(std::move(v));
    return Ok{};
  }

  Status relocation(const Row &r) {
    ASHLAR_CHECK(need(r, 5));
    Relocation x;
    ASHLAR_TRY(x.number, number(r.words[1], r.place));
    x.kind = r.words[2];
    ASHLAR_TRY(x.bytes, number(r.words[3], r.place));
    for (size_t i = 4; i < r.words.size(); ++i) {
      std::string_view w = r.words[i];
      size_t colon = w.find(':'), at = w.find('@');
      if (colon == std::string_view::npos || at == std::string_view::npos || at < colon)
        return bad(r.place, fmt::format("'{}' is not HI:LO@BIT", w));
      RelocationField f;
      ASHLAR_TRY(f.valueHi, number(w.substr(0, colon), r.place));
      ASHLAR_TRY(f.valueLo, number(w.substr(colon + 1, at - colon - 1), r.place));
      ASHLAR_TRY(f.bit, number(w.substr(at + 1), r.place));
      x.fields.push_back(f);
    }
    d.relocations.push_back(std::move(x));
    return Ok{};
  }

  Status shuffle(const Row &r) {
    ASHLAR_CHECK(need(r, 3));
    ASHLAR_TRY(unsigned mode, number(r.words[1], r.place));
    d.shuffles.push_back({mode, r.words[2]});
    return Ok{};
  }

  Status instruction(const Row &r) {
    ASHLAR_CHECK(need(r, 4));
    Instruction x;
    x.place = r.place;
    x.name = r.words[0];
    x.slot = r.words[1];
    x.itinerary = r.words[2];
    x.syntax = r.words[3];
    x.mnemonic = x.syntax.substr(0, x.syntax.find(' '));
    x.source = source_;
    static const std::set<std::string> parts = {"bits",   "out",    "in",      "def",  "use",
                                                "load",   "store",  "effects", "call", "jump",
                                                "branch", "return", "source",  "means"};
    std::string part;
    for (size_t i = 4; i < r.words.size(); ++i) {
      const std::string &w = r.words[i];
      if (part == "means") {
        x.means = w;
        part.clear();
      } else if (parts.count(w)) {
        part = w;
        if (w == "effects") x.effects = true;
        if (w == "source") x.source.clear();
        if (w == "call" || w == "jump" || w == "branch" || w == "return") x.control = w;
      } else if (part == "bits") {
        ASHLAR_CHECK(field(r, x, w));
      } else if (part == "out" || part == "in") {
        ASHLAR_CHECK(operand(r, x, w, part == "out"));
      } else if (part == "def") {
        x.defs.push_back(w);
      } else if (part == "use") {
        x.uses.push_back(w);
      } else if (part == "load" || part == "store") {
        (part == "load" ? x.load : x.store) = true;
        ASHLAR_TRY(x.memoryBytes, number(w, r.place));
      } else if (part == "branch" && w == "if") {
        x.conditional = true;
      } else if (part == "source") {
        x.source += (x.source.empty() ? "" : " ") + w;
      } else {
        return bad(r.place, fmt::format("'{}' is not understood in the row of {}", w, x.name));
      }
    }
    unsigned lo = 0;
    for (auto f = x.encoding.rbegin(); f != x.encoding.rend(); ++f) {
      f->lo = lo;
      lo += f->width;
    }
    const Slot *slot = d.findSlot(x.slot);
    if (!slot) return bad(r.place, fmt::format("'{}' is neither a keyword nor a slot", x.slot));
    if (lo != slot->bits)
      return bad(r.place, fmt::format("{} describes {} bits; slot {} has {}", x.name, lo, x.slot,
                                      slot->bits));
    d.instructions.push_back(std::move(x));
    return Ok{};
  }

  static Status field(const Row &r, Instruction &x, std::string_view w) {
    EncodingField f;
    size_t open = w.find('[');
    if (open == std::string_view::npos) {
      if (w.find_first_not_of("01x") != std::string_view::npos)
        return bad(r.place, fmt::format("'{}' is neither bits nor OPERAND[HI:LO]", w));
      f.bits = w;
      f.width = static_cast<unsigned>(w.size());
    } else {
      size_t colon = w.find(':', open);
      if (colon == std::string_view::npos || !w.ends_with(']'))
        return bad(r.place, fmt::format("'{}' is not OPERAND[HI:LO]", w));
      f.operand = w.substr(0, open);
      ASHLAR_TRY(f.opHi, number(w.substr(open + 1, colon - open - 1), r.place));
      ASHLAR_TRY(f.opLo, number(w.substr(colon + 1, w.size() - colon - 2), r.place));
      if (f.opHi < f.opLo || f.opHi > 31) return bad(r.place, "a field's bits run downwards");
      f.width = f.opHi - f.opLo + 1;
    }
    x.encoding.push_back(std::move(f));
    return Ok{};
  }

  Status operand(const Row &r, Instruction &x, std::string_view w, bool out) const {
    Operand o;
    o.out = out;
    size_t colon = w.find(':');
    if (colon == std::string_view::npos)
      return bad(r.place, fmt::format("'{}' is not NAME:KIND", w));
    o.name = w.substr(0, colon);
    w.remove_prefix(colon + 1);
    if (size_t equal = w.find('='); equal != std::string_view::npos) {
      o.tiedTo = w.substr(equal + 1);
      w = w.substr(0, equal);
    }
    if (size_t less = w.find('<'); less != std::string_view::npos) {
      std::string_view from = w.substr(less + 1);
      size_t dot = from.find('.');
      if (dot == std::string_view::npos) return bad(r.place, "a derived operand is <NAME.PART");
      o.derivedFrom = from.substr(0, dot);
      o.part = from.substr(dot + 1);
      w = w.substr(0, less);
    }
    if (d.findClass(w)) {
      o.cls = w;
    } else if (!w.empty() && (w[0] == 'u' || w[0] == 's' || w[0] == 'n')) {
      o.reg = false;
      o.sign = w[0];
      size_t times = w.find('*');
      ASHLAR_TRY(o.bits,
                 number(w.substr(1, times == std::string_view::npos ? times : times - 1), r.place));
      if (times != std::string_view::npos) {
        ASHLAR_TRY(o.scale, number(w.substr(times + 1), r.place));
      }
    } else {
      return bad(r.place, fmt::format("'{}' is neither a class nor an immediate", w));
    }
    x.operands.push_back(std::move(o));
    return Ok{};
  }

  std::string source_;
  bool inMeans_ = false;
};

template <class T> const T *find(const std::vector<T> &all, std::string_view name) {
  for (const T &x : all)
    if (x.name == name) return &x;
  return nullptr;
}

/// Every name used is known; every operand has its bits; masks are consistent.
Diagnostics check(const Description &d) {
  Diagnostics out;
  auto unknown = [&](const Place &place, std::string_view what, std::string_view name) {
    out.push_back(error("isa-unknown-name", place, fmt::format("unknown {} '{}'", what, name)));
  };
  Place file = Place::at("src/isa");
  for (const Register &r : d.registers)
    for (const Register::Part &p : r.parts)
      if (!d.findRegister(p.reg)) unknown(file, "register", p.reg);
  for (const OperandClass &c : d.classes)
    for (const auto &[value, reg] : c.values)
      if (!d.findRegister(reg)) unknown(file, "register", reg);
  std::set<std::string> units(d.units.begin(), d.units.end());
  for (const Itinerary &t : d.itineraries)
    for (const Stage &s : t.stages)
      if (!units.count(s.unit)) unknown(file, "unit", s.unit);
  for (const Variant &v : d.variants) {
    if (!d.findItinerary(v.base)) unknown(file, "itinerary", v.base);
    if (!d.findItinerary(v.itinerary)) unknown(file, "itinerary", v.itinerary);
    for (const auto &[n, c] : v.when)
      if (!d.findClass(c)) unknown(file, "class", c);
  }
  for (const Slot &s : d.slots)
    if (!d.findInstruction(s.nop)) unknown(file, "instruction", s.nop);
  for (const Instruction &x : d.instructions) {
    if (!d.findItinerary(x.itinerary)) unknown(x.place, "itinerary", x.itinerary);
    for (const auto *list : {&x.defs, &x.uses})
      for (const std::string &r : *list)
        if (!d.findRegister(r)) unknown(x.place, "register", r);
    std::vector<uint64_t> have(x.operands.size(), 0);
    for (const EncodingField &f : x.encoding) {
      if (f.operand.empty()) continue;
      int i = x.operandIndex(f.operand);
      if (i < 0) {
        unknown(x.place, "operand", f.operand);
        continue;
      }
      have[i] |= ((uint64_t{1} << f.width) - 1) << f.opLo;
    }
    for (size_t i = 0; i < x.operands.size(); ++i) {
      const Operand &o = x.operands[i];
      for (const std::string &other : {o.tiedTo, o.derivedFrom})
        if (!other.empty() && x.operandIndex(other) < 0) unknown(x.place, "operand", other);
      unsigned bits = o.reg ? d.findClass(o.cls)->bits : o.bits;
      bool encoded = o.derivedFrom.empty() && bits && !(have[i] == 0 && !o.tiedTo.empty());
      if (encoded && have[i] != (uint64_t{1} << bits) - 1)
        out.push_back(error("isa-bad-row", x.place,
                            fmt::format("{}: operand {} is not wholly encoded", x.name, o.name)));
    }
  }
  return out;
}

} // namespace

uint64_t Instruction::matchMask() const {
  uint64_t mask = 0;
  for (const EncodingField &f : encoding)
    for (size_t i = 0; i < f.bits.size(); ++i)
      if (f.bits[i] != 'x') mask |= uint64_t{1} << (f.lo + f.bits.size() - 1 - i);
  return mask;
}

uint64_t Instruction::matchValue() const {
  uint64_t value = 0;
  for (const EncodingField &f : encoding)
    for (size_t i = 0; i < f.bits.size(); ++i)
      if (f.bits[i] == '1') value |= uint64_t{1} << (f.lo + f.bits.size() - 1 - i);
  return value;
}

int Instruction::operandIndex(std::string_view operand) const {
  for (size_t i = 0; i < operands.size(); ++i)
    if (operands[i].name == operand) return static_cast<int>(i);
  return -1;
}

const Register *Description::findRegister(std::string_view n) const { return find(registers, n); }
const OperandClass *Description::findClass(std::string_view n) const { return find(classes, n); }
const Slot *Description::findSlot(std::string_view n) const { return find(slots, n); }
const Itinerary *Description::findItinerary(std::string_view n) const {
  return find(itineraries, n);
}
const Instruction *Description::findInstruction(std::string_view n) const {
  return find(instructions, n);
}

Result<Description> parse(const std::vector<std::pair<std::string, std::string>> &files) {
  Reader reader;
  for (const auto &[name, text] : files) ASHLAR_CHECK(reader.file(name, text));
  std::sort(reader.d.instructions.begin(), reader.d.instructions.end(),
            [](const Instruction &a, const Instruction &b) { return a.name < b.name; });
  for (size_t i = 1; i < reader.d.instructions.size(); ++i)
    if (reader.d.instructions[i].name == reader.d.instructions[i - 1].name)
      return error("isa-bad-row", reader.d.instructions[i].place,
                   fmt::format("{} is described twice", reader.d.instructions[i].name));
  if (Diagnostics problems = check(reader.d); !problems.empty()) return problems;
  return std::move(reader.d);
}

Result<Description> read(const std::vector<std::string> &paths) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const std::string &path : paths) {
    ASHLAR_TRY(std::string text, readTextFile(path));
    files.emplace_back(path, std::move(text));
  }
  return parse(files);
}

} // namespace ashlar::isa::description
