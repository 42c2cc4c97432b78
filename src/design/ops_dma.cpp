// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// DMA programs: the tile's channels, their chains of buffer descriptors, and chains as templates.
#include "design/ops.h"

using namespace mlir;

namespace ashlar::design {
namespace {

ParseResult parseMem(Parser &p, State &s) {
  if (p.parseLParen() || parseIndexOperand(p, s) || p.parseRParen() || parseBody(p, s) ||
      p.parseOptionalAttrDict(s.attributes))
    return failure();
  s.addTypes(p.getBuilder().getIndexType());
  return success();
}
void printMem(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ')';
  printBody(p, op->getRegion(0), false);
  printAttrs(p, op, {});
}

ParseResult parseDmaStart(Parser &p, State &s) {
  std::string direction;
  int64_t channel = 0;
  Block *first = nullptr, *next = nullptr;
  if (p.parseLParen() || parseDirection(p, direction) || p.parseComma() || parseInt(p, channel) ||
      p.parseComma() || p.parseSuccessor(first) || p.parseComma() || p.parseSuccessor(next))
    return failure();
  if (succeeded(p.parseOptionalComma())) {
    int64_t repeat = 0;
    if (p.parseKeyword("repeat_count") || p.parseEqual() || parseInt(p, repeat)) return failure();
    addInt(p, s, "repeat_count", repeat);
  }
  if (p.parseRParen() || p.parseOptionalAttrDict(s.attributes)) return failure();
  addStr(p, s, "channel_dir", direction);
  addInt(p, s, "channel_index", channel);
  s.addSuccessors(first);
  s.addSuccessors(next);
  s.addTypes(p.getBuilder().getI1Type());
  return success();
}
void printDmaStart(Operation *op, Printer &p) {
  p << '(' << strAttr(op, "channel_dir") << ", " << intAttrOr(op, "channel_index", 0) << ", "
    << op->getSuccessor(0) << ", " << op->getSuccessor(1);
  if (int64_t repeat = intAttrOr(op, "repeat_count", 0)) p << ", repeat_count = " << repeat;
  p << ')';
  printAttrs(p, op, {"channel_dir", "channel_index", "repeat_count"});
}

/// `aie.dma(S2MM, 0) {loop = true} [{bd}, {bd}]`: the older form, one region a descriptor.
ParseResult parseDmaRegions(Parser &p, State &s) {
  std::string direction;
  int64_t channel = 0;
  if (p.parseLParen() || parseDirection(p, direction) || p.parseComma() || parseInt(p, channel) ||
      p.parseRParen() || p.parseOptionalAttrDict(s.attributes))
    return failure();
  addStr(p, s, "channel_dir", direction);
  addInt(p, s, "channel_index", channel);
  if (p.parseCommaSeparatedList(Parser::Delimiter::Square,
                                [&]() -> ParseResult { return parseBody(p, s); }))
    return failure();
  s.addTypes(p.getBuilder().getI1Type());
  return success();
}
void printDmaRegions(Operation *op, Printer &p) {
  p << '(' << strAttr(op, "channel_dir") << ", " << intAttrOr(op, "channel_index", 0) << ')';
  printAttrs(p, op, {"channel_dir", "channel_index"});
  p << " [";
  llvm::interleaveComma(op->getRegions(), p, [&](Region &region) { printBody(p, region, true); });
  p << ']';
}

ParseResult parseDmaBdPacket(Parser &p, State &s) {
  int64_t type = 0, id = 0;
  if (p.parseLParen() || parseInt(p, type) || p.parseComma() || parseInt(p, id) ||
      p.parseRParen() || p.parseOptionalAttrDict(s.attributes))
    return failure();
  addInt(p, s, "packet_type", type);
  addInt(p, s, "packet_id", id);
  return success();
}
void printDmaBdPacket(Operation *op, Printer &p) {
  p << '(' << intAttrOr(op, "packet_type", 0) << ", " << intAttrOr(op, "packet_id", 0) << ')';
  printAttrs(p, op, {"packet_type", "packet_id"});
}

/// A number or an operand after a word of the keyword form. Operands are kept behind the buffer
/// in the order of `dynamic`.
struct DynamicFields {
  SmallVector<Attribute> names;
  SmallVector<Value> values;
};
ParseResult parseField(Parser &p, State &s, StringRef name, DynamicFields &dynamic) {
  Parser::UnresolvedOperand operand;
  OptionalParseResult isOperand = p.parseOptionalOperand(operand);
  if (isOperand.has_value()) {
    Type type = p.getBuilder().getI32Type();
    if (failed(*isOperand) || (succeeded(p.parseOptionalColon()) && p.parseType(type)) ||
        p.resolveOperand(operand, type, dynamic.values))
      return failure();
    dynamic.names.push_back(p.getBuilder().getStringAttr(name));
    return success();
  }
  int64_t value = 0;
  if (parseInt(p, value)) return failure();
  addInt(p, s, name, value);
  return success();
}

/// G0..G2 positional `(%b : T, offset, len, [dims], [pads])`; G3 `(%b : T offset = .. len = ..
/// sizes = [..] strides = [..] pad [..])`. In memory: offset, len (elements), dimensions (records,
/// outermost first), pad_dimensions, and `dynamic` naming the fields that are operands.
ParseResult parseDmaBd(Parser &p, State &s) {
  Parser::UnresolvedOperand buffer;
  Type type;
  DynamicFields dynamic;
  if (p.parseLParen() || p.parseOperand(buffer) || p.parseColonType(type) ||
      p.resolveOperand(buffer, type, s.operands))
    return failure();
  int position = 0;
  auto lists = [&]() -> ParseResult {
    ArrayAttr list;
    if (position <= 2) {
      if (parseRecordList(p, "bd_dim_layout", list)) return failure();
      if (!list.empty()) s.attributes.set("dimensions", list);
      position = 3;
    } else {
      if (parseRecordList(p, "bd_pad_layout", list)) return failure();
      if (!list.empty()) s.attributes.set("pad_dimensions", list);
      position = 4;
    }
    return success();
  };
  SmallVector<int64_t> sizes, strides;
  while (failed(p.parseOptionalRParen())) {
    (void)p.parseOptionalComma();
    StringRef word;
    if (succeeded(p.parseOptionalKeyword(&word))) {
      if (word == "pad_value" || word == "offset" || word == "len") {
        if (p.parseEqual() || parseField(p, s, word, dynamic)) return failure();
      } else if (word == "sizes" || word == "strides") {
        SmallVector<int64_t> &out = word == "sizes" ? sizes : strides;
        SmallVector<Value> values;
        SMLoc at = p.getCurrentLocation();
        if (p.parseEqual() || parseMixedList(p, s, out, values)) return failure();
        size_t next = 0;
        for (auto [i, v] : llvm::enumerate(out))
          if (v == kDynamic) {
            if (next >= values.size()) return p.emitError(at, "bad list");
            dynamic.names.push_back(p.getBuilder().getStringAttr((word + "." + Twine(i)).str()));
            dynamic.values.push_back(values[next++]);
          }
      } else if (word == "pad") {
        position = 3;
        (void)p.parseOptionalEqual();
        if (lists()) return failure();
      } else if (word == "iteration") {
        Attribute record;
        (void)p.parseOptionalEqual();
        if (parseRecord(p, "bd_iteration", record)) return failure();
        s.attributes.set("iteration", record);
      } else if (word == "packet") {
        Attribute record;
        if (p.parseEqual() || parseRecord(p, "packet_info", record)) return failure();
        s.attributes.set("packet", record);
      } else {
        return p.emitError(p.getCurrentLocation())
               << "unknown field '" << word << "' of a buffer descriptor";
      }
      continue;
    }
    int64_t value = 0;
    OptionalParseResult number = parseOptionalInt(p, value);
    if (number.has_value()) {
      if (failed(*number)) return failure();
      if (position > 1) return p.emitError(p.getCurrentLocation(), "expected '['");
      addInt(p, s, position == 0 ? "offset" : "len", value);
      ++position;
      continue;
    }
    Parser::UnresolvedOperand operand;
    OptionalParseResult value2 = p.parseOptionalOperand(operand);
    if (value2.has_value()) {
      if (failed(*value2) || position > 1 ||
          p.resolveOperand(operand, p.getBuilder().getI32Type(), dynamic.values))
        return p.emitError(p.getCurrentLocation(), "expected ')'");
      dynamic.names.push_back(p.getBuilder().getStringAttr(position == 0 ? "offset" : "len"));
      ++position;
      continue;
    }
    if (position > 3) return p.emitError(p.getCurrentLocation(), "expected ')'");
    if (lists()) return failure();
  }
  if (sizes.size() != strides.size())
    return p.emitError(p.getNameLoc(), "as many sizes as strides are needed");
  if (!sizes.empty()) {
    SmallVector<Attribute> records;
    Builder &b = p.getBuilder();
    for (auto [size, stride] : llvm::zip(sizes, strides))
      records.push_back(RecordAttr::get(
          p.getContext(), "bd_dim_layout",
          b.getDictionaryAttr({b.getNamedAttr("size", b.getI64IntegerAttr(size)),
                               b.getNamedAttr("stride", b.getI64IntegerAttr(stride))})));
    s.attributes.set("dimensions", b.getArrayAttr(records));
  }
  s.addOperands(dynamic.values);
  if (!dynamic.names.empty())
    s.attributes.set("dynamic", p.getBuilder().getArrayAttr(dynamic.names));
  return p.parseOptionalAttrDict(s.attributes);
}
void printDmaBd(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << " : " << op->getOperand(0).getType();
  auto dynamic = op->getAttrOfType<ArrayAttr>("dynamic");
  auto operandOf = [&](StringRef name) -> Value {
    if (dynamic)
      for (auto [i, n] : llvm::enumerate(dynamic))
        if (cast<StringAttr>(n).getValue() == name && i + 1 < op->getNumOperands())
          return op->getOperand(i + 1);
    return {};
  };
  for (StringRef name : {"offset", "len"}) {
    if (Value value = operandOf(name))
      p << ' ' << name << " = " << value << " : " << value.getType();
    else if (auto constant = intAttr(op, name))
      p << ' ' << name << " = " << *constant;
  }
  if (auto dims = op->getAttrOfType<ArrayAttr>("dimensions")) {
    for (StringRef part : {"size", "stride"}) {
      p << ' ' << part << "s = [";
      unsigned i = 0;
      llvm::interleaveComma(dims, p, [&](Attribute record) {
        if (Value value = operandOf((part + "s." + Twine(i)).str()))
          p << value;
        else
          p << cast<RecordAttr>(record).field(part);
        ++i;
      });
      p << ']';
    }
  }
  if (auto pads = op->getAttrOfType<ArrayAttr>("pad_dimensions")) {
    p << " pad ";
    printRecordList(p, pads);
  }
  p << ')';
  printAttrs(p, op, {"offset", "len", "dimensions", "pad_dimensions", "dynamic"});
}

ParseResult parseNextBd(Parser &p, State &s) {
  Block *next = nullptr;
  if (p.parseSuccessor(next) || p.parseOptionalAttrDict(s.attributes)) return failure();
  s.addSuccessors(next);
  return success();
}
void printNextBd(Operation *op, Printer &p) {
  p << ' ' << op->getSuccessor(0);
  printAttrs(p, op, {});
}

ParseResult parseBdChain(Parser &p, State &s) {
  StringAttr symbol;
  SmallVector<Parser::Argument> arguments;
  if (p.parseSymbolName(symbol) ||
      p.parseArgumentList(arguments, Parser::Delimiter::Paren, /*allowType=*/true) ||
      parseBody(p, s, arguments) || p.parseOptionalAttrDict(s.attributes))
    return failure();
  s.attributes.set("sym_name", symbol);
  return success();
}
void printBdChain(Operation *op, Printer &p) {
  p << ' ';
  p.printSymbolName(strAttr(op, "sym_name"));
  p << '(';
  llvm::interleaveComma(op->getRegion(0).getArguments(), p,
                        [&](BlockArgument argument) { p.printRegionArgument(argument); });
  p << ')';
  printBody(p, op->getRegion(0), false);
  printAttrs(p, op, {"sym_name"});
}

const OpEntry table[] = {
    {"aie.mem", kNoTerminator, parseMem, printMem},
    {"aie.memtile_dma", kNoTerminator, parseMem, printMem},
    {"aie.shim_dma", kNoTerminator, parseMem, printMem},
    {"aie.dma_start", kTerminator, parseDmaStart, printDmaStart},
    {"aie.dma", kNoTerminator, parseDmaRegions, printDmaRegions},
    {"aie.dma_bd_packet", kPlain, parseDmaBdPacket, printDmaBdPacket},
    {"aie.dma_bd", kPlain, parseDmaBd, printDmaBd},
    {"aie.next_bd", kTerminator, parseNextBd, printNextBd},
    {"aie.bd_chain", kNoTerminator, parseBdChain, printBdChain},
};

} // namespace

ArrayRef<OpEntry> dmaOps() { return table; }

} // namespace ashlar::design
