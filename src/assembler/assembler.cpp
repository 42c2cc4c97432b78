// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One pass over the lines writes the sections; the size of every bundle is known when it is read,
// so all label addresses are known at the end of the text. Then the open immediates are settled:
// a constant goes into the bundle, a symbol becomes a relocation. Symbols that begin with `.L` are
// not written; relocations reach them through their section, as in LLVM's objects.
#include "assembler/assembler.h"

#include "assembler/line.h"
#include "base/nearest.h"
#include "isa/encode.h"
#include "isa/parse.h"
#include "isa/relocs.h"

#include <algorithm>
#include <map>
#include <set>

namespace ashlar::assembler {
namespace {

namespace elf = format::elf;

constexpr size_t kMaxErrors = 50;
constexpr uint32_t kMaxSectionBytes = 64u << 20; // far above any memory of the array

struct Symbol {
  bool defined = false;
  bool isExpression = false; ///< `.set`
  isa::Expression value;
  int section = elf::kUndefined;
  uint32_t offset = 0;
  elf::Bind bind = elf::Bind::Local;
  bool bindGiven = false;
  elf::SymbolType type = elf::SymbolType::None;
  uint8_t visibility = 0;
  std::optional<isa::Expression> size;
  bool common = false;
  uint32_t commonSize = 0, commonAlign = 1;
  Place place;
  uint32_t order = 0;
};

/// An immediate of a bundle, or a data value, that the end of the text settles.
struct Open {
  int section = 0;
  uint32_t offset = 0;
  Place place;
  unsigned dataBytes = 0; ///< 0: a bundle
  isa::Bundle bundle;
  std::vector<isa::Fixup> fixups; ///< instruction = index in the bundle
};

class Assembler {
public:
  explicit Assembler(const std::string &file) : file_(file) {
    out_.type = elf::FileType::Relocatable;
    current_ = section(".text");
  }

  Result<elf::File> run(std::string_view text) {
    bool inComment = false;
    while (!text.empty() && errors_.size() < kMaxErrors) {
      size_t end = text.find('\n');
      ++line_;
      line(withoutComments(text.substr(0, end), inComment));
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    if (inComment) fail("asm-text", "the text ends inside a comment");
    if (errors_.empty()) settle();
    if (errors_.empty()) symbols();
    if (!errors_.empty()) return errors_;
    return std::move(out_);
  }

private:
  Place here() const { return Place::at(file_, line_, 0); }
  void fail(const char *code, std::string message, std::string remedy = {}) {
    errors_.push_back(error(code, here(), std::move(message), std::move(remedy)));
  }

  // ---- sections --------------------------------------------------------------------------------

  int section(const std::string &name) {
    for (size_t i = 0; i < out_.sections.size(); ++i)
      if (out_.sections[i].name == name) return static_cast<int>(i);
    elf::Section s;
    s.name = name;
    auto is = [&](std::string_view prefix) {
      return name == prefix || name.starts_with(std::string(prefix) + ".");
    };
    if (is(".text")) {
      s.flags = elf::kAlloc | elf::kExec;
      s.align = 16; // instruction fetch reads 16 bytes
    } else if (is(".data")) {
      s.flags = elf::kAlloc | elf::kWrite;
    } else if (is(".bss")) {
      s.flags = elf::kAlloc | elf::kWrite;
      s.type = elf::kNoBits;
    } else if (is(".rodata")) {
      s.flags = elf::kAlloc;
    } else if (is(".init_array") || is(".fini_array")) {
      s.flags = elf::kAlloc | elf::kWrite;
      s.type = is(".init_array") ? elf::kInitArray : elf::kFiniArray;
    }
    out_.sections.push_back(std::move(s));
    return static_cast<int>(out_.sections.size()) - 1;
  }

  elf::Section &now() { return out_.sections[static_cast<size_t>(current_)]; }
  bool inCode() { return now().flags & elf::kExec; }

  void bytes(ByteView data) {
    elf::Section &s = now();
    if (s.size + data.size() > kMaxSectionBytes) {
      fail("asm-range", fmt::format("section {} grows beyond 64 MiB", s.name));
      return;
    }
    if (s.type == elf::kNoBits) {
      if (std::any_of(data.begin(), data.end(), [](uint8_t b) { return b != 0; }))
        fail("asm-section",
             fmt::format("section {} has no contents; only zeros can go there", s.name));
    } else {
      s.data.insert(s.data.end(), data.begin(), data.end());
    }
    s.size += static_cast<uint32_t>(data.size());
  }

  void zeros(uint64_t n, uint8_t value) {
    if (n > kMaxSectionBytes) return fail("asm-range", fmt::format("{} bytes are too many", n));
    bytes(Bytes(n, value));
  }

  void align(uint64_t n, std::optional<uint8_t> fill, uint64_t most) {
    if (n == 0) n = 1;
    if ((n & (n - 1)) != 0 || n > (1u << 20))
      return fail("asm-range", fmt::format("{} is not an alignment", n));
    elf::Section &s = now();
    s.align = std::max<uint32_t>(s.align, static_cast<uint32_t>(n));
    uint32_t pad = static_cast<uint32_t>((n - s.size % n) % n);
    if (pad > most) return;
    if (!inCode() || fill) return zeros(pad, fill.value_or(0));
    while (pad) { // few long bundles without effect: they are executed when control falls through
      uint32_t piece = std::min<uint32_t>(pad, isa::kMaxBundleBytes) & ~1u;
      if (!piece) return fail("asm-range", "code has an odd size; it cannot be aligned");
      auto encoded = isa::encode(isa::nopBundle(piece));
      ASHLAR_ASSERT(encoded.ok());
      bytes(encoded->view());
      pad -= piece;
    }
  }

  // ---- symbols ---------------------------------------------------------------------------------

  Symbol &symbol(const std::string &name) {
    auto [at, isNew] = symbols_.try_emplace(name);
    if (isNew) {
      at->second.order = static_cast<uint32_t>(symbols_.size());
      at->second.place = here();
    }
    return at->second;
  }

  void define(const std::string &name) {
    Symbol &s = symbol(name);
    if (s.defined || s.common)
      return fail("asm-symbol",
                  fmt::format("'{}' is defined twice; first at {}", name, s.place.str()));
    s.defined = true;
    s.section = current_;
    s.offset = now().size;
    s.place = here();
  }

  std::optional<int64_t> known(std::string_view name) const {
    auto at = symbols_.find(std::string(name));
    if (at == symbols_.end() || !at->second.isExpression || !at->second.value.isConstant())
      return std::nullopt;
    return at->second.value.constant;
  }

  /// `.`, `1b` and `2f` become labels of their own.
  void localNames(isa::Expression &e) {
    for (auto &[name, sign] : e.terms) {
      if (name == ".") {
        name = fmt::format(".Lhere{}", ++heres_);
        define(name);
      } else if (name[0] >= '0' && name[0] <= '9') {
        unsigned number = 0;
        for (char c : name)
          if (c >= '0' && c <= '9') number = number * 10 + static_cast<unsigned>(c - '0');
        bool back = name.back() == 'b';
        unsigned count = numbered_[number] + (back ? 0 : 1);
        if (!count)
          fail("asm-symbol", fmt::format("there is no label {} before this line", number));
        name = fmt::format(".Lnumbered{}_{}", number, count);
      }
    }
  }

  Result<isa::Expression> expression(Words &words) {
    auto e = isa::parseExpression(words.rest(), [this](std::string_view n) { return known(n); });
    words.skip();
    if (e) localNames(*e);
    return e;
  }

  /// A value that must be known now.
  std::optional<int64_t> number(Words &words, std::string_view what) {
    auto e = expression(words);
    if (!e) {
      fail("asm-expression", e.errors()[0].message);
      return std::nullopt;
    }
    isa::Expression r = reduce(*e);
    if (!r.isConstant()) {
      fail("asm-expression", fmt::format("{} must be a number that is known here", what));
      return std::nullopt;
    }
    return r.constant;
  }

  /// Replaces `.set` symbols and cancels differences of labels of one section.
  isa::Expression reduce(const isa::Expression &e, unsigned depth = 0) const {
    isa::Expression out{e.constant, {}};
    for (const auto &[name, sign] : e.terms) {
      auto at = symbols_.find(name);
      if (at != symbols_.end() && at->second.isExpression && depth < 32) {
        isa::Expression inner = reduce(at->second.value, depth + 1);
        out.constant += sign * inner.constant;
        for (auto &[n, s] : inner.terms) out.terms.emplace_back(n, s * sign);
      } else {
        out.terms.emplace_back(name, sign);
      }
    }
    for (size_t i = 0; i < out.terms.size(); ++i)
      for (size_t k = 0; k < out.terms.size(); ++k) {
        if (out.terms[i].second != 1 || out.terms[k].second != -1) continue;
        auto a = symbols_.find(out.terms[i].first), b = symbols_.find(out.terms[k].first);
        if (a == symbols_.end() || b == symbols_.end() || !a->second.defined ||
            !b->second.defined || a->second.section != b->second.section)
          continue;
        out.constant += int64_t{a->second.offset} - int64_t{b->second.offset};
        out.terms.erase(out.terms.begin() + static_cast<long>(std::max(i, k)));
        out.terms.erase(out.terms.begin() + static_cast<long>(std::min(i, k)));
        return reduce(out, depth + 1);
      }
    return out;
  }

  // ---- lines -----------------------------------------------------------------------------------

  void line(std::string_view text) {
    for (;;) {
      size_t start = text.find_first_not_of(" \t");
      if (start == std::string_view::npos) return;
      text.remove_prefix(start);
      // A label: a symbol or number directly followed by ':'.
      size_t end = 0;
      std::string name;
      if (text[0] == '"') {
        end = text.find('"', 1);
        if (end == std::string_view::npos) return fail("asm-text", "a string has no end");
        name = text.substr(1, end - 1);
        ++end;
      } else {
        while (end < text.size() && isa::isSymbolPart(text[end])) ++end;
        name = text.substr(0, end);
      }
      if (end && end < text.size() && text[end] == ':') {
        if (name[0] >= '0' && name[0] <= '9') {
          unsigned n = 0;
          for (char c : name) {
            if (c < '0' || c > '9' || n > 100'000)
              return fail("asm-symbol", fmt::format("'{}' is not a label", name));
            n = n * 10 + static_cast<unsigned>(c - '0');
          }
          name = fmt::format(".Lnumbered{}_{}", n, ++numbered_[n]);
        }
        define(name);
        text.remove_prefix(end + 1);
        continue;
      }
      if (end && assignment(name, text.substr(end))) return;
      if (text[0] == '.' || name.starts_with('.')) return directive(text);
      return bundle(text);
    }
  }

  bool assignment(const std::string &name, std::string_view rest) {
    size_t at = rest.find_first_not_of(" \t");
    if (at == std::string_view::npos || rest[at] != '=') return false;
    Words words(rest.substr(at + 1));
    set(name, words);
    return true;
  }

  void set(const std::string &name, Words &words) {
    if (name.empty()) return fail("asm-directive", "a symbol's name is missing");
    auto e = expression(words);
    if (!e) return fail("asm-expression", e.errors()[0].message);
    if (!words.atEnd())
      return fail("asm-directive", fmt::format("'{}' is left over", words.rest()));
    Symbol &s = symbol(name);
    if (s.defined) return fail("asm-symbol", fmt::format("'{}' is already a label", name));
    isa::Expression value = reduce(*e);
    for (const auto &term : value.terms)
      if (term.first == name)
        return fail("asm-symbol", fmt::format("'{}' is defined by itself", name));
    s.isExpression = true;
    s.value = std::move(value);
    s.place = here();
  }

  void bundle(std::string_view text) {
    auto parsed = isa::parseBundle(text, here(), [this](std::string_view n) { return known(n); });
    if (!parsed) {
      errors_.insert(errors_.end(), parsed.errors().begin(), parsed.errors().end());
      return;
    }
    if (!inCode())
      return fail("asm-section", fmt::format("section {} is not for code", now().name),
                  "put `.text` before the instructions");
    auto made = isa::makeBundle(parsed->insts);
    if (!made) return fail(made.errors()[0].code.c_str(), made.errors()[0].message);
    if (now().size % 2) return fail("asm-range", "a bundle must begin at an even address");
    auto encoded = isa::encode(*made);
    if (!encoded) return fail(encoded.errors()[0].code.c_str(), encoded.errors()[0].message);
    if (!parsed->fixups.empty()) {
      Open open{current_, now().size, here(), 0, *made, std::move(parsed->fixups)};
      for (isa::Fixup &f : open.fixups) {
        const isa::Inst &inst = parsed->insts[f.instruction];
        for (unsigned i = 0; i < made->count; ++i)
          if (isa::info(made->insts[i]).slot == isa::info(inst).slot) f.instruction = i;
        localNames(f.value);
      }
      open_.push_back(std::move(open));
    }
    bytes(encoded->view());
  }

  // ---- directives ------------------------------------------------------------------------------

  void directive(std::string_view text) {
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

  void fileName(Words &words) {
    std::string name;
    if (words.string(name) && words.atEnd())
      sourceName_ = name; // `.file 1 "x"` is debug information
  }

  void change(int section) {
    previous_ = current_;
    current_ = section;
  }
  void plainSection(Words &, const std::string &name) { change(section(name)); }
  void popSection(Words &, const std::string &) {
    if (stack_.empty()) return fail("asm-section", ".popsection without .pushsection");
    previous_ = current_;
    current_ = stack_.back();
    stack_.pop_back();
  }
  void previous(Words &, const std::string &) { std::swap(current_, previous_); }

  void sectionRow(Words &words, const std::string &directive) {
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

  void binding(Words &words, const std::string &name) {
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

  void visibility(Words &words, const std::string &name) {
    do {
      std::string s = words.word();
      if (s.empty()) return fail("asm-directive", fmt::format("{} needs a symbol", name));
      symbol(s).visibility = name == ".internal" ? 1 : name == ".hidden" ? 2 : 3;
    } while (words.take(','));
  }

  void type(Words &words, const std::string &) {
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

  void size(Words &words, const std::string &) {
    std::string s = words.word();
    if (s.empty() || !words.take(','))
      return fail("asm-directive", ".size needs a symbol and a size");
    auto e = expression(words);
    if (!e) return fail("asm-expression", e.errors()[0].message);
    symbol(s).size = std::move(*e);
  }

  void alignRow(Words &words, const std::string &name) {
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

  void data(Words &words, const std::string &name) {
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

  void space(Words &words, const std::string &name) {
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

  void fill(Words &words, const std::string &) {
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

  void ascii(Words &words, const std::string &name) {
    do {
      std::string s;
      if (!words.string(s))
        return fail("asm-text", fmt::format("{} needs a string in quotes", name));
      if (name != ".ascii") s += '\0';
      bytes({reinterpret_cast<const uint8_t *>(s.data()), s.size()});
    } while (words.take(','));
  }

  void setRow(Words &words, const std::string &name) {
    std::string s = words.word();
    if (!words.take(','))
      return fail("asm-directive", fmt::format("{} needs a symbol and a value", name));
    set(s, words);
  }

  void common(Words &words, const std::string &name) {
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
      return fail("asm-symbol",
                  fmt::format("'{}' is defined twice; first at {}", s, x.place.str()));
    x.common = true;
    x.commonSize = static_cast<uint32_t>(*n);
    x.commonAlign = static_cast<uint32_t>(alignment);
    if (!x.bindGiven) x.bind = elf::Bind::Global;
  }

  void leb(Words &words, const std::string &name) {
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

  void org(Words &words, const std::string &) {
    auto n = number(words, "the place");
    if (!n) return;
    if (*n < now().size) return fail("asm-range", ".org cannot go back");
    zeros(static_cast<uint64_t>(*n) - now().size, 0);
  }

  // ---- the end of the text ---------------------------------------------------------------------

  void settle() {
    for (Open &o : open_) {
      line_ = o.place.line;
      elf::Section &s = out_.sections[static_cast<size_t>(o.section)];
      bool patched = false;
      for (isa::Fixup &f : o.fixups) {
        isa::Expression e = reduce(f.value);
        if (e.isConstant()) {
          patched |= constant(o, f, e.constant, s);
          continue;
        }
        if (e.terms.size() != 1 || e.terms[0].second != 1) {
          fail("asm-expression",
               "only a symbol plus a number can be relocated, not this expression");
          continue;
        }
        uint32_t number = 0;
        if (o.dataBytes) {
          if (o.dataBytes != 4) {
            fail("asm-range", fmt::format("an address needs 4 bytes, not {}", o.dataBytes));
            continue;
          }
          number = isa::relocationFor(isa::RelocKind::DataWord32, 4, 0)->number;
        } else {
          auto found =
              isa::relocationOf(o.bundle.format, o.bundle.insts[f.instruction].opcode, f.operand);
          if (!found) {
            fail("asm-expression",
                 fmt::format("{} cannot hold the address of a symbol in this bundle",
                             isa::info(o.bundle.insts[f.instruction]).mnemonic));
            continue;
          }
          number = *found;
        }
        reloc(s, o.offset, number, e);
      }
      if (patched) {
        auto encoded = isa::encode(o.bundle);
        if (!encoded)
          fail(encoded.errors()[0].code.c_str(), encoded.errors()[0].message);
        else
          std::copy(encoded->view().begin(), encoded->view().end(), s.data.begin() + o.offset);
      }
    }
  }

  bool constant(Open &o, const isa::Fixup &f, int64_t v, elf::Section &s) {
    if (o.dataBytes) {
      int64_t least = o.dataBytes == 8 ? INT64_MIN : -(int64_t{1} << (o.dataBytes * 8 - 1));
      int64_t most = o.dataBytes == 8 ? INT64_MAX : (int64_t{1} << (o.dataBytes * 8)) - 1;
      if (v < least || v > most) {
        fail("asm-range", fmt::format("{} does not fit in {} bytes", v, o.dataBytes));
      } else if (s.type != elf::kNoBits) {
        std::array<uint8_t, 8> value;
        writeU64(value.data(), static_cast<uint64_t>(v));
        std::copy_n(value.begin(), o.dataBytes, s.data.begin() + o.offset);
      }
      return false;
    }
    isa::Inst &inst = o.bundle.insts[f.instruction];
    if (v < INT32_MIN || v > int64_t{UINT32_MAX}) {
      fail("operand-range", fmt::format("{} has more than 32 bits", v));
      return false;
    }
    inst.ops[f.operand] = static_cast<int32_t>(static_cast<uint32_t>(v));
    return true;
  }

  void reloc(elf::Section &s, uint32_t offset, uint32_t type, const isa::Expression &e) {
    std::string name = e.terms[0].first;
    auto at = symbols_.find(name);
    int64_t addend = e.constant;
    if (at == symbols_.end() || !(at->second.defined || at->second.isExpression)) {
      if (name.starts_with(".L"))
        return fail("asm-symbol", fmt::format("label '{}' is not defined", name));
      symbol(name).bindGiven |= false;
      pending_.push_back({&s, offset, type, name, -1, addend});
    } else if (name.starts_with(".L")) {
      addend += at->second.offset;
      pending_.push_back({&s, offset, type, "", at->second.section, addend});
    } else {
      pending_.push_back({&s, offset, type, name, -1, addend});
    }
    if (addend < INT32_MIN || addend > INT32_MAX)
      fail("asm-range", fmt::format("the offset {} is too large", addend));
  }

  void symbols() {
    if (!sourceName_.empty()) {
      elf::Symbol s;
      s.name = sourceName_;
      s.type = elf::SymbolType::File;
      s.section = elf::kAbsolute;
      out_.symbols.push_back(std::move(s));
    }
    std::map<int, uint32_t> sectionSymbols;
    std::set<int> wanted;
    for (const Pending &p : pending_)
      if (p.section >= 0) wanted.insert(p.section);
    for (int w : wanted) {
      elf::Symbol s;
      s.name = out_.sections[static_cast<size_t>(w)].name;
      s.type = elf::SymbolType::Section;
      s.section = w;
      sectionSymbols[w] = static_cast<uint32_t>(out_.symbols.size());
      out_.symbols.push_back(std::move(s));
    }
    std::vector<std::pair<std::string, const Symbol *>> order;
    for (const auto &[name, s] : symbols_)
      if (!name.starts_with(".L")) order.emplace_back(name, &s);
    std::sort(order.begin(), order.end(),
              [](auto &a, auto &b) { return a.second->order < b.second->order; });
    std::map<std::string, uint32_t> indexes;
    for (auto &[name, x] : order) {
      elf::Symbol s;
      s.name = name;
      s.bind = x->bind;
      s.type = x->type;
      s.visibility = x->visibility;
      line_ = x->place.line;
      if (x->isExpression) {
        isa::Expression e = reduce(x->value);
        if (e.isConstant()) {
          s.section = elf::kAbsolute;
          s.value = static_cast<uint32_t>(e.constant);
        } else {
          auto base = symbols_.find(e.terms[0].first);
          if (e.terms.size() != 1 || e.terms[0].second != 1 || base == symbols_.end() ||
              !base->second.defined) {
            fail("asm-symbol", fmt::format("'{}' is not a place in this file", name));
            continue;
          }
          s.section = base->second.section;
          s.value = base->second.offset + static_cast<uint32_t>(e.constant);
          if (s.type == elf::SymbolType::None) s.type = base->second.type;
        }
      } else if (x->defined) {
        s.section = x->section;
        s.value = x->offset;
      } else if (x->common) {
        s.section = elf::kCommon;
        s.value = x->commonAlign;
        s.size = x->commonSize;
        s.type = elf::SymbolType::Object;
      } else if (!x->bindGiven) {
        s.bind = elf::Bind::Global; // undefined: somebody else's
      }
      if (x->size) {
        isa::Expression e = reduce(*x->size);
        if (!e.isConstant())
          fail("asm-expression", fmt::format("the size of '{}' is not a number", name));
        s.size = static_cast<uint32_t>(e.constant);
      }
      indexes[name] = static_cast<uint32_t>(out_.symbols.size());
      out_.symbols.push_back(std::move(s));
    }
    for (const Pending &p : pending_) {
      uint32_t symbol = p.section >= 0 ? sectionSymbols[p.section] : indexes[p.symbol];
      p.in->relocs.push_back({p.offset, p.type, symbol, static_cast<int32_t>(p.addend)});
    }
    for (elf::Section &s : out_.sections)
      std::stable_sort(s.relocs.begin(), s.relocs.end(),
                       [](auto &a, auto &b) { return a.offset < b.offset; });
    for (const auto &[name, members] : groups_) {
      if (!indexes.count(name)) {
        elf::Symbol s;
        s.name = name;
        indexes[name] = static_cast<uint32_t>(out_.symbols.size());
        out_.symbols.push_back(std::move(s));
      }
      out_.groups.push_back({indexes[name], true, {members.begin(), members.end()}});
    }
  }

  struct Pending {
    elf::Section *in;
    uint32_t offset, type;
    std::string symbol;
    int section;
    int64_t addend;
  };

  std::string file_;
  Diagnostics errors_;
  uint32_t line_ = 0;
  elf::File out_;
  int current_ = 0, previous_ = 0;
  std::vector<int> stack_;
  std::map<std::string, Symbol> symbols_;
  std::map<unsigned, unsigned> numbered_;
  unsigned heres_ = 0;
  std::vector<Open> open_;
  std::vector<Pending> pending_;
  std::map<std::string, std::set<uint32_t>> groups_;
  std::string sourceName_;
};

} // namespace

Result<elf::File> assemble(std::string_view text, const std::string &file) {
  if (text.find('\0') != std::string_view::npos)
    return error("asm-text", Place::at(file), "this is not a text file",
                 "`ashlar disasm` reads object files");
  return Assembler(file).run(text);
}

} // namespace ashlar::assembler
