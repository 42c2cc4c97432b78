// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations of the runtime sequence: what the NPU's controller does while a kernel runs.
#include "design/ops.h"

using namespace mlir;

namespace ashlar::design {
namespace {

// --- dma_memcpy_nd ----------------------------------------------------------------------------

/// `[(x, y,] %m[offsets][sizes][strides][, packet = <..>]) {..} : memref`. The coordinates of
/// G0/G1 repeat what the shim allocation says and are dropped. Three strides (G0) mean that the
/// innermost is 1.
ParseResult parseMemcpy(Parser &p, State &s) {
  Parser::UnresolvedOperand memref;
  if (p.parseLParen()) return failure();
  int64_t coordinate = 0;
  OptionalParseResult prefixed = p.parseOptionalInteger(coordinate);
  if (prefixed.has_value()) {
    if (failed(*prefixed) || p.parseComma() || parseInt(p, coordinate) || p.parseComma())
      return failure();
  }
  if (p.parseOperand(memref)) return failure();
  SmallVector<Value> values;
  for (StringRef name : {"static_offsets", "static_sizes", "static_strides"}) {
    SmallVector<int64_t> constants;
    SMLoc at = p.getCurrentLocation();
    if (parseMixedList(p, s, constants, values)) return failure();
    if (name == "static_strides" && constants.size() == 3) constants.push_back(1);
    if (constants.size() != 4) return p.emitError(at, "expected four values, outermost first");
    s.attributes.set(name, p.getBuilder().getDenseI64ArrayAttr(constants));
  }
  if (succeeded(p.parseOptionalComma())) {
    Attribute packet;
    if (p.parseKeyword("packet") || p.parseEqual()) return failure();
    OptionalParseResult full = p.parseOptionalAttribute(packet);
    if (full.has_value() ? failed(*full) : failed(parseRecord(p, "packet_info", packet)))
      return failure();
    s.attributes.set("packet", packet);
  }
  Type type;
  if (p.parseRParen() || p.parseOptionalAttrDict(s.attributes) || p.parseColonType(type) ||
      p.resolveOperand(memref, type, s.operands))
    return failure();
  s.addOperands(values);
  return success();
}
void printMemcpy(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0);
  unsigned next = 1;
  for (StringRef name : {"static_offsets", "static_sizes", "static_strides"})
    printMixedList(p, intsAttr(op, name), op->getOperands(), next);
  if (auto packet = recordAttr(op, "packet")) {
    p << ", packet = ";
    printRecordFields(p, *packet);
  }
  p << ')';
  printAttrs(p, op, {"static_offsets", "static_sizes", "static_strides", "packet"});
  p << " : " << op->getOperand(0).getType();
}

// --- register writes --------------------------------------------------------------------------

/// `{attributes}` or `(%a, %b) {attributes} : types`, or each operand with its type; types default
/// to i32. `addr %v : i32` (a patched address that is computed) becomes the first operand.
ParseResult parseOperandsOrAttrs(Parser &p, State &s) {
  SmallVector<Parser::UnresolvedOperand> operands;
  SmallVector<Type> types;
  const Type i32 = p.getBuilder().getI32Type();
  SMLoc at = p.getCurrentLocation();
  bool typed = false;
  auto element = [&]() -> ParseResult {
    Type type = i32;
    if (p.parseOperand(operands.emplace_back())) return failure();
    if (succeeded(p.parseOptionalColon())) {
      typed = true;
      if (p.parseType(type)) return failure();
    }
    types.push_back(type);
    return success();
  };
  if (p.parseCommaSeparatedList(Parser::Delimiter::OptionalParen, element)) return failure();
  if (succeeded(p.parseOptionalKeyword("addr"))) {
    Parser::UnresolvedOperand address;
    Type type = i32;
    if (p.parseOperand(address) || (succeeded(p.parseOptionalColon()) && p.parseType(type)))
      return failure();
    operands.insert(operands.begin(), address);
    types.insert(types.begin(), type);
  }
  if (p.parseOptionalAttrDict(s.attributes)) return failure();
  if (operands.empty()) return success();
  if (!typed && succeeded(p.parseOptionalColon())) {
    types.clear();
    if (p.parseTypeList(types)) return failure();
  }
  return p.resolveOperands(operands, types, at, s.operands);
}
void printOperandsOrAttrs(Operation *op, Printer &p) {
  if (op->getNumOperands()) {
    p << '(';
    llvm::interleaveComma(op->getOperands(), p, [&](Value v) { p << v; });
    p << ')';
  }
  printAttrs(p, op, {});
  if (op->getNumOperands()) {
    p << " : ";
    llvm::interleaveComma(op->getOperandTypes(), p);
  }
}

/// `(%data) {address = ..} : memref`; a computed address comes before the data.
ParseResult parseBlockwrite(Parser &p, State &s) {
  SmallVector<Parser::UnresolvedOperand> operands;
  SmallVector<Type> types;
  SMLoc at = p.getCurrentLocation();
  if (p.parseOperandList(operands, Parser::Delimiter::Paren) ||
      p.parseOptionalAttrDict(s.attributes) || p.parseColon() || p.parseTypeList(types))
    return failure();
  if (operands.empty()) return p.emitError(at, "expected the data that are written");
  return p.resolveOperands(operands, types, at, s.operands);
}
void printBlockwrite(Operation *op, Printer &p) {
  p << '(';
  llvm::interleaveComma(op->getOperands(), p, [&](Value v) { p << v; });
  p << ')';
  printAttrs(p, op, {});
  p << " : ";
  llvm::interleaveComma(op->getOperandTypes(), p);
}

/// An integer attribute or an i32 operand.
ParseResult parseIntOrOperand(Parser &p, State &s, StringRef name) {
  Parser::UnresolvedOperand operand;
  OptionalParseResult dynamic = p.parseOptionalOperand(operand);
  if (dynamic.has_value())
    return failure(failed(*dynamic) ||
                   p.resolveOperand(operand, p.getBuilder().getI32Type(), s.operands));
  int64_t value = 0;
  if (parseInt(p, value)) return failure();
  addInt(p, s, name, value);
  return success();
}

/// `(@buffer, index, value)`; G0 `(column, row, index, value) {buffer_sym_name = "b"}`.
ParseResult parseRtpWrite(Parser &p, State &s) {
  SymbolRefAttr symbol;
  if (p.parseLParen()) return failure();
  int64_t ignored = 0;
  OptionalParseResult g0 = p.parseOptionalInteger(ignored);
  if (g0.has_value()) {
    if (failed(*g0) || p.parseComma() || parseInt(p, ignored) || p.parseComma()) return failure();
  } else {
    std::string name;
    if (succeeded(p.parseOptionalString(&name)))
      symbol = SymbolRefAttr::get(p.getContext(), name);
    else if (p.parseAttribute(symbol))
      return failure();
    if (p.parseComma()) return failure();
  }
  if (parseIntOrOperand(p, s, "index") || p.parseComma() || parseIntOrOperand(p, s, "value") ||
      p.parseRParen() || p.parseOptionalAttrDict(s.attributes))
    return failure();
  if (!symbol) {
    auto name = dyn_cast_or_null<StringAttr>(s.attributes.get("buffer_sym_name"));
    if (!name) return p.emitError(p.getNameLoc(), "expected buffer_sym_name = \"...\"");
    s.attributes.erase("buffer_sym_name");
    symbol = SymbolRefAttr::get(p.getContext(), name.getValue());
  }
  s.attributes.set("buffer", symbol);
  if (succeeded(p.parseOptionalColon())) {
    SmallVector<Type> types;
    if (p.parseTypeList(types)) return failure();
  }
  return success();
}
void printRtpWrite(Operation *op, Printer &p) {
  p << '(' << op->getAttr("buffer");
  unsigned next = 0;
  for (StringRef name : {"index", "value"}) {
    p << ", ";
    if (auto value = intAttr(op, name))
      p << *value;
    else
      p << op->getOperand(next++);
  }
  p << ')';
  printAttrs(p, op, {"buffer", "index", "value"});
}

/// `(column, row, MM2S : channel) {...}`; G3 adds operands `bd_id %b repeat %r : i32, i32`.
ParseResult parsePushQueue(Parser &p, State &s) {
  int64_t column = 0, row = 0, channel = 0;
  std::string direction;
  if (p.parseLParen() || parseInt(p, column) || p.parseComma() || parseInt(p, row) ||
      p.parseComma() || parseDirection(p, direction) || p.parseColon() || parseInt(p, channel) ||
      p.parseRParen())
    return failure();
  addInt(p, s, "column", column);
  addInt(p, s, "row", row);
  addStr(p, s, "direction", direction);
  addInt(p, s, "channel", channel);
  SmallVector<Attribute> dynamic;
  StringRef word;
  while (succeeded(p.parseOptionalKeyword(&word))) {
    StringRef name = word.starts_with("bd") ? "bd_id" : "repeat_count";
    Parser::UnresolvedOperand operand;
    (void)p.parseOptionalEqual();
    if (p.parseOperand(operand) ||
        p.resolveOperand(operand, p.getBuilder().getI32Type(), s.operands))
      return failure();
    dynamic.push_back(p.getBuilder().getStringAttr(name));
  }
  if (p.parseOptionalAttrDict(s.attributes)) return failure();
  if (!dynamic.empty()) s.attributes.set("dynamic", p.getBuilder().getArrayAttr(dynamic));
  if (succeeded(p.parseOptionalColon())) {
    SmallVector<Type> types;
    if (p.parseTypeList(types)) return failure();
  }
  return success();
}
void printPushQueue(Operation *op, Printer &p) {
  p << '(' << intAttrOr(op, "column", 0) << ", " << intAttrOr(op, "row", 0) << ", "
    << strAttr(op, "direction") << " : " << intAttrOr(op, "channel", 0) << ')';
  if (auto dynamic = op->getAttrOfType<ArrayAttr>("dynamic"))
    for (auto [i, name] : llvm::enumerate(dynamic))
      p << ' ' << cast<StringAttr>(name).getValue() << ' ' << op->getOperand(i);
  printAttrs(p, op, {"column", "row", "direction", "channel", "dynamic"});
}

// --- tasks ------------------------------------------------------------------------------------

/// `(%tile, MM2S, channel) {blocks} {...}`
ParseResult parseConfigureTask(Parser &p, State &s) {
  std::string direction;
  int64_t channel = 0;
  if (p.parseLParen() || parseIndexOperand(p, s) || p.parseComma() ||
      parseDirection(p, direction) || p.parseComma() || parseInt(p, channel))
    return failure();
  if (succeeded(p.parseOptionalComma())) {
    Attribute packet;
    if (parseRecord(p, "packet_info", packet)) return failure();
    s.attributes.set("packet", packet);
  }
  if (p.parseRParen() || parseBody(p, s) || p.parseOptionalAttrDict(s.attributes)) return failure();
  addStr(p, s, "direction", direction);
  addInt(p, s, "channel", channel);
  s.addTypes(p.getBuilder().getIndexType());
  return success();
}
void printConfigureTask(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ", " << strAttr(op, "direction") << ", "
    << intAttrOr(op, "channel", 0) << ')';
  printBody(p, op->getRegion(0), false);
  printAttrs(p, op, {"direction", "channel"});
}
ParseResult parseConfigureTaskFor(Parser &p, State &s) {
  SymbolRefAttr symbol;
  if (p.parseAttribute(symbol) || parseBody(p, s) || p.parseOptionalAttrDict(s.attributes))
    return failure();
  s.attributes.set("alloc", symbol);
  s.addTypes(p.getBuilder().getIndexType());
  return success();
}
void printConfigureTaskFor(Operation *op, Printer &p) {
  p << ' ' << op->getAttr("alloc");
  printBody(p, op->getRegion(0), false);
  printAttrs(p, op, {"alloc"});
}

ParseResult parseTaskUse(Parser &p, State &s) {
  return failure(p.parseLParen() || parseIndexOperand(p, s) || p.parseRParen() ||
                 p.parseOptionalAttrDict(s.attributes));
}
void printTaskUse(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ')';
  printAttrs(p, op, {});
}

/// `(%tile, address, length)`: bytes from the start of the tile's memory, words.
ParseResult parseBufferClear(Parser &p, State &s) {
  int64_t address = 0, length = 0;
  if (p.parseLParen() || parseIndexOperand(p, s) || p.parseComma() || parseInt(p, address) ||
      p.parseComma() || parseInt(p, length) || p.parseRParen() ||
      p.parseOptionalAttrDict(s.attributes))
    return failure();
  addInt(p, s, "address", address);
  addInt(p, s, "length", length);
  return success();
}
void printBufferClear(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ", " << intAttrOr(op, "address", 0) << ", "
    << intAttrOr(op, "length", 0) << ')';
  printAttrs(p, op, {"address", "length"});
}

/// `@chain(%a, %b) : (T, U) on (%tile, MM2S, 0)` or `... for @alloc`.
ParseResult parseStartChain(Parser &p, State &s) {
  SymbolRefAttr chain;
  SmallVector<Parser::UnresolvedOperand> operands;
  SmallVector<Type> types;
  if (p.parseAttribute(chain)) return failure();
  SMLoc at = p.getCurrentLocation();
  if (p.parseOperandList(operands, Parser::Delimiter::Paren) || p.parseColon() || p.parseLParen())
    return failure();
  if (failed(p.parseOptionalRParen()) && (p.parseTypeList(types) || p.parseRParen()))
    return failure();
  s.attributes.set("chain", chain);
  if (succeeded(p.parseOptionalKeyword("on"))) {
    std::string direction;
    int64_t channel = 0;
    if (p.parseLParen() || parseIndexOperand(p, s) || p.parseComma() ||
        parseDirection(p, direction) || p.parseComma() || parseInt(p, channel) || p.parseRParen())
      return failure();
    addStr(p, s, "direction", direction);
    addInt(p, s, "channel", channel);
  } else {
    SymbolRefAttr alloc;
    if (p.parseKeyword("for") || p.parseAttribute(alloc)) return failure();
    s.attributes.set("alloc", alloc);
  }
  if (p.resolveOperands(operands, types, at, s.operands) || p.parseOptionalAttrDict(s.attributes))
    return failure();
  s.addTypes(p.getBuilder().getIndexType());
  return success();
}
void printStartChain(Operation *op, Printer &p) {
  const bool onTile = op->hasAttr("direction");
  OperandRange arguments = op->getOperands().drop_front(onTile ? 1 : 0);
  p << ' ' << op->getAttr("chain") << '(';
  llvm::interleaveComma(arguments, p, [&](Value v) { p << v; });
  p << ") : (";
  llvm::interleaveComma(arguments.getTypes(), p);
  p << ')';
  if (onTile)
    p << " on (" << op->getOperand(0) << ", " << strAttr(op, "direction") << ", "
      << intAttrOr(op, "channel", 0) << ')';
  else
    p << " for " << op->getAttr("alloc");
  printAttrs(p, op, {"chain", "direction", "channel", "alloc"});
}

/// `(%lock, 1)`; newer designs give an operand.
ParseResult parseSetLock(Parser &p, State &s) {
  return failure(p.parseLParen() || parseIndexOperand(p, s) || p.parseComma() ||
                 parseIntOrOperand(p, s, "value") || p.parseRParen() ||
                 p.parseOptionalAttrDict(s.attributes));
}
void printSetLock(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ", ";
  if (op->getNumOperands() > 1)
    p << op->getOperand(1);
  else
    p << intAttrOr(op, "value", 0);
  p << ')';
  printAttrs(p, op, {"value"});
}

/// `(%tile, MM2S, channel)`
ParseResult parseChannelReset(Parser &p, State &s) {
  std::string direction;
  int64_t channel = 0;
  if (p.parseLParen() || parseIndexOperand(p, s) || p.parseComma() ||
      parseDirection(p, direction) || p.parseComma() || parseInt(p, channel) || p.parseRParen() ||
      p.parseOptionalAttrDict(s.attributes))
    return failure();
  addStr(p, s, "direction", direction);
  addInt(p, s, "channel", channel);
  return success();
}
void printChannelReset(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ", " << strAttr(op, "direction") << ", "
    << intAttrOr(op, "channel", 0) << ')';
  printAttrs(p, op, {"direction", "channel"});
}
/// `(@fifo)`
ParseResult parseChannelResetFor(Parser &p, State &s) {
  SymbolRefAttr fifo;
  if (p.parseLParen() || p.parseAttribute(fifo) || p.parseRParen() ||
      p.parseOptionalAttrDict(s.attributes))
    return failure();
  s.attributes.set("fifo", fifo);
  return success();
}
void printChannelResetFor(Operation *op, Printer &p) {
  p << '(' << op->getAttr("fifo") << ')';
  printAttrs(p, op, {"fifo"});
}

// --- several devices --------------------------------------------------------------------------

ParseResult parseConfigure(Parser &p, State &s) {
  SymbolRefAttr device;
  if (p.parseAttribute(device) || parseBody(p, s, {}, /*addEnd=*/false) ||
      p.parseOptionalAttrDict(s.attributes))
    return failure();
  s.attributes.set("device", device);
  return success();
}
void printConfigure(Operation *op, Printer &p) {
  p << ' ' << op->getAttr("device");
  printBody(p, op->getRegion(0), false);
  printAttrs(p, op, {"device"});
}
ParseResult parseRun(Parser &p, State &s) {
  SymbolRefAttr sequence;
  SmallVector<Parser::UnresolvedOperand> operands;
  SmallVector<Type> types;
  if (p.parseAttribute(sequence)) return failure();
  SMLoc at = p.getCurrentLocation();
  if (p.parseOperandList(operands, Parser::Delimiter::Paren) || p.parseColon() || p.parseLParen())
    return failure();
  if (failed(p.parseOptionalRParen()) && (p.parseTypeList(types) || p.parseRParen()))
    return failure();
  s.attributes.set("sequence", sequence);
  return failure(p.resolveOperands(operands, types, at, s.operands) ||
                 p.parseOptionalAttrDict(s.attributes));
}
void printRun(Operation *op, Printer &p) {
  p << ' ' << op->getAttr("sequence") << '(';
  llvm::interleaveComma(op->getOperands(), p, [&](Value v) { p << v; });
  p << ") : (";
  llvm::interleaveComma(op->getOperandTypes(), p);
  p << ')';
  printAttrs(p, op, {"sequence"});
}

const OpEntry table[] = {
    {"aiex.npu.dma_memcpy_nd", kPlain, parseMemcpy, printMemcpy},
    {"aiex.npu.dma_wait", kPlain, parseAttrsOnly, printAttrsOnly},
    {"aiex.npu.sync", kPlain, parseOperandsOrAttrs, printOperandsOrAttrs},
    {"aiex.npu.write32", kPlain, parseOperandsOrAttrs, printOperandsOrAttrs},
    {"aiex.npu.maskwrite32", kPlain, parseOperandsOrAttrs, printOperandsOrAttrs},
    {"aiex.npu.blockwrite", kPlain, parseBlockwrite, printBlockwrite},
    {"aiex.npu.address_patch", kPlain, parseOperandsOrAttrs, printOperandsOrAttrs},
    {"aiex.npu.push_queue", kPlain, parsePushQueue, printPushQueue},
    {"aiex.npu.rtp_write", kPlain, parseRtpWrite, printRtpWrite},
    {"aiex.npu.writebd", kPlain, parseAttrsOnly, printAttrsOnly},
    {"aiex.npu.load_pdi", kPlain, parseAttrsOnly, printAttrsOnly},
    {"aiex.npu.preempt", kPlain, parseAttrsOnly, printAttrsOnly},
    {"aiex.control_packet", kPlain, parseAttrsOnly, printAttrsOnly},
    {"aiex.dma_configure_task", kNoTerminator, parseConfigureTask, printConfigureTask},
    {"aiex.dma_configure_task_for", kNoTerminator, parseConfigureTaskFor, printConfigureTaskFor},
    {"aiex.dma_start_task", kPlain, parseTaskUse, printTaskUse},
    {"aiex.dma_await_task", kPlain, parseTaskUse, printTaskUse},
    {"aiex.dma_free_task", kPlain, parseTaskUse, printTaskUse},
    {"aiex.dma_start_bd_chain", kPlain, parseStartChain, printStartChain},
    {"aiex.dma_start_bd_chain_for", kPlain, parseStartChain, printStartChain},
    {"aiex.set_lock", kPlain, parseSetLock, printSetLock},
    {"aiex.configure", kScope | kNoTerminator, parseConfigure, printConfigure},
    {"aiex.run", kPlain, parseRun, printRun},
    {"aiex.buffer_clear", kPlain, parseBufferClear, printBufferClear},
    {"aiex.core_reset", kPlain, parseTaskUse, printTaskUse},
    {"aiex.dma_channel_reset", kPlain, parseChannelReset, printChannelReset},
    {"aiex.dma_channel_reset_for", kPlain, parseChannelResetFor, printChannelResetFor},
    {"aiex.npu.assert_bd_field", kPlain, parseOperandsOrAttrs, printOperandsOrAttrs},
    {"aiex.npu.assert_bd_divisible", kPlain, parseOperandsOrAttrs, printOperandsOrAttrs},
};

} // namespace

ArrayRef<OpEntry> npuOps() { return table; }

} // namespace ashlar::design
