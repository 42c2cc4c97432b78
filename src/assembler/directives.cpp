// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The directives that LLVM-AIE's compilers print and people write. What carries nothing into the
// object is read and left; what is unknown is an error, never silence.
#include "assembler/state.h"
#include "base/nearest.h"

#include <algorithm>

namespace ashlar::assembler {

void Assembler::directive(std::string_view text) {
  Words words(text);
  std::string name = words.word();
  // What carries nothing into the object.
  static const std::set<std::string> ignored = {".ident", ".addrsig", ".addrsig_sym", ".loc",
                                                ".delay_slot"};
  if (ignored.count(name) || name.starts_with(".cfi_")) return;
  if (name == ".file") return fileName(words);
  using Method = void (Assembler::*)(Words &, const std::string &);
  static const std::map<std::string, Method> methods = {
      {".text", &Assembler::plainSection},
      {".data", &Assembler::plainSection},
      {".bss", &Assembler::plainSection},
      {".rodata", &Assembler::plainSection},
      {".section", &Assembler::sectionRow},
      {".pushsection", &Assembler::sectionRow},
      {".popsection", &Assembler::popSection},
      {".previous", &Assembler::previous},
      {".globl", &Assembler::binding},
      {".global", &Assembler::binding},
      {".weak", &Assembler::binding},
      {".local", &Assembler::binding},
      {".hidden", &Assembler::visibility},
      {".internal", &Assembler::visibility},
      {".protected", &Assembler::visibility},
      {".type", &Assembler::type},
      {".size", &Assembler::size},
      {".align", &Assembler::alignRow},
      {".p2align", &Assembler::alignRow},
      {".balign", &Assembler::alignRow},
      {".byte", &Assembler::data},
      {".1byte", &Assembler::data},
      {".short", &Assembler::data},
      {".half", &Assembler::data},
      {".hword", &Assembler::data},
      {".2byte", &Assembler::data},
      {".long", &Assembler::data},
      {".int", &Assembler::data},
      {".word", &Assembler::data},
      {".4byte", &Assembler::data},
      {".quad", &Assembler::data},
      {".8byte", &Assembler::data},
      {".xword", &Assembler::data},
      {".zero", &Assembler::space},
      {".space", &Assembler::space},
      {".skip", &Assembler::space},
      {".fill", &Assembler::fill},
      {".ascii", &Assembler::ascii},
      {".asciz", &Assembler::ascii},
      {".string", &Assembler::ascii},
      {".set", &Assembler::setRow},
      {".equ", &Assembler::setRow},
      {".comm", &Assembler::common},
      {".lcomm", &Assembler::common},
      {".uleb128", &Assembler::leb},
      {".sleb128", &Assembler::leb},
      {".org", &Assembler::org},
  };
  auto at = methods.find(name);
  if (at == methods.end()) {
    std::vector<std::string> names;
    for (const auto &m : methods) names.push_back(m.first);
    auto near = nearestName(name, names);
    return fail("asm-directive", fmt::format("{} is not supported", name),
                near ? fmt::format("did you mean '{}'?", *near) : "");
  }
  size_t before = errors_.size();
  (this->*at->second)(words, name);
  if (errors_.size() == before && !words.atEnd())
    fail("asm-directive", fmt::format("{}: '{}' is left over", name, words.rest()));
}

void Assembler::fileName(Words &words) {
  std::string name;
  if (words.string(name) && words.atEnd()) sourceName_ = name; // `.file 1 "x"` is debug information
}

void Assembler::change(int section) {
  previous_ = current_;
  current_ = section;
}

void Assembler::plainSection(Words &, const std::string &name) { change(section(name)); }

void Assembler::popSection(Words &, const std::string &) {
  if (stack_.empty()) return fail("asm-section", ".popsection without .pushsection");
  previous_ = current_;
  current_ = stack_.back();
  stack_.pop_back();
}

void Assembler::previous(Words &, const std::string &) { std::swap(current_, previous_); }

void Assembler::sectionRow(Words &words, const std::string &directive) {
  std::string name = words.word();
  if (name.empty()) return fail("asm-section", "a section's name is missing");
  if (directive == ".pushsection") stack_.push_back(current_);
  size_t count = out_.sections.size();
  int index = section(name);
  bool isNew = out_.sections.size() > count;
  change(index);
  if (!words.take(',')) return;
  std::string flags;
  if (!words.string(flags))
    return fail("asm-section", fmt::format("section {}: flags are written in quotes", name));
  uint32_t value = 0;
  for (char c : flags) {
    static constexpr std::pair<char, uint32_t> table[] = {
        {'a', elf::kAlloc}, {'w', elf::kWrite},   {'x', elf::kExec},
        {'M', elf::kMerge}, {'S', elf::kStrings}, {'o', elf::kLinkOrder},
        {'G', elf::kGroup}, {'R', elf::kRetain},  {'e', elf::kExclude}};
    auto row =
        std::find_if(std::begin(table), std::end(table), [&](auto &r) { return r.first == c; });
    if (row == std::end(table))
      return fail("asm-section", fmt::format("section {}: flag '{}' is not supported", name, c));
    value |= row->second;
  }
  uint32_t type = elf::kProgBits, entry = 0;
  int32_t link = -1;
  std::string group;
  if (words.take(',')) {
    std::string word = words.word();
    if (!word.starts_with('@') && !word.starts_with('%'))
      return fail("asm-section", fmt::format("section {}: a type is written @progbits", name));
    word.erase(0, 1);
    static const std::map<std::string, uint32_t> types = {{"progbits", elf::kProgBits},
                                                          {"nobits", elf::kNoBits},
                                                          {"note", elf::kNote},
                                                          {"init_array", elf::kInitArray},
                                                          {"fini_array", elf::kFiniArray}};
    auto at = types.find(word);
    if (at != types.end()) {
      type = at->second;
    } else {
      std::string_view digits = word;
      auto e = isa::parseExpression(digits);
      if (!e || !e->isConstant() || !digits.empty())
        return fail("asm-section",
                    fmt::format("section {}: type @{} is not supported", name, word));
      type = static_cast<uint32_t>(e->constant);
    }
  }
  if (value & elf::kMerge) {
    if (!words.take(','))
      return fail("asm-section", fmt::format("section {}: 'M' needs the size of an entry", name));
    auto n = number(words, "the size of an entry");
    if (!n) return;
    entry = static_cast<uint32_t>(*n);
  }
  if (value & elf::kLinkOrder) {
    if (!words.take(','))
      return fail("asm-section",
                  fmt::format("section {}: 'o' needs the section it belongs to", name));
    std::string other = words.word();
    auto s = symbols_.find(other);
    link = s != symbols_.end() && s->second.defined ? s->second.section : -1;
    for (size_t i = 0; i < out_.sections.size(); ++i)
      if (out_.sections[i].name == other) link = static_cast<int32_t>(i);
    if (link < 0)
      return fail(
          "asm-section",
          fmt::format("section {}: '{}' is neither a section nor a label yet", name, other));
  }
  if (value & elf::kGroup) {
    if (!words.take(','))
      return fail("asm-section", fmt::format("section {}: 'G' needs the group's name", name));
    group = words.word();
    if (words.take(',')) words.word(); // comdat
  }
  if (words.take(',')) { // unique,N
    words.word();
    if (words.take(',')) number(words, "the number of a unique section");
  }
  elf::Section &s = out_.sections[static_cast<size_t>(index)];
  if (!isNew && s.size && (s.flags != value || s.type != type)) {
    return fail("asm-section",
                fmt::format("section {} was begun with other flags or another type", name));
  }
  s.flags = value;
  s.type = type;
  s.entrySize = entry;
  s.link = link;
  if ((value & elf::kExec) && s.align < 16) s.align = 16;
  if (!group.empty()) groups_[group].insert(static_cast<uint32_t>(index));
}

void Assembler::binding(Words &words, const std::string &name) {
  do {
    std::string s = words.word();
    if (s.empty()) return fail("asm-directive", fmt::format("{} needs a symbol", name));
    Symbol &x = symbol(s);
    x.bind = name == ".weak"    ? elf::Bind::Weak
             : name == ".local" ? elf::Bind::Local
                                : elf::Bind::Global;
    x.bindGiven = true;
  } while (words.take(','));
}

void Assembler::visibility(Words &words, const std::string &name) {
  do {
    std::string s = words.word();
    if (s.empty()) return fail("asm-directive", fmt::format("{} needs a symbol", name));
    symbol(s).visibility = name == ".internal" ? 1 : name == ".hidden" ? 2 : 3;
  } while (words.take(','));
}

void Assembler::type(Words &words, const std::string &) {
  std::string s = words.word();
  words.take(',');
  std::string t = words.word();
  if (!t.empty() && (t[0] == '@' || t[0] == '%' || t[0] == '#')) t.erase(0, 1);
  static const std::map<std::string, elf::SymbolType> types = {
      {"function", elf::SymbolType::Function}, {"STT_FUNC", elf::SymbolType::Function},
      {"object", elf::SymbolType::Object},     {"STT_OBJECT", elf::SymbolType::Object},
      {"notype", elf::SymbolType::None},       {"tls_object", elf::SymbolType::Tls},
      {"common", elf::SymbolType::Common}};
  auto at = types.find(t);
  if (s.empty() || at == types.end())
    return fail("asm-directive", fmt::format(".type {}: '{}' is not a type of symbol", s, t));
  symbol(s).type = at->second;
}

void Assembler::size(Words &words, const std::string &) {
  std::string s = words.word();
  if (s.empty() || !words.take(','))
    return fail("asm-directive", ".size needs a symbol and a size");
  auto e = expression(words);
  if (!e) return fail("asm-expression", e.errors()[0].message);
  symbol(s).size = std::move(*e);
}

void Assembler::alignRow(Words &words, const std::string &name) {
  auto n = number(words, "an alignment");
  if (!n) return;
  // As in LLVM's AIE target, .align counts bytes.
  if (name == ".p2align") {
    if (*n < 0 || *n > 20)
      return fail("asm-range", fmt::format("{} {} is not an alignment", name, *n));
    n = int64_t{1} << *n;
  }
  std::optional<uint8_t> fill;
  uint64_t most = UINT64_MAX;
  if (words.take(',')) {
    if (!words.atEnd() && words.peek() != ',') {
      auto f = number(words, "a fill value");
      if (!f) return;
      fill = static_cast<uint8_t>(*f);
    }
    if (words.take(',')) {
      auto m = number(words, "the most bytes to skip");
      if (!m) return;
      most = static_cast<uint64_t>(*m);
    }
  }
  align(static_cast<uint64_t>(*n), fill, most);
}

void Assembler::data(Words &words, const std::string &name) {
  unsigned width = name == ".byte" || name == ".1byte"                       ? 1
                   : name == ".quad" || name == ".8byte" || name == ".xword" ? 8
                   : name == ".short" || name == ".half" || name == ".hword" || name == ".2byte"
                       ? 2
                       : 4;
  do {
    auto e = expression(words);
    if (!e) return fail("asm-expression", e.errors()[0].message);
    isa::Expression r = reduce(*e);
    std::array<uint8_t, 8> value{};
    if (r.isConstant()) {
      int64_t least = width == 8 ? INT64_MIN : -(int64_t{1} << (width * 8 - 1));
      int64_t most = width == 8 ? INT64_MAX : (int64_t{1} << (width * 8)) - 1;
      if (r.constant < least || r.constant > most)
        return fail("asm-range", fmt::format("{} does not fit in {} bytes", r.constant, width));
      writeU64(value.data(), static_cast<uint64_t>(r.constant));
    } else {
      Open open{current_, now().size, here(), width, {}, {}};
      open.fixups.push_back({0, 0, std::move(*e)});
      open_.push_back(std::move(open));
    }
    bytes({value.data(), width});
  } while (words.take(','));
}

void Assembler::space(Words &words, const std::string &name) {
  auto n = number(words, "the number of bytes");
  if (!n) return;
  if (*n < 0) return fail("asm-range", fmt::format("{} {} is negative", name, *n));
  int64_t value = 0;
  if (words.take(',')) {
    auto v = number(words, "the byte to repeat");
    if (!v) return;
    value = *v;
  }
  zeros(static_cast<uint64_t>(*n), static_cast<uint8_t>(value));
}

void Assembler::fill(Words &words, const std::string &) {
  auto n = number(words, "the number of repetitions");
  int64_t width = 1, value = 0;
  if (n && words.take(',')) {
    auto w = number(words, "the size");
    if (!w) return;
    width = *w;
    if (words.take(',')) {
      auto v = number(words, "the value");
      if (!v) return;
      value = *v;
    }
  }
  if (!n) return;
  if (*n < 0 || width < 0 || width > 8 || *n > kMaxSectionBytes)
    return fail("asm-range", "a repetition or size of .fill is out of range");
  std::array<uint8_t, 8> one{};
  writeU64(one.data(), static_cast<uint64_t>(value));
  Bytes all;
  all.reserve(static_cast<size_t>(*n * width));
  for (int64_t i = 0; i < *n; ++i) all.insert(all.end(), one.begin(), one.begin() + width);
  bytes(all);
}

void Assembler::ascii(Words &words, const std::string &name) {
  do {
    std::string s;
    if (!words.string(s)) return fail("asm-text", fmt::format("{} needs a string in quotes", name));
    if (name != ".ascii") s += '\0';
    bytes({reinterpret_cast<const uint8_t *>(s.data()), s.size()});
  } while (words.take(','));
}

void Assembler::setRow(Words &words, const std::string &name) {
  std::string s = words.word();
  if (!words.take(','))
    return fail("asm-directive", fmt::format("{} needs a symbol and a value", name));
  set(s, words);
}

void Assembler::common(Words &words, const std::string &name) {
  std::string s = words.word();
  if (s.empty() || !words.take(','))
    return fail("asm-directive", fmt::format("{} needs a symbol and a size", name));
  auto n = number(words, "the size");
  if (!n) return;
  int64_t alignment = 1;
  if (words.take(',')) {
    auto a = number(words, "the alignment");
    if (!a) return;
    alignment = *a;
  }
  if (*n < 0 || *n > kMaxSectionBytes || alignment < 1 || (alignment & (alignment - 1)) != 0 ||
      alignment > (1 << 20))
    return fail("asm-range", fmt::format("{} {}: size or alignment is out of range", name, s));
  if (name == ".lcomm") {
    int back = current_;
    current_ = section(".bss");
    align(static_cast<uint64_t>(alignment), 0, UINT64_MAX);
    define(s);
    zeros(static_cast<uint64_t>(*n), 0);
    current_ = back;
    return;
  }
  Symbol &x = symbol(s);
  if (x.defined)
    return fail("asm-symbol", fmt::format("'{}' is defined twice; first at {}", s, x.place.str()));
  x.common = true;
  x.commonSize = static_cast<uint32_t>(*n);
  x.commonAlign = static_cast<uint32_t>(alignment);
  if (!x.bindGiven) x.bind = elf::Bind::Global;
}

void Assembler::leb(Words &words, const std::string &name) {
  do {
    auto n = number(words, "the value");
    if (!n) return;
    Bytes out;
    if (name == ".uleb128") {
      uint64_t v = static_cast<uint64_t>(*n);
      do {
        out.push_back(static_cast<uint8_t>((v & 127) | (v > 127 ? 128 : 0)));
        v >>= 7;
      } while (v);
    } else {
      int64_t v = *n;
      for (;;) {
        uint8_t b = v & 127;
        v >>= 7;
        bool last = (v == 0 && !(b & 64)) || (v == -1 && (b & 64));
        out.push_back(last ? b : b | 128);
        if (last) break;
      }
    }
    bytes(out);
  } while (words.take(','));
}

void Assembler::org(Words &words, const std::string &) {
  auto n = number(words, "the place");
  if (!n) return;
  if (*n < now().size) return fail("asm-range", ".org cannot go back");
  zeros(static_cast<uint64_t>(*n) - now().size, 0);
}

} // namespace ashlar::assembler
