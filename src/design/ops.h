// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The table of operations: name, traits, how to read it, how to print it.
#pragma once

#include "design/ir.h"

#include <llvm/ADT/StringExtras.h>
#include <mlir/IR/Builders.h>
#include <mlir/IR/OpImplementation.h>

namespace ashlar::design {

using Parser = mlir::OpAsmParser;
using State = mlir::OperationState;
using Printer = mlir::OpAsmPrinter;
using mlir::ParseResult;

enum OpFlag : unsigned {
  kPlain = 0,
  kTerminator = 1,
  kSymbolTable = 2,
  kScope = 4,       ///< affine symbols and allocas stop here
  kNoTerminator = 8 ///< its single block need not end in a terminator
};

struct OpEntry {
  const char *name;
  unsigned traits;
  ParseResult (*parse)(Parser &, State &); ///< null: known, not supported yet
  void (*print)(mlir::Operation *, Printer &);
  const char *reason = nullptr; ///< why it is not supported, when that is more than "not yet"
};
llvm::ArrayRef<OpEntry> structureOps();
llvm::ArrayRef<OpEntry> dmaOps();
llvm::ArrayRef<OpEntry> fifoOps();
llvm::ArrayRef<OpEntry> poolOps();
llvm::ArrayRef<OpEntry> npuOps();
llvm::ArrayRef<OpEntry> traceOps();
llvm::ArrayRef<OpEntry> legacyOps();
/// Operations that other dialects had under another name.
llvm::ArrayRef<OpEntry> formerOps();

// --- helpers of the readers and printers ------------------------------------------------------

/// An integer: decimal, hexadecimal, negative, with an optional `: type`.
ParseResult parseInt(Parser &p, int64_t &value);
mlir::OptionalParseResult parseOptionalInt(Parser &p, int64_t &value);
/// A bare or quoted word.
ParseResult parseWord(Parser &p, std::string &word, llvm::StringRef what);
/// A word out of a closed list.
ParseResult parseEnum(Parser &p, std::string &word, llvm::ArrayRef<llvm::StringRef> words,
                      llvm::StringRef what);
ParseResult parseDirection(Parser &p, std::string &word);
/// `Bundle : channel` into <prefix>_bundle and <prefix>_channel.
ParseResult parsePort(Parser &p, State &s, llvm::StringRef prefix);
void printPort(Printer &p, mlir::Operation *op, llvm::StringRef prefix);
/// `%value` of index type (tiles, locks, switch selectors).
ParseResult parseIndexOperand(Parser &p, State &s);
void addInt(Parser &p, State &s, llvm::StringRef name, int64_t value);
void addStr(Parser &p, State &s, llvm::StringRef name, llvm::StringRef value);
/// `{...}`, ending each block that needs it with `aie.end`.
ParseResult parseBody(Parser &p, State &s, llvm::ArrayRef<Parser::Argument> arguments = {},
                      bool addEnd = true);
void printBody(Printer &p, mlir::Region &region, bool dropEnd);
/// `(0x1) { ... }`: a packet id and the ends of its flow.
ParseResult parseIdAndBody(Parser &p, State &s);
void printIdAndBody(mlir::Operation *op, Printer &p);
/// The attribute dictionary without the named attributes.
void printAttrs(Printer &p, mlir::Operation *op, std::initializer_list<llvm::StringRef> elided);
/// Fields of a record after its word: `<a = 1, b = 2>`.
ParseResult parseRecord(mlir::AsmParser &p, llvm::StringRef word, mlir::Attribute &record);
void printRecordFields(mlir::AsmPrinter &p, RecordAttr record);
/// `[<..>, <..>]` of one kind of record, short or with the full `#aie.word` spelling.
ParseResult parseRecordList(mlir::AsmParser &p, llvm::StringRef word, mlir::ArrayAttr &list);
void printRecordList(mlir::AsmPrinter &p, mlir::ArrayAttr list);
/// `[1, %v, -3]`: constants and operands of type i64; operands in order to `operands`.
ParseResult parseMixedList(Parser &p, State &s, llvm::SmallVectorImpl<int64_t> &constants,
                           llvm::SmallVectorImpl<mlir::Value> &operands);
void printMixedList(Printer &p, llvm::ArrayRef<int64_t> constants, mlir::ValueRange operands,
                    unsigned &next);
/// `"EVENT"` or `Kind::EVENT`.
ParseResult parseEventName(mlir::AsmParser &p, std::string &word);
/// For ` {attributes}` and nothing else.
ParseResult parseAttrsOnly(Parser &p, State &s);
void printAttrsOnly(mlir::Operation *op, Printer &p);

extern const llvm::ArrayRef<llvm::StringRef> bundleWords;

} // namespace ashlar::design
