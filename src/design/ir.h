// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The in-memory form of a design, for lowering only: an MLIR module in which every AIE and AIEX
// operation carries its facts as attributes with one name each, whatever spelling they were read
// from. The operations are described by a table (ops.cpp), not by TableGen classes: the language
// needs parsing, printing and a few traits, and a table of functions builds in seconds.
#pragma once

#include "base/diagnostic.h"

#include <mlir/IR/BuiltinAttributes.h>
#include <mlir/IR/BuiltinOps.h>
#include <mlir/IR/BuiltinTypes.h>
#include <mlir/IR/MLIRContext.h>
#include <mlir/IR/Operation.h>
#include <mlir/IR/OwningOpRef.h>
#include <mlir/IR/SymbolTable.h>

namespace ashlar::design {

struct Ir {
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string file;
};

// --- types and attributes of the language -----------------------------------------------------

/// `!aie.objectfifo<T>`, `!aie.objectfifosubview<T>`, `!aiex.bfp<"...">`: a word and a parameter.
struct BoxTypeStorage;
class BoxType : public mlir::Type::TypeBase<BoxType, mlir::Type, BoxTypeStorage> {
public:
  using Base::Base;
  static constexpr llvm::StringLiteral name = "aie.box";
  static BoxType get(mlir::MLIRContext *context, llvm::StringRef word, mlir::Type inner,
                     llvm::StringRef text = {});
  llvm::StringRef word() const;
  mlir::Type inner() const;     ///< null for bfp
  llvm::StringRef text() const; ///< bfp's format
};

/// `#aie.packet_info<pkt_type = 0, pkt_id = 3>` and its kin: a word and integer fields.
struct RecordAttrStorage;
class RecordAttr
    : public mlir::Attribute::AttrBase<RecordAttr, mlir::Attribute, RecordAttrStorage> {
public:
  using Base::Base;
  static constexpr llvm::StringLiteral name = "aie.record";
  static RecordAttr get(mlir::MLIRContext *context, llvm::StringRef word,
                        mlir::DictionaryAttr fields);
  llvm::StringRef word() const;
  mlir::DictionaryAttr fields() const;
  int64_t field(llvm::StringRef name, int64_t absent = 0) const;
  bool has(llvm::StringRef name) const;
};

// --- reading operations -----------------------------------------------------------------------

inline llvm::StringRef opName(mlir::Operation *op) { return op->getName().getStringRef(); }
inline bool isOp(mlir::Operation *op, llvm::StringRef name) { return op && opName(op) == name; }
Place placeOf(mlir::Location location);
inline Place placeOf(mlir::Operation *op) { return placeOf(op->getLoc()); }
/// The integer attribute's value (any width, booleans too).
std::optional<int64_t> intAttr(mlir::Operation *op, llvm::StringRef name);
inline int64_t intAttrOr(mlir::Operation *op, llvm::StringRef name, int64_t absent) {
  return intAttr(op, name).value_or(absent);
}
/// A string, or the root of a symbol reference; "" when absent.
std::string strAttr(mlir::Operation *op, llvm::StringRef name);
inline bool flagAttr(mlir::Operation *op, llvm::StringRef name) {
  return intAttrOr(op, name, op->hasAttr(name) ? 1 : 0) != 0;
}
std::vector<int64_t> intsAttr(mlir::Operation *op, llvm::StringRef name);
/// The root names of an array of symbol references.
std::vector<std::string> symsAttr(mlir::Operation *op, llvm::StringRef name);
std::optional<RecordAttr> recordAttr(mlir::Operation *op, llvm::StringRef name);
/// Marks an integer in an offset, size, stride or value list that is an operand.
inline constexpr int64_t kDynamic = INT64_MIN;

/// Devices of the language with their number of columns; nothing for devices that are not Phoenix.
struct DeviceName {
  const char *name;
  int columns; ///< 0: another chip
};
llvm::ArrayRef<DeviceName> deviceNames();

/// A type as a design writes it.
std::string typeText(mlir::Type type);

} // namespace ashlar::design
