// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A unit is a tree of entries whose attributes are laid out by abbreviations (DWARF 4,
// section 7.5). All entries are read into a flat list first, since names and types refer to each
// other by offset.
#include "format/dwarf_variables.h"
#include "format/dwarf.h"

#include <map>
#include <optional>

namespace ashlar::format::dwarf {

namespace {

enum Tag : uint64_t {
  kFormalParameter = 0x05,
  kLexicalBlock = 0x0b,
  kPointer = 0x0f,
  kReference = 0x10,
  kCompileUnit = 0x11,
  kTypedef = 0x16,
  kInlined = 0x1d,
  kBaseType = 0x24,
  kConst = 0x26,
  kSubprogram = 0x2e,
  kVariable = 0x34,
  kVolatile = 0x35,
  kEnumeration = 0x04,
};
enum Attribute : uint64_t {
  kLocation = 0x02,
  kName = 0x03,
  kByteSize = 0x0b,
  kLowPc = 0x11,
  kHighPc = 0x12,
  kConstValue = 0x1c,
  kAbstractOrigin = 0x31,
  kEncoding = 0x3e,
  kFrameBase = 0x40,
  kSpecification = 0x47,
  kType = 0x49,
  kRanges = 0x55,
};
enum Encoding : uint64_t { kFloatEncoding = 4, kSignedEncoding = 5, kSignedChar = 6 };

struct Value {
  uint64_t number = 0;
  bool isOffset = false; ///< into .debug_loc or .debug_ranges
  ByteView block;
  std::string text;
};
struct Entry {
  uint64_t tag = 0;
  size_t parent = 0;
  std::map<uint64_t, Value> attributes;
  const Value *get(uint64_t name) const {
    const auto at = attributes.find(name);
    return at == attributes.end() ? nullptr : &at->second;
  }
};
struct Abbreviation {
  uint64_t tag = 0;
  bool children = false;
  std::vector<std::pair<uint64_t, uint64_t>> attributes;
};

struct Unit {
  std::map<size_t, Entry> entries;
  std::vector<size_t> variables; ///< their offsets
  uint32_t base = 0;
};

} // namespace

class VariableReader {
public:
  explicit VariableReader(const elf::File &file) {
    info_ = section(file, ".debug_info");
    abbrev_ = section(file, ".debug_abbrev");
    strings_ = section(file, ".debug_str");
    places_ = section(file, ".debug_loc");
    ranges_ = section(file, ".debug_ranges");
  }

  void run() {
    for (size_t at = 0; at + 11 <= info_.size();) {
      ByteReader head(info_, at);
      const uint32_t length = head.u32();
      const uint16_t version = head.u16();
      const uint32_t abbreviations = head.u32();
      const uint8_t pointer = head.u8();
      if (length > info_.size() - at - 4) break;
      if (version >= 2 && version <= 4 && pointer == 4)
        unit(at, info_.first(at + 4 + length), head.offset(), abbreviations);
      at += 4 + size_t{length};
    }
  }

  std::vector<Variable> at(uint32_t pc) {
    pc_ = pc;
    out_.clear();
    for (const Unit &u : units_) {
      now_ = &u;
      for (const size_t offset : u.variables) variable(u.entries.at(offset));
    }
    return std::move(out_);
  }

private:
  static ByteView section(const elf::File &file, std::string_view name) {
    const elf::Section *s = file.findSection(name);
    return s ? ByteView(s->data) : ByteView();
  }

  std::map<uint64_t, Abbreviation> abbreviations(uint32_t offset) const {
    std::map<uint64_t, Abbreviation> table;
    ByteReader in(abbrev_, offset);
    while (!in.failed()) {
      const uint64_t code = uleb(in);
      if (code == 0) break;
      Abbreviation a;
      a.tag = uleb(in);
      a.children = in.u8() != 0;
      while (!in.failed()) {
        const uint64_t name = uleb(in), form = uleb(in);
        if (name == 0 && form == 0) break;
        a.attributes.push_back({name, form});
      }
      table[code] = std::move(a);
    }
    return table;
  }

  /// False for a form that DWARF 4 does not have.
  bool read(ByteReader &in, uint64_t form, Value &v) const {
    switch (form) {
    case 0x01: // addr
    case 0x06: // data4
      v.number = in.u32();
      return true;
    case 0x03: v.block = in.bytes(in.u16()); return true;
    case 0x04: v.block = in.bytes(in.u32()); return true;
    case 0x05: v.number = in.u16(); return true;
    case 0x07: // data8
    case 0x20: // ref_sig8
      v.number = in.u64();
      return true;
    case 0x08: v.text = string(in); return true;
    case 0x09: // block
    case 0x18: // exprloc
      v.block = in.bytes(uleb(in));
      return true;
    case 0x0a: v.block = in.bytes(in.u8()); return true;
    case 0x0b: // data1
    case 0x0c: // flag
      v.number = in.u8();
      return true;
    case 0x0d: v.number = static_cast<uint64_t>(sleb(in)); return true;
    case 0x0e: {
      ByteReader text(strings_, in.u32());
      v.text = string(text);
      return true;
    }
    case 0x0f: // udata
    case 0x15: // ref_udata
      v.number = uleb(in);
      return true;
    case 0x10: v.number = in.u32(); return true; // ref_addr: from the section's start
    case 0x11: v.number = unit_ + in.u8(); return true;
    case 0x12: v.number = unit_ + in.u16(); return true;
    case 0x13: v.number = unit_ + in.u32(); return true;
    case 0x14: v.number = unit_ + in.u64(); return true;
    case 0x17:
      v.number = in.u32();
      v.isOffset = true;
      return true;
    case 0x19: v.number = 1; return true;
    default: return false;
    }
  }

  void unit(size_t at, ByteView data, size_t first, uint32_t abbreviationOffset) {
    unit_ = at;
    const auto table = abbreviations(abbreviationOffset);
    Unit made;
    std::optional<size_t> top;
    ByteReader in(data, first);
    std::vector<size_t> parents;
    while (!in.failed() && in.left()) {
      const size_t offset = in.offset();
      const uint64_t code = uleb(in);
      if (code == 0) {
        if (parents.empty()) break;
        parents.pop_back();
        continue;
      }
      const auto a = table.find(code);
      if (a == table.end()) return;
      Entry entry;
      entry.tag = a->second.tag;
      entry.parent = parents.empty() ? 0 : parents.back();
      for (const auto &[name, form] : a->second.attributes)
        if (!read(in, form, entry.attributes[name])) return;
      if (in.failed()) return;
      if (!top) {
        top = offset;
        if (const Value *low = entry.get(kLowPc)) made.base = static_cast<uint32_t>(low->number);
      }
      if (entry.tag == kVariable || entry.tag == kFormalParameter) made.variables.push_back(offset);
      made.entries[offset] = std::move(entry);
      if (a->second.children) parents.push_back(offset);
    }
    units_.push_back(std::move(made));
  }

  const Entry *entryAt(uint64_t offset) const {
    const auto found = now_->entries.find(offset);
    return found == now_->entries.end() ? nullptr : &found->second;
  }

  /// An attribute of the entry or of what it is an instance of.
  const Value *inherited(const Entry *e, uint64_t name) const {
    for (int depth = 0; e && depth < 8; ++depth) {
      if (const Value *v = e->get(name)) return v;
      const Value *origin = e->get(kAbstractOrigin);
      if (!origin) origin = e->get(kSpecification);
      e = origin ? entryAt(origin->number) : nullptr;
    }
    return nullptr;
  }

  bool holds(const Entry &e) const {
    if (const Value *list = e.get(kRanges)) {
      ByteReader in(ranges_, list->number);
      uint32_t base = now_->base;
      while (!in.failed()) {
        const uint32_t from = in.u32(), to = in.u32();
        if (from == 0 && to == 0) return false;
        if (from == UINT32_MAX)
          base = to;
        else if (pc_ >= base + from && pc_ < base + to)
          return true;
      }
      return false;
    }
    const Value *low = e.get(kLowPc), *high = e.get(kHighPc);
    if (!low || !high) return false;
    return pc_ >= low->number && pc_ < low->number + high->number;
  }

  void variable(const Entry &e) {
    // All scopes around it must hold the address; the innermost function names it.
    const Entry *function = nullptr, *frame = nullptr;
    for (const Entry *scope = entryAt(e.parent); scope; scope = entryAt(scope->parent)) {
      if (scope->tag == kCompileUnit) break;
      if (scope->tag != kLexicalBlock && scope->tag != kInlined && scope->tag != kSubprogram)
        return;
      if (!holds(*scope)) return;
      if (scope->tag != kLexicalBlock && !function) function = scope;
      if (scope->tag == kSubprogram) frame = scope;
    }
    if (!function || !frame) return;
    Variable v;
    if (const Value *name = inherited(&e, kName)) v.name = name->text;
    if (const Value *name = inherited(function, kName)) v.function = name->text;
    if (v.name.empty()) return;
    type(inherited(&e, kType), v);
    if (const Value *constant = e.get(kConstValue)) {
      v.where = Variable::Where::Constant;
      v.offset = static_cast<int64_t>(constant->number);
    } else if (const Value *location = e.get(kLocation)) {
      const std::optional<ByteView> expression =
          location->isOffset ? listed(location->number) : location->block;
      if (expression) evaluate(*expression, frame->get(kFrameBase), v);
    }
    out_.push_back(std::move(v));
  }

  /// The expression that a location list has for the address.
  std::optional<ByteView> listed(uint64_t offset) const {
    ByteReader in(places_, offset);
    uint32_t base = now_->base;
    while (!in.failed()) {
      const uint32_t from = in.u32(), to = in.u32();
      if (from == 0 && to == 0) break;
      if (from == UINT32_MAX) {
        base = to;
        continue;
      }
      const ByteView expression = in.bytes(in.u16());
      if (pc_ >= base + from && pc_ < base + to) return expression;
    }
    return std::nullopt;
  }

  void type(const Value *reference, Variable &v) const {
    const Entry *e = reference ? entryAt(reference->number) : nullptr;
    for (int depth = 0; e && depth < 16; ++depth) {
      if (e->tag == kTypedef || e->tag == kConst || e->tag == kVolatile) {
        const Value *next = e->get(kType);
        e = next ? entryAt(next->number) : nullptr;
        continue;
      }
      if (e->tag == kPointer || e->tag == kReference) {
        v.bytes = 4;
        v.isPointer = true;
      }
      if (e->tag != kBaseType && e->tag != kEnumeration) return;
      const Value *size = e->get(kByteSize), *encoding = e->get(kEncoding);
      if (size && size->number <= 8) v.bytes = static_cast<uint32_t>(size->number);
      const uint64_t kind = encoding ? encoding->number : kSignedEncoding;
      v.isFloat = kind == kFloatEncoding;
      v.isSigned = kind == kSignedEncoding || kind == kSignedChar;
      return;
    }
  }

  /// Expressions of one step, which is what compilers write for values in one place.
  static void evaluate(ByteView expression, const Value *frameBase, Variable &v) {
    ByteReader in(expression);
    const uint8_t op = in.u8();
    using Where = Variable::Where;
    if (op >= 0x50 && op <= 0x6f) { // reg0 .. reg31
      v.where = Where::Register;
      v.reg = op - 0x50;
    } else if (op == 0x90) { // regx
      v.where = Where::Register;
      v.reg = static_cast<int>(uleb(in));
    } else if (op >= 0x70 && op <= 0x8f) { // breg0 .. breg31
      v.where = Where::Memory;
      v.reg = op - 0x70;
      v.offset = sleb(in);
    } else if (op == 0x92) { // bregx
      v.where = Where::Memory;
      v.reg = static_cast<int>(uleb(in));
      v.offset = sleb(in);
    } else if (op == 0x91 && frameBase) { // fbreg: the frame base is a register
      Variable base;
      evaluate(frameBase->block, nullptr, base);
      if (base.where != Where::Register) return;
      v.where = Where::Memory;
      v.reg = base.reg;
      v.offset = sleb(in);
    } else if (op == 0x03) { // addr
      v.where = Where::Memory;
      v.offset = in.u32();
    } else if (op == 0x10 || op == 0x11 || (op >= 0x30 && op <= 0x4f)) { // constu, consts, lit0 ..
      v.where = Where::Constant;
      v.offset = op == 0x10 ? static_cast<int64_t>(uleb(in)) : op == 0x11 ? sleb(in) : op - 0x30;
      if (in.u8() != 0x9f) v.where = Where::Lost; // stack_value
    }
    if (v.where == Where::Memory && in.left()) { // breg N, stack_value: the register's value itself
      v.where = in.u8() == 0x9f && v.offset == 0 ? Where::Register : Where::Lost;
    }
    if (in.failed() || in.left()) v.where = Where::Lost;
  }

  uint32_t pc_ = 0;
  ByteView info_, abbrev_, strings_, places_, ranges_;
  size_t unit_ = 0;
  std::vector<Unit> units_;
  const Unit *now_ = nullptr;
  std::vector<Variable> out_;
};

VariableTable::VariableTable(const elf::File &program)
    : reader_(std::make_shared<VariableReader>(program)) {
  reader_->run();
}

std::vector<Variable> VariableTable::at(uint32_t address) const { return reader_->at(address); }

} // namespace ashlar::format::dwarf
