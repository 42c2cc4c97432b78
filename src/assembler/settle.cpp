// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The end of the text: every label has its place, so open immediates and data become constants or
// relocations, and the symbol table can be written.
#include "assembler/state.h"
#include "isa/encode.h"
#include "isa/relocs.h"

#include <algorithm>

namespace ashlar::assembler {

void Assembler::settle() {
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
        fail("asm-expression", "only a symbol plus a number can be relocated, not this expression");
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

bool Assembler::constant(Open &o, const isa::Fixup &f, int64_t v, elf::Section &s) {
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

void Assembler::reloc(elf::Section &s, uint32_t offset, uint32_t type, const isa::Expression &e) {
  std::string name = e.terms[0].first;
  auto at = symbols_.find(name);
  int64_t addend = e.constant;
  if (at == symbols_.end() || !(at->second.defined || at->second.isExpression)) {
    if (name.starts_with(".L"))
      return fail("asm-symbol", fmt::format("label '{}' is not defined", name));
    symbol(name); // somebody else defines it
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

void Assembler::symbols() {
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

} // namespace ashlar::assembler
