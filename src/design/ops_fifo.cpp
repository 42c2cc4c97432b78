// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Object FIFOs: declaration, links, and what a core does with them.
#include "design/ops.h"

using namespace mlir;

namespace ashlar::design {
namespace {

/// `%tile [dimensionsWord [<size = .., stride = ..>, ..]]`
ParseResult parseEnd(Parser &p, State &s, StringRef dimsWord, Attribute &dims) {
  if (parseIndexOperand(p, s)) return failure();
  ArrayAttr list = p.getBuilder().getArrayAttr({});
  if (succeeded(p.parseOptionalKeyword(dimsWord)) && parseRecordList(p, "bd_dim_layout", list))
    return failure();
  dims = list;
  return success();
}
void printEnd(Printer &p, Value tile, StringRef dimsWord, Attribute dims) {
  p << tile;
  auto list = dyn_cast_or_null<ArrayAttr>(dims);
  if (!list || list.empty()) return;
  p << ' ' << dimsWord << ' ';
  printRecordList(p, list);
}

/// In memory: operands producer, consumers...; depths (one for all, or producer then consumers);
/// dims_to (records), dims_from (a list a consumer); elem type; init_values.
ParseResult parseObjectFifo(Parser &p, State &s) {
  StringAttr symbol;
  Attribute dimsTo;
  if (p.parseSymbolName(symbol) || p.parseLParen() ||
      parseEnd(p, s, "dimensionsToStream", dimsTo) || p.parseComma() || p.parseLBrace())
    return failure();
  s.attributes.set("sym_name", symbol);
  SmallVector<Attribute> dimsFrom;
  do {
    Attribute dims;
    if (parseEnd(p, s, "dimensionsFromStream", dims)) return failure();
    dimsFrom.push_back(dims);
  } while (succeeded(p.parseOptionalComma()));
  if (p.parseRBrace() || p.parseComma()) return failure();
  SmallVector<int64_t> depths;
  if (succeeded(p.parseOptionalLSquare())) {
    do {
      int64_t depth = 0;
      if (parseInt(p, depth)) return failure();
      if (succeeded(p.parseOptionalColon())) {
        Type type;
        if (p.parseType(type)) return failure();
      }
      depths.push_back(depth);
    } while (succeeded(p.parseOptionalComma()));
    if (p.parseRSquare()) return failure();
  } else {
    int64_t depth = 0;
    OptionalParseResult number = parseOptionalInt(p, depth);
    if (!number.has_value())
      return p.emitError(p.getCurrentLocation(), "expected the depth of the object FIFO");
    if (failed(*number)) return failure();
    depths.push_back(depth);
  }
  Type type;
  if (p.parseRParen() || p.parseOptionalAttrDict(s.attributes) || p.parseColonType(type))
    return failure();
  auto objectType = [&](Type t) {
    auto box = dyn_cast<BoxType>(t);
    auto inner = box ? dyn_cast<MemRefType>(box.inner()) : MemRefType();
    return box && box.word() == "objectfifo" && inner && inner.hasStaticShape() ? inner
                                                                                : MemRefType();
  };
  const MemRefType memref = objectType(type);
  if (!memref)
    return p.emitError(p.getNameLoc(),
                       "an object FIFO's type is !aie.objectfifo<memref of static shape>");
  // Consumers may take the stream in smaller objects.
  if (succeeded(p.parseOptionalArrow())) {
    if (p.parseType(type)) return failure();
    const MemRefType taken = objectType(type);
    if (!taken)
      return p.emitError(p.getNameLoc(),
                         "the consumers' type is !aie.objectfifo<memref of static shape>");
    s.attributes.set("consumer_elem_type", TypeAttr::get(taken));
  }
  // Attribute names of the different generations.
  for (auto [old, now] : {std::pair<StringRef, StringRef>{"memtile_repeat", "repeat_count"},
                          {"dimensionsToStream", "dims_to"},
                          {"consumerElemType", "consumer_elem_type"},
                          {"dimensionsFromStreamPerConsumer", "dims_from"}})
    if (Attribute value = s.attributes.get(old)) {
      s.attributes.erase(old);
      s.attributes.set(now, value);
    }
  if (!s.attributes.get("dims_to") && !cast<ArrayAttr>(dimsTo).empty())
    s.attributes.set("dims_to", dimsTo);
  if (!s.attributes.get("dims_from") &&
      llvm::any_of(dimsFrom, [](Attribute d) { return !cast<ArrayAttr>(d).empty(); }))
    s.attributes.set("dims_from", p.getBuilder().getArrayAttr(dimsFrom));
  s.attributes.set("depths", p.getBuilder().getDenseI64ArrayAttr(depths));
  s.attributes.set("elem_type", TypeAttr::get(memref));
  if (succeeded(p.parseOptionalEqual())) {
    SmallVector<Attribute> values;
    Type tensor = RankedTensorType::get(memref.getShape(), memref.getElementType());
    auto element = [&]() -> ParseResult {
      Attribute value;
      if (p.parseAttribute(value, tensor)) return failure();
      // The type may stand behind each value.
      if (succeeded(p.parseOptionalColon())) {
        Type given;
        const SMLoc at = p.getCurrentLocation();
        if (p.parseType(given)) return failure();
        auto shaped = dyn_cast<ShapedType>(given);
        if (!shaped || !shaped.hasRank() || shaped.getShape() != memref.getShape() ||
            shaped.getElementType() != memref.getElementType())
          return p.emitError(at, "an initial value has the type of the objects");
      }
      values.push_back(value);
      return success();
    };
    if (p.parseCommaSeparatedList(Parser::Delimiter::Square, element)) return failure();
    s.attributes.set("init_values", p.getBuilder().getArrayAttr(values));
  }
  return success();
}
void printObjectFifo(Operation *op, Printer &p) {
  p << ' ';
  p.printSymbolName(strAttr(op, "sym_name"));
  p << '(';
  printEnd(p, op->getOperand(0), "dimensionsToStream", op->getAttr("dims_to"));
  p << ", {";
  auto from = op->getAttrOfType<ArrayAttr>("dims_from");
  for (unsigned i = 1; i < op->getNumOperands(); ++i) {
    if (i > 1) p << ", ";
    printEnd(p, op->getOperand(i), "dimensionsFromStream",
             from && i - 1 < from.size() ? from[i - 1] : Attribute());
  }
  p << "}, ";
  std::vector<int64_t> depths = intsAttr(op, "depths");
  if (depths.size() == 1) {
    p << depths[0] << " : i32";
  } else {
    p << '[';
    llvm::interleaveComma(depths, p);
    p << ']';
  }
  p << ')';
  printAttrs(p, op,
             {"sym_name", "depths", "dims_to", "dims_from", "elem_type", "consumer_elem_type",
              "init_values"});
  p << " : !aie.objectfifo<" << op->getAttr("elem_type") << '>';
  if (Attribute taken = op->getAttr("consumer_elem_type"))
    p << " -> !aie.objectfifo<" << taken << '>';
  if (auto values = op->getAttrOfType<ArrayAttr>("init_values")) {
    p << " = [";
    llvm::interleaveComma(values, p, [&](Attribute v) { p.printAttributeWithoutType(v); });
    p << ']';
  }
}

ParseResult parseSymbols(Parser &p, State &s, StringRef name) {
  SmallVector<Attribute> symbols;
  auto element = [&]() -> ParseResult {
    SymbolRefAttr symbol;
    if (p.parseAttribute(symbol)) return failure();
    symbols.push_back(symbol);
    return success();
  };
  if (p.parseCommaSeparatedList(Parser::Delimiter::OptionalSquare, element)) return failure();
  if (symbols.empty() && failed(element())) return failure();
  s.attributes.set(name, p.getBuilder().getArrayAttr(symbols));
  return success();
}
ParseResult parseOffsets(Parser &p, State &s, StringRef name) {
  SmallVector<int64_t> values;
  auto element = [&]() -> ParseResult {
    int64_t value = 0;
    OptionalParseResult number = parseOptionalInt(p, value);
    if (!number.has_value()) return p.emitError(p.getCurrentLocation(), "expected an offset");
    values.push_back(value);
    return *number;
  };
  if (p.parseCommaSeparatedList(Parser::Delimiter::Square, element)) return failure();
  s.attributes.set(name, p.getBuilder().getDenseI64ArrayAttr(values));
  return success();
}

/// `[@a] -> [@b, @c] ([] [0, 128])`; G0 wrote `()` at the end.
ParseResult parseLink(Parser &p, State &s) {
  if (parseSymbols(p, s, "fifo_ins") || p.parseArrow() || parseSymbols(p, s, "fifo_outs") ||
      p.parseLParen())
    return failure();
  s.attributes.set("src_offsets", p.getBuilder().getDenseI64ArrayAttr({}));
  s.attributes.set("dst_offsets", p.getBuilder().getDenseI64ArrayAttr({}));
  if (failed(p.parseOptionalRParen()) &&
      (parseOffsets(p, s, "src_offsets") || parseOffsets(p, s, "dst_offsets") || p.parseRParen()))
    return failure();
  return p.parseOptionalAttrDict(s.attributes);
}
void printSymbols(Operation *op, Printer &p, StringRef name) {
  p << '[';
  llvm::interleaveComma(op->getAttrOfType<ArrayAttr>(name), p,
                        [&](Attribute symbol) { p << symbol; });
  p << ']';
}
void printLink(Operation *op, Printer &p) {
  p << ' ';
  printSymbols(op, p, "fifo_ins");
  p << " -> ";
  printSymbols(op, p, "fifo_outs");
  p << " ([";
  llvm::interleaveComma(intsAttr(op, "src_offsets"), p);
  p << "] [";
  llvm::interleaveComma(intsAttr(op, "dst_offsets"), p);
  p << "])";
  printAttrs(p, op, {"fifo_ins", "fifo_outs", "src_offsets", "dst_offsets"});
}

/// `@f (Consume, 1)` into fifo, port, size. Of an endpoint: `@e`, `@e (1)`, `@e [1]`; without a
/// number as many as there are results, or one.
ParseResult parseUse(Parser &p, State &s) {
  SymbolRefAttr symbol;
  std::string port;
  int64_t size = 0;
  if (p.parseAttribute(symbol)) return failure();
  s.attributes.set("fifo", symbol);
  if (succeeded(p.parseOptionalLParen())) {
    OptionalParseResult number = parseOptionalInt(p, size);
    if (number.has_value()) {
      if (failed(*number)) return failure();
    } else {
      if (parseEnum(p, port, {"Produce", "Consume"}, "object FIFO port")) return failure();
      if (succeeded(p.parseOptionalComma()) && parseInt(p, size)) return failure();
      addStr(p, s, "port", port);
    }
    if (p.parseRParen()) return failure();
  }
  if (size == 0 && succeeded(p.parseOptionalLSquare()) && (parseInt(p, size) || p.parseRSquare()))
    return failure();
  addInt(p, s, "size", size);
  return p.parseOptionalAttrDict(s.attributes);
}
void printUse(Operation *op, Printer &p) {
  p << ' ' << op->getAttr("fifo") << '(';
  if (op->hasAttr("port")) p << strAttr(op, "port") << ", ";
  p << intAttrOr(op, "size", 0) << ')';
  printAttrs(p, op, {"fifo", "port", "size"});
}
ParseResult parseRelease(Parser &p, State &s) {
  if (parseUse(p, s)) return failure();
  if (cast<IntegerAttr>(s.attributes.get("size")).getInt() == 0) addInt(p, s, "size", 1);
  return success();
}

/// Until G3 the result is a subview; since G4 the elements themselves.
ParseResult parseAcquire(Parser &p, State &s) {
  if (parseUse(p, s) || p.parseColonTypeList(s.types)) return failure();
  if (cast<IntegerAttr>(s.attributes.get("size")).getInt() == 0)
    addInt(p, s, "size", static_cast<int64_t>(s.types.size()));
  for (Type type : s.types) {
    auto box = dyn_cast<BoxType>(type);
    if (!isa<MemRefType>(type) && !(box && box.word() == "objectfifosubview"))
      return p.emitError(p.getNameLoc(), "acquire gives !aie.objectfifosubview<memref> or memrefs");
  }
  return success();
}
void printAcquire(Operation *op, Printer &p) {
  printUse(op, p);
  p << " : ";
  llvm::interleaveComma(op->getResultTypes(), p);
}

ParseResult parseAccess(Parser &p, State &s) {
  Parser::UnresolvedOperand subview;
  int64_t index = 0;
  Type from, to;
  if (p.parseOperand(subview) || p.parseLSquare() || parseInt(p, index) || p.parseRSquare() ||
      p.parseOptionalAttrDict(s.attributes) || p.parseColonType(from) || p.parseArrow() ||
      p.parseType(to) || p.resolveOperand(subview, from, s.operands))
    return failure();
  if (!isa<MemRefType>(to)) return p.emitError(p.getNameLoc(), "an element is a memref");
  addInt(p, s, "index", index);
  s.addTypes(to);
  return success();
}
void printAccess(Operation *op, Printer &p) {
  p << ' ' << op->getOperand(0) << '[' << intAttrOr(op, "index", 0) << ']';
  printAttrs(p, op, {"index"});
  p << " : " << op->getOperand(0).getType() << " -> " << op->getResult(0).getType();
}

ParseResult parseRegisterBuffers(Parser &p, State &s) {
  SymbolRefAttr symbol;
  if (p.parseAttribute(symbol) || p.parseLParen() || parseIndexOperand(p, s) || p.parseComma() ||
      p.parseLBrace())
    return failure();
  s.attributes.set("fifo", symbol);
  SmallVector<Parser::UnresolvedOperand> buffers;
  SmallVector<Type> types;
  SMLoc at = p.getCurrentLocation();
  if (p.parseOperandList(buffers) || p.parseRBrace() || p.parseRParen() ||
      p.parseOptionalAttrDict(s.attributes) || p.parseColon() || p.parseLParen() ||
      p.parseTypeList(types) || p.parseRParen())
    return failure();
  return p.resolveOperands(buffers, types, at, s.operands);
}
void printRegisterBuffers(Operation *op, Printer &p) {
  p << ' ' << op->getAttr("fifo") << " (" << op->getOperand(0) << ", {";
  llvm::interleaveComma(op->getOperands().drop_front(), p, [&](Value v) { p << v; });
  p << "})";
  printAttrs(p, op, {"fifo"});
  p << " : (";
  llvm::interleaveComma(op->getOperands().drop_front(), p, [&](Value v) { p << v.getType(); });
  p << ')';
}

/// `@f (Produce, %acquire : tensor<..>, %release : tensor<..>, @function, %length)`
ParseResult parseProcess(Parser &p, State &s) {
  SymbolRefAttr fifo, callee;
  std::string port;
  if (p.parseAttribute(fifo) || p.parseLParen() ||
      parseEnum(p, port, {"Produce", "Consume"}, "object FIFO port"))
    return failure();
  for (int pattern = 0; pattern < 2; ++pattern) {
    Parser::UnresolvedOperand counts;
    Type type;
    if (p.parseComma() || p.parseOperand(counts) || p.parseColonType(type) ||
        p.resolveOperand(counts, type, s.operands))
      return failure();
  }
  if (p.parseComma() || p.parseAttribute(callee) || p.parseComma() || parseIndexOperand(p, s) ||
      p.parseRParen() || p.parseOptionalAttrDict(s.attributes))
    return failure();
  s.attributes.set("fifo", fifo);
  addStr(p, s, "port", port);
  s.attributes.set("callee", callee);
  return success();
}
void printProcess(Operation *op, Printer &p) {
  p << ' ' << op->getAttr("fifo") << " (" << strAttr(op, "port");
  for (unsigned pattern = 0; pattern < 2; ++pattern)
    p << ", " << op->getOperand(pattern) << " : " << op->getOperand(pattern).getType();
  p << ", " << op->getAttr("callee") << ", " << op->getOperand(2) << ')';
  printAttrs(p, op, {"fifo", "port", "callee"});
}

ParseResult parseAllocate(Parser &p, State &s) {
  SymbolRefAttr symbol;
  if (p.parseAttribute(symbol) || p.parseLParen() || parseIndexOperand(p, s) || p.parseRParen() ||
      p.parseOptionalAttrDict(s.attributes))
    return failure();
  s.attributes.set("fifo", symbol);
  return success();
}
void printAllocate(Operation *op, Printer &p) {
  p << ' ' << op->getAttr("fifo") << " (" << op->getOperand(0) << ')';
  printAttrs(p, op, {"fifo"});
}

constexpr char kMadeOfFifos[] = "the vendor's passes make it of object FIFOs: write aie.objectfifo";

const OpEntry table[] = {
    {"aie.objectfifo", kPlain, parseObjectFifo, printObjectFifo},
    {"aie.objectfifo.link", kPlain, parseLink, printLink},
    {"aie.objectfifo.acquire", kPlain, parseAcquire, printAcquire},
    {"aie.objectfifo.subview.access", kPlain, parseAccess, printAccess},
    {"aie.objectfifo.release", kPlain, parseRelease, printUse},
    {"aie.objectfifo.register_external_buffers", kPlain, parseRegisterBuffers,
     printRegisterBuffers},
    {"aie.objectfifo.allocate", kPlain, parseAllocate, printAllocate},
    {"aie.objectfifo.register_process", kPlain, parseProcess, printProcess},
    {"aie.objectfifo.get_lock", kPlain, nullptr, nullptr, kMadeOfFifos},
    {"aie.objectfifo.get_buffer", kPlain, nullptr, nullptr, kMadeOfFifos},
    {"aie.objectfifo_rearm_binding", kPlain, nullptr, nullptr, kMadeOfFifos},
    {"aie.objectfifo.endpoint", kPlain, nullptr, nullptr, kMadeOfFifos},
};

} // namespace

ArrayRef<OpEntry> fifoOps() { return table; }

} // namespace ashlar::design
