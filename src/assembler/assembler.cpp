// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One pass over the lines writes the sections; the size of every bundle is known when it is read,
// so all label addresses are known at the end of the text. Then the open immediates are settled:
// a constant goes into the bundle, a symbol becomes a relocation. Symbols that begin with `.L` are
// not written; relocations reach them through their section, as in LLVM's objects.
#include "assembler/assembler.h"

#include "assembler/state.h"
#include "isa/encode.h"

#include <algorithm>

namespace ashlar::assembler {

Assembler::Assembler(const std::string &file) : file_(file) {
  out_.type = elf::FileType::Relocatable;
  current_ = section(".text");
}

Result<elf::File> Assembler::run(std::string_view text) {
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

Place Assembler::here() const { return Place::at(file_, line_, 0); }

void Assembler::fail(const char *code, std::string message, std::string remedy) {
  errors_.push_back(error(code, here(), std::move(message), std::move(remedy)));
}

int Assembler::section(const std::string &name) {
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

elf::Section &Assembler::now() { return out_.sections[static_cast<size_t>(current_)]; }

bool Assembler::inCode() { return now().flags & elf::kExec; }

void Assembler::bytes(ByteView data) {
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

void Assembler::zeros(uint64_t n, uint8_t value) {
  if (n > kMaxSectionBytes) return fail("asm-range", fmt::format("{} bytes are too many", n));
  bytes(Bytes(n, value));
}

void Assembler::align(uint64_t n, std::optional<uint8_t> fill, uint64_t most) {
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

Symbol &Assembler::symbol(const std::string &name) {
  auto [at, isNew] = symbols_.try_emplace(name);
  if (isNew) {
    at->second.order = static_cast<uint32_t>(symbols_.size());
    at->second.place = here();
  }
  return at->second;
}

void Assembler::define(const std::string &name) {
  Symbol &s = symbol(name);
  if (s.defined || s.common)
    return fail("asm-symbol",
                fmt::format("'{}' is defined twice; first at {}", name, s.place.str()));
  s.defined = true;
  s.section = current_;
  s.offset = now().size;
  s.place = here();
}

std::optional<int64_t> Assembler::known(std::string_view name) const {
  auto at = symbols_.find(std::string(name));
  if (at == symbols_.end() || !at->second.isExpression || !at->second.value.isConstant())
    return std::nullopt;
  return at->second.value.constant;
}

void Assembler::localNames(isa::Expression &e) {
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
      if (!count) fail("asm-symbol", fmt::format("there is no label {} before this line", number));
      name = fmt::format(".Lnumbered{}_{}", number, count);
    }
  }
}

Result<isa::Expression> Assembler::expression(Words &words) {
  auto e = isa::parseExpression(words.rest(), [this](std::string_view n) { return known(n); });
  words.skip();
  if (e) localNames(*e);
  return e;
}

std::optional<int64_t> Assembler::number(Words &words, std::string_view what) {
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

isa::Expression Assembler::reduce(const isa::Expression &e, unsigned depth) const {
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
      if (a == symbols_.end() || b == symbols_.end() || !a->second.defined || !b->second.defined ||
          a->second.section != b->second.section)
        continue;
      out.constant += int64_t{a->second.offset} - int64_t{b->second.offset};
      out.terms.erase(out.terms.begin() + static_cast<long>(std::max(i, k)));
      out.terms.erase(out.terms.begin() + static_cast<long>(std::min(i, k)));
      return reduce(out, depth + 1);
    }
  return out;
}

void Assembler::line(std::string_view text) {
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

bool Assembler::assignment(const std::string &name, std::string_view rest) {
  size_t at = rest.find_first_not_of(" \t");
  if (at == std::string_view::npos || rest[at] != '=') return false;
  Words words(rest.substr(at + 1));
  set(name, words);
  return true;
}

void Assembler::set(const std::string &name, Words &words) {
  if (name.empty()) return fail("asm-directive", "a symbol's name is missing");
  auto e = expression(words);
  if (!e) return fail("asm-expression", e.errors()[0].message);
  if (!words.atEnd()) return fail("asm-directive", fmt::format("'{}' is left over", words.rest()));
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

void Assembler::bundle(std::string_view text) {
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

Result<elf::File> assemble(std::string_view text, const std::string &file) {
  if (text.find('\0') != std::string_view::npos)
    return error("asm-text", Place::at(file), "this is not a text file",
                 "`ashlar disasm` reads object files");
  return Assembler(file).run(text);
}

} // namespace ashlar::assembler
