// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that describe the array: devices, tiles, switches, flows, locks, buffers, cores.
#include "design/ops.h"

using namespace mlir;

namespace ashlar::design {
namespace {

// --- device and tiles -------------------------------------------------------------------------

ParseResult parseDevice(Parser &p, State &s) {
  std::string device;
  if (p.parseLParen()) return failure();
  SMLoc at = p.getCurrentLocation();
  if (parseWord(p, device, "a device name") || p.parseRParen()) return failure();
  const DeviceName *known = nullptr;
  for (const DeviceName &d : deviceNames())
    if (device == d.name) known = &d;
  if (!known) {
    if (device == "NPUDEVICE")
      return p.emitError(at) << "the device is the placeholder NPUDEVICE [unknown-device] -- say "
                                "which device it stands for with --device npu1 or npu1_1col";
    return p.emitError(at) << "unknown device '" << device
                           << "' [unknown-device] -- the Phoenix NPU is npu1, npu1_1col, "
                              "npu1_2col or npu1_3col";
  }
  if (known->columns == 0)
    return p.emitError(at) << "device '" << device
                           << "' is another chip [unknown-device] -- this tool builds for the "
                              "Phoenix NPU: npu1, npu1_1col, npu1_2col, npu1_3col";
  addStr(p, s, "device", device);
  StringAttr symbol;
  if (succeeded(p.parseOptionalSymbolName(symbol))) s.attributes.set("sym_name", symbol);
  if (p.parseOptionalAttrDictWithKeyword(s.attributes) || parseBody(p, s)) return failure();
  return p.parseOptionalAttrDict(s.attributes);
}
void printDevice(Operation *op, Printer &p) {
  p << '(' << strAttr(op, "device") << ')';
  if (std::string name = strAttr(op, "sym_name"); !name.empty()) {
    p << ' ';
    p.printSymbolName(name);
  }
  printBody(p, op->getRegion(0), true);
  printAttrs(p, op, {"device", "sym_name"});
}

ParseResult parseTile(Parser &p, State &s) {
  int64_t col = 0, row = 0;
  if (p.parseLParen() || parseInt(p, col) || p.parseComma() || parseInt(p, row) ||
      p.parseRParen() || p.parseOptionalAttrDict(s.attributes))
    return failure();
  addInt(p, s, "col", col);
  addInt(p, s, "row", row);
  s.addTypes(p.getBuilder().getIndexType());
  return success();
}
void printTile(Operation *op, Printer &p) {
  p << '(' << intAttrOr(op, "col", 0) << ", " << intAttrOr(op, "row", 0) << ')';
  printAttrs(p, op, {"col", "row"});
}

ParseResult parseLogicalTile(Parser &p, State &s) {
  std::string kind;
  if (p.parseLess() ||
      parseEnum(p, kind, {"CoreTile", "MemTile", "ShimNOCTile", "ShimPLTile"}, "kind of tile") ||
      p.parseGreater() || p.parseLParen())
    return failure();
  addStr(p, s, "kind", kind);
  for (StringRef name : {"col", "row"}) {
    if (failed(p.parseOptionalQuestion())) {
      int64_t value = 0;
      if (parseInt(p, value)) return failure();
      addInt(p, s, name, value);
    }
    if (name == "col" && p.parseComma()) return failure();
  }
  if (p.parseRParen() || p.parseOptionalAttrDict(s.attributes)) return failure();
  s.addTypes(p.getBuilder().getIndexType());
  return success();
}
void printLogicalTile(Operation *op, Printer &p) {
  p << '<' << strAttr(op, "kind") << ">(";
  for (StringRef name : {"col", "row"}) {
    if (auto value = intAttr(op, name))
      p << *value;
    else
      p << '?';
    p << (name == "col" ? ", " : ")");
  }
  printAttrs(p, op, {"kind", "col", "row"});
}

// --- switches ---------------------------------------------------------------------------------

/// `(%tile) { ... }` with an index result.
ParseResult parseTileRegion(Parser &p, State &s) {
  if (p.parseLParen() || parseIndexOperand(p, s) || p.parseRParen() ||
      p.parseOptionalAttrDictWithKeyword(s.attributes) || parseBody(p, s) ||
      p.parseOptionalAttrDict(s.attributes))
    return failure();
  s.addTypes(p.getBuilder().getIndexType());
  return success();
}
void printTileRegion(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ')';
  printBody(p, op->getRegion(0), true);
  printAttrs(p, op, {});
}

ParseResult parseConnect(Parser &p, State &s) {
  return failure(p.parseLess() || parsePort(p, s, "source") || p.parseComma() ||
                 parsePort(p, s, "dest") || p.parseGreater() ||
                 p.parseOptionalAttrDict(s.attributes));
}
void printConnect(Operation *op, Printer &p) {
  p << '<';
  printPort(p, op, "source");
  p << ", ";
  printPort(p, op, "dest");
  p << '>';
  printAttrs(p, op, {"source_bundle", "source_channel", "dest_bundle", "dest_channel"});
}

ParseResult parseAmsel(Parser &p, State &s) {
  int64_t arbiter = 0, msel = 0;
  if (p.parseLess() || parseInt(p, arbiter) || p.parseGreater() || p.parseLParen() ||
      parseInt(p, msel) || p.parseRParen() || p.parseOptionalAttrDict(s.attributes))
    return failure();
  addInt(p, s, "arbiter", arbiter);
  addInt(p, s, "msel", msel);
  s.addTypes(p.getBuilder().getIndexType());
  return success();
}
void printAmsel(Operation *op, Printer &p) {
  p << '<' << intAttrOr(op, "arbiter", 0) << "> (" << intAttrOr(op, "msel", 0) << ')';
  printAttrs(p, op, {"arbiter", "msel"});
}

ParseResult parseMasterset(Parser &p, State &s) {
  if (p.parseLParen() || parsePort(p, s, "dest")) return failure();
  while (succeeded(p.parseOptionalComma()))
    if (parseIndexOperand(p, s)) return failure();
  if (p.parseRParen() || p.parseOptionalAttrDict(s.attributes)) return failure();
  s.addTypes(p.getBuilder().getIndexType());
  return success();
}
void printMasterset(Operation *op, Printer &p) {
  p << '(';
  printPort(p, op, "dest");
  for (Value amsel : op->getOperands()) p << ", " << amsel;
  p << ')';
  printAttrs(p, op, {"dest_bundle", "dest_channel"});
}

ParseResult parsePacketRules(Parser &p, State &s) {
  return failure(p.parseLParen() || parsePort(p, s, "source") || p.parseRParen() ||
                 parseBody(p, s) || p.parseOptionalAttrDict(s.attributes));
}
void printPacketRules(Operation *op, Printer &p) {
  p << '(';
  printPort(p, op, "source");
  p << ')';
  printBody(p, op->getRegion(0), true);
  printAttrs(p, op, {"source_bundle", "source_channel"});
}

ParseResult parseRule(Parser &p, State &s) {
  int64_t mask = 0, value = 0;
  if (p.parseLParen() || parseInt(p, mask) || p.parseComma() || parseInt(p, value) ||
      p.parseComma() || parseIndexOperand(p, s) || p.parseRParen() ||
      p.parseOptionalAttrDict(s.attributes))
    return failure();
  addInt(p, s, "mask", mask);
  addInt(p, s, "value", value);
  return success();
}
void printRule(Operation *op, Printer &p) {
  p << '(' << intAttrOr(op, "mask", 0) << ", " << intAttrOr(op, "value", 0) << ", "
    << op->getOperand(0) << ')';
  printAttrs(p, op, {"mask", "value"});
}

ParseResult parseWire(Parser &p, State &s) {
  if (p.parseLParen()) return failure();
  for (StringRef name : {"source_bundle", "dest_bundle"}) {
    std::string bundle;
    if (parseIndexOperand(p, s) || p.parseColon() || parseEnum(p, bundle, bundleWords, "bundle"))
      return failure();
    addStr(p, s, name, bundle);
    if (name == "source_bundle" && p.parseComma()) return failure();
  }
  return failure(p.parseRParen() || p.parseOptionalAttrDict(s.attributes));
}
void printWire(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << " : " << strAttr(op, "source_bundle") << ", "
    << op->getOperand(1) << " : " << strAttr(op, "dest_bundle") << ')';
  printAttrs(p, op, {"source_bundle", "dest_bundle"});
}

// --- flows ------------------------------------------------------------------------------------

ParseResult parseFlow(Parser &p, State &s) {
  return failure(p.parseLParen() || parseIndexOperand(p, s) || p.parseComma() ||
                 parsePort(p, s, "source") || p.parseComma() || parseIndexOperand(p, s) ||
                 p.parseComma() || parsePort(p, s, "dest") || p.parseRParen() ||
                 p.parseOptionalAttrDict(s.attributes));
}
void printFlow(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ", ";
  printPort(p, op, "source");
  p << ", " << op->getOperand(1) << ", ";
  printPort(p, op, "dest");
  p << ')';
  printAttrs(p, op, {"source_bundle", "source_channel", "dest_bundle", "dest_channel"});
}

ParseResult parsePacketEnd(Parser &p, State &s) {
  return failure(p.parseLess() || parseIndexOperand(p, s) || p.parseComma() ||
                 parsePort(p, s, "port") || p.parseGreater() ||
                 p.parseOptionalAttrDict(s.attributes));
}
void printPacketEnd(Operation *op, Printer &p) {
  p << '<' << op->getOperand(0) << ", ";
  printPort(p, op, "port");
  p << '>';
  printAttrs(p, op, {"port_bundle", "port_channel"});
}

ParseResult parseCascadeFlow(Parser &p, State &s) {
  return failure(p.parseLParen() || parseIndexOperand(p, s) || p.parseComma() ||
                 parseIndexOperand(p, s) || p.parseRParen() ||
                 p.parseOptionalAttrDict(s.attributes));
}
void printCascadeFlow(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ", " << op->getOperand(1) << ')';
  printAttrs(p, op, {});
}

ParseResult parseConfigureCascade(Parser &p, State &s) {
  if (p.parseLParen() || parseIndexOperand(p, s)) return failure();
  for (StringRef name : {"input_dir", "output_dir"}) {
    std::string word;
    if (p.parseComma() ||
        parseEnum(p, word, {"North", "South", "East", "West"}, "cascade direction"))
      return failure();
    addStr(p, s, name, word);
  }
  return failure(p.parseRParen() || p.parseOptionalAttrDict(s.attributes));
}
void printConfigureCascade(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ", " << strAttr(op, "input_dir") << ", "
    << strAttr(op, "output_dir") << ')';
  printAttrs(p, op, {"input_dir", "output_dir"});
}

// --- what cores do ----------------------------------------------------------------------------

/// `(%a : T, %b : U)`, any number.
ParseResult parseTypedOperands(Parser &p, State &s) {
  return p.parseCommaSeparatedList(Parser::Delimiter::Paren, [&]() -> ParseResult {
    Parser::UnresolvedOperand operand;
    Type type;
    return failure(p.parseOperand(operand) || p.parseColonType(type) ||
                   p.resolveOperand(operand, type, s.operands));
  });
}
void printTypedOperands(Operation *op, Printer &p) {
  p << '(';
  llvm::interleaveComma(op->getOperands(), p, [&](Value v) { p << v << " : " << v.getType(); });
  p << ')';
  printAttrs(p, op, {});
}
ParseResult parseTypedOperandsOp(Parser &p, State &s) {
  return failure(parseTypedOperands(p, s) || p.parseOptionalAttrDict(s.attributes));
}
ParseResult parseGet(Parser &p, State &s) {
  Type type;
  if (parseTypedOperands(p, s) || p.parseOptionalAttrDict(s.attributes) || p.parseColonType(type))
    return failure();
  s.addTypes(type);
  return success();
}
void printGet(Operation *op, Printer &p) {
  printTypedOperands(op, p);
  p << " : " << op->getResult(0).getType();
}

ParseResult parseEvent(Parser &p, State &s) {
  int64_t value = 0;
  if (p.parseLParen() || parseInt(p, value) || p.parseRParen() ||
      p.parseOptionalAttrDict(s.attributes))
    return failure();
  addInt(p, s, "val", value);
  return success();
}
void printEvent(Operation *op, Printer &p) {
  p << '(' << intAttrOr(op, "val", 0) << ')';
  printAttrs(p, op, {"val"});
}

ParseResult parseBuffer(Parser &p, State &s) {
  Type type;
  if (p.parseLParen() || parseIndexOperand(p, s) || p.parseRParen() ||
      p.parseOptionalAttrDict(s.attributes) || p.parseColonType(type))
    return failure();
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || !memref.hasStaticShape())
    return p.emitError(p.getNameLoc(), "a buffer's type is a memref of static shape");
  if (succeeded(p.parseOptionalEqual())) {
    Attribute initial;
    if (p.parseAttribute(initial,
                         RankedTensorType::get(memref.getShape(), memref.getElementType())))
      return failure();
    s.attributes.set("initial_value", initial);
  }
  s.addTypes(type);
  return success();
}
void printBuffer(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ')';
  printAttrs(p, op, {"initial_value"});
  p << " : " << op->getResult(0).getType();
  if (Attribute initial = op->getAttr("initial_value")) {
    p << " = ";
    p.printAttributeWithoutType(initial);
  }
}

ParseResult parseExternalBuffer(Parser &p, State &s) {
  Type type;
  if (p.parseOptionalAttrDict(s.attributes) || p.parseColonType(type)) return failure();
  s.addTypes(type);
  return success();
}
void printExternalBuffer(Operation *op, Printer &p) {
  printAttrs(p, op, {});
  p << " : " << op->getResult(0).getType();
}

ParseResult parseLock(Parser &p, State &s) {
  if (p.parseLParen() || parseIndexOperand(p, s)) return failure();
  if (succeeded(p.parseOptionalComma())) {
    int64_t id = 0;
    if (parseInt(p, id)) return failure();
    addInt(p, s, "id", id);
  }
  if (p.parseRParen() || p.parseOptionalAttrDict(s.attributes)) return failure();
  s.addTypes(p.getBuilder().getIndexType());
  return success();
}
void printLock(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0);
  if (auto id = intAttr(op, "id")) p << ", " << *id;
  p << ')';
  printAttrs(p, op, {"id"});
}

/// G0..G2: `(%lock, Action[, value][, Blocking])`; G3: the value is an i32 operand.
ParseResult parseUseLock(Parser &p, State &s) {
  std::string action;
  if (p.parseLParen() || parseIndexOperand(p, s) || p.parseComma() ||
      parseEnum(p, action, {"Acquire", "Release", "AcquireGreaterEqual"}, "lock action"))
    return failure();
  addStr(p, s, "action", action);
  bool haveValue = false;
  while (succeeded(p.parseOptionalComma())) {
    Parser::UnresolvedOperand operand;
    OptionalParseResult dynamic = p.parseOptionalOperand(operand);
    if (dynamic.has_value()) {
      if (failed(*dynamic) || p.resolveOperand(operand, p.getBuilder().getI32Type(), s.operands))
        return failure();
      haveValue = true;
      continue;
    }
    int64_t value = 0;
    OptionalParseResult number = parseOptionalInt(p, value);
    if (number.has_value()) {
      if (failed(*number)) return failure();
      addInt(p, s, "value", value);
      haveValue = true;
      continue;
    }
    std::string blocking;
    if (parseEnum(p, blocking, {"Blocking", "NonBlocking"}, "lock blocking mode")) return failure();
    addStr(p, s, "blocking", blocking);
  }
  if (!haveValue) addInt(p, s, "value", 1);
  return failure(p.parseRParen() || p.parseOptionalAttrDict(s.attributes));
}
void printUseLock(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ", " << strAttr(op, "action") << ", ";
  if (op->getNumOperands() > 1)
    p << op->getOperand(1);
  else
    p << intAttrOr(op, "value", 1);
  if (std::string blocking = strAttr(op, "blocking"); !blocking.empty()) p << ", " << blocking;
  p << ')';
  printAttrs(p, op, {"action", "value", "blocking"});
}

ParseResult parseCore(Parser &p, State &s) {
  if (p.parseLParen() || parseIndexOperand(p, s) || p.parseRParen() || parseBody(p, s) ||
      p.parseOptionalAttrDict(s.attributes))
    return failure();
  s.addTypes(p.getBuilder().getIndexType());
  return success();
}
void printCore(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ')';
  printBody(p, op->getRegion(0), false);
  printAttrs(p, op, {});
}

// --- the run-time side's structure ------------------------------------------------------------

/// G1 `@s(MM2S, channel, column)`; G2 `@s (%tile, MM2S, channel)`.
ParseResult parseShimAllocation(Parser &p, State &s) {
  StringAttr symbol;
  std::string direction;
  int64_t channel = 0;
  if (p.parseSymbolName(symbol) || p.parseLParen()) return failure();
  s.attributes.set("sym_name", symbol);
  Parser::UnresolvedOperand tile;
  OptionalParseResult hasTile = p.parseOptionalOperand(tile);
  if (hasTile.has_value()) {
    if (failed(*hasTile) || p.resolveOperand(tile, p.getBuilder().getIndexType(), s.operands) ||
        p.parseComma())
      return failure();
  }
  if (parseDirection(p, direction) || p.parseComma() || parseInt(p, channel)) return failure();
  addStr(p, s, "channel_dir", direction);
  addInt(p, s, "channel_index", channel);
  if (!hasTile.has_value()) {
    int64_t column = 0;
    if (p.parseComma() || parseInt(p, column)) return failure();
    addInt(p, s, "col", column);
  }
  return failure(p.parseRParen() || p.parseOptionalAttrDict(s.attributes));
}
void printShimAllocation(Operation *op, Printer &p) {
  p << ' ';
  p.printSymbolName(strAttr(op, "sym_name"));
  if (op->getNumOperands())
    p << " (" << op->getOperand(0) << ", " << strAttr(op, "channel_dir") << ", "
      << intAttrOr(op, "channel_index", 0) << ')';
  else
    p << '(' << strAttr(op, "channel_dir") << ", " << intAttrOr(op, "channel_index", 0) << ", "
      << intAttrOr(op, "col", 0) << ')';
  printAttrs(p, op, {"sym_name", "channel_dir", "channel_index", "col"});
}

/// Both dialects' spelling builds aie.runtime_sequence.
ParseResult parseSequence(Parser &p, State &s) {
  s.name = OperationName("aie.runtime_sequence", p.getContext());
  StringAttr symbol;
  if (succeeded(p.parseOptionalSymbolName(symbol))) s.attributes.set("sym_name", symbol);
  SmallVector<Parser::Argument> arguments;
  if (p.parseArgumentList(arguments, Parser::Delimiter::Paren, /*allowType=*/true))
    return failure();
  return failure(parseBody(p, s, arguments, /*addEnd=*/false) ||
                 p.parseOptionalAttrDict(s.attributes));
}
void printSequence(Operation *op, Printer &p) {
  if (std::string name = strAttr(op, "sym_name"); !name.empty()) {
    p << ' ';
    p.printSymbolName(name);
  }
  p << '(';
  llvm::interleaveComma(op->getRegion(0).getArguments(), p,
                        [&](BlockArgument argument) { p.printRegionArgument(argument); });
  p << ')';
  printBody(p, op->getRegion(0), false);
  printAttrs(p, op, {"sym_name"});
}

constexpr char kVersal[] = "Versal devices have it; the shim tiles of this NPU have a switchbox, a "
                           "multiplexer and a DMA";

const OpEntry table[] = {
    {"aie.device", kSymbolTable | kNoTerminator, parseDevice, printDevice},
    {"aie.tile", kPlain, parseTile, printTile},
    {"aie.logical_tile", kPlain, parseLogicalTile, printLogicalTile},
    {"aie.switchbox", kNoTerminator, parseTileRegion, printTileRegion},
    {"aie.shim_mux", kNoTerminator, parseTileRegion, printTileRegion},
    {"aie.shim_switchbox", kPlain, nullptr, nullptr, kVersal},
    {"aie.plio", kPlain, nullptr, nullptr, kVersal},
    {"aie.connect", kPlain, parseConnect, printConnect},
    {"aie.amsel", kPlain, parseAmsel, printAmsel},
    {"aie.masterset", kPlain, parseMasterset, printMasterset},
    {"aie.packet_rules", kNoTerminator, parsePacketRules, printPacketRules},
    {"aie.rule", kPlain, parseRule, printRule},
    {"aie.wire", kPlain, parseWire, printWire},
    {"aie.flow", kPlain, parseFlow, printFlow},
    {"aie.packet_flow", kNoTerminator, parseIdAndBody, printIdAndBody},
    {"aie.packet_source", kPlain, parsePacketEnd, printPacketEnd},
    {"aie.packet_dest", kPlain, parsePacketEnd, printPacketEnd},
    {"aie.cascade_flow", kPlain, parseCascadeFlow, printCascadeFlow},
    {"aie.configure_cascade", kPlain, parseConfigureCascade, printConfigureCascade},
    {"aie.put_cascade", kPlain, parseTypedOperandsOp, printTypedOperands},
    {"aie.get_cascade", kPlain, parseGet, printGet},
    {"aie.put_stream", kPlain, parseTypedOperandsOp, printTypedOperands},
    {"aie.get_stream", kPlain, parseGet, printGet},
    {"aie.event", kPlain, parseEvent, printEvent},
    {"aie.debug", kPlain, parseTypedOperandsOp, printTypedOperands},
    {"aie.buffer", kPlain, parseBuffer, printBuffer},
    {"aie.external_buffer", kPlain, parseExternalBuffer, printExternalBuffer},
    {"aie.lock", kPlain, parseLock, printLock},
    {"aie.use_lock", kPlain, parseUseLock, printUseLock},
    {"aie.end", kTerminator, parseAttrsOnly, printAttrsOnly},
    {"aie.core", kScope | kNoTerminator, parseCore, printCore},
    {"aie.shim_dma_allocation", kPlain, parseShimAllocation, printShimAllocation},
    {"aie.runtime_sequence", kScope | kNoTerminator, parseSequence, printSequence},
    {"aiex.runtime_sequence", kScope | kNoTerminator, parseSequence, printSequence},
};

} // namespace

ArrayRef<OpEntry> structureOps() { return table; }

} // namespace ashlar::design
