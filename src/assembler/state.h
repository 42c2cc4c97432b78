// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The assembler's state and its parts: assembler.cpp reads lines, directives.cpp knows the
// directives, settle.cpp does what only the end of the text allows. Not for other stages.
#pragma once

#include "assembler/assembler.h"
#include "assembler/line.h"
#include "isa/parse.h"

#include <map>
#include <set>

namespace ashlar::assembler {

namespace elf = format::elf;

inline constexpr size_t kMaxErrors = 50;
inline constexpr uint32_t kMaxSectionBytes = 64u << 20; // far above any memory of the array

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

/// A relocation whose symbol is numbered last.
struct Pending {
  elf::Section *in;
  uint32_t offset, type;
  std::string symbol;
  int section;
  int64_t addend;
};

class Assembler {
public:
  explicit Assembler(const std::string &file);
  Result<elf::File> run(std::string_view text);

private:
  Place here() const;
  void fail(const char *code, std::string message, std::string remedy = {});

  // ---- sections --------------------------------------------------------------------------------
  int section(const std::string &name);
  elf::Section &now();
  bool inCode();
  void bytes(ByteView data);
  void zeros(uint64_t n, uint8_t value);
  void align(uint64_t n, std::optional<uint8_t> fill, uint64_t most);

  // ---- symbols ---------------------------------------------------------------------------------
  Symbol &symbol(const std::string &name);
  void define(const std::string &name);
  std::optional<int64_t> known(std::string_view name) const;
  /// `.`, `1b` and `2f` become labels of their own.
  void localNames(isa::Expression &e);
  Result<isa::Expression> expression(Words &words);
  /// A value that must be known now.
  std::optional<int64_t> number(Words &words, std::string_view what);
  /// Replaces `.set` symbols and cancels differences of labels of one section.
  isa::Expression reduce(const isa::Expression &e, unsigned depth = 0) const;

  // ---- lines -----------------------------------------------------------------------------------
  void line(std::string_view text);
  bool assignment(const std::string &name, std::string_view rest);
  void set(const std::string &name, Words &words);
  void bundle(std::string_view text);

  // ---- directives ------------------------------------------------------------------------------
  void directive(std::string_view text);
  void fileName(Words &words);
  void change(int section);
  void plainSection(Words &, const std::string &name);
  void popSection(Words &, const std::string &);
  void previous(Words &, const std::string &);
  void sectionRow(Words &words, const std::string &directive);
  void binding(Words &words, const std::string &name);
  void visibility(Words &words, const std::string &name);
  void type(Words &words, const std::string &);
  void size(Words &words, const std::string &);
  void alignRow(Words &words, const std::string &name);
  void data(Words &words, const std::string &name);
  void space(Words &words, const std::string &name);
  void fill(Words &words, const std::string &);
  void ascii(Words &words, const std::string &name);
  void setRow(Words &words, const std::string &name);
  void common(Words &words, const std::string &name);
  void leb(Words &words, const std::string &name);
  void org(Words &words, const std::string &);

  // ---- the end of the text ---------------------------------------------------------------------
  void settle();
  bool constant(Open &o, const isa::Fixup &f, int64_t v, elf::Section &s);
  void reloc(elf::Section &s, uint32_t offset, uint32_t type, const isa::Expression &e);
  void symbols();

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

} // namespace ashlar::assembler
