// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Trace operations (2026): which events of a tile its trace unit records, and what the runtime
// sequence does about it.
#include "design/ops.h"

using namespace mlir;

namespace ashlar::design {
namespace {

/// `<"INSTR_VECTOR">`, `<CoreEvent::INSTR_VECTOR>`, or the full attribute: the event's name is
/// kept.
ParseResult parseEvent(Parser &p, State &s, StringRef name) {
  Attribute full;
  OptionalParseResult attribute = p.parseOptionalAttribute(full);
  if (attribute.has_value()) {
    auto text = dyn_cast_or_null<StringAttr>(full);
    if (failed(*attribute)) return failure();
    if (!text) return p.emitError(p.getNameLoc(), "expected an event's name");
    s.attributes.set(name, text);
    return success();
  }
  std::string word;
  if (p.parseLess() || parseEventName(p, word) || p.parseGreater()) return failure();
  addStr(p, s, name, word);
  return success();
}
void printEventOf(Operation *op, Printer &p, StringRef name) {
  p << "<\"" << strAttr(op, name) << "\">";
}

/// `word = integer` when the word is there.
ParseResult parseWordInt(Parser &p, State &s, StringRef word, StringRef name) {
  int64_t value = 0;
  if (p.parseKeyword(word) || p.parseEqual() || parseInt(p, value)) return failure();
  addInt(p, s, name, value);
  return success();
}
ParseResult parseWordEnum(Parser &p, State &s, StringRef word, ArrayRef<StringRef> choices) {
  std::string value;
  if (p.parseKeyword(word) || p.parseEqual() || parseEnum(p, value, choices, word))
    return failure();
  addStr(p, s, word, value);
  return success();
}
constexpr StringRef kPacketTypes[] = {"core", "mem", "shimtile", "memtile"};

ParseResult parseTrace(Parser &p, State &s) {
  StringAttr symbol;
  if (p.parseSymbolName(symbol) || p.parseLParen() || parseIndexOperand(p, s) || p.parseRParen() ||
      parseBody(p, s, {}, /*addEnd=*/false) || p.parseOptionalAttrDict(s.attributes))
    return failure();
  s.attributes.set("sym_name", symbol);
  return success();
}
void printTrace(Operation *op, Printer &p) {
  p << ' ';
  p.printSymbolName(strAttr(op, "sym_name"));
  p << '(' << op->getOperand(0) << ')';
  printBody(p, op->getRegion(0), true);
  printAttrs(p, op, {"sym_name"});
}

ParseResult parseMode(Parser &p, State &s) {
  std::string mode;
  if (parseEnum(p, mode, {"Event-Time", "Event-PC", "Execution"}, "trace mode") ||
      p.parseOptionalAttrDict(s.attributes))
    return failure();
  addStr(p, s, "mode", mode);
  return success();
}
void printMode(Operation *op, Printer &p) {
  p << " \"" << strAttr(op, "mode") << '"';
  printAttrs(p, op, {"mode"});
}

ParseResult parsePacket(Parser &p, State &s) {
  if (succeeded(p.parseOptionalKeyword("id"))) {
    int64_t id = 0;
    if (p.parseEqual() || parseInt(p, id)) return failure();
    addInt(p, s, "id", id);
  }
  return failure(parseWordEnum(p, s, "type", kPacketTypes) ||
                 p.parseOptionalAttrDict(s.attributes));
}
void printPacket(Operation *op, Printer &p) {
  if (auto id = intAttr(op, "id")) p << " id = " << *id;
  p << " type = " << strAttr(op, "type");
  printAttrs(p, op, {"id", "type"});
}

ParseResult parseEventSlot(Parser &p, State &s) {
  if (parseEvent(p, s, "event")) return failure();
  if (succeeded(p.parseOptionalKeyword("label"))) {
    std::string label;
    if (p.parseEqual() || p.parseString(&label)) return failure();
    addStr(p, s, "label", label);
  }
  return p.parseOptionalAttrDict(s.attributes);
}
void printEventSlot(Operation *op, Printer &p) {
  printEventOf(op, p, "event");
  if (auto label = op->getAttrOfType<StringAttr>("label")) p << " label = " << label;
  printAttrs(p, op, {"event", "label"});
}

ParseResult parseSlot(Parser &p, State &s) {
  int64_t slot = 0;
  if (p.parseLess() || parseInt(p, slot) || p.parseGreater()) return failure();
  addInt(p, s, "slot", slot);
  return success();
}
void printSlot(Operation *op, Printer &p) { p << '<' << intAttrOr(op, "slot", 0) << '>'; }

ParseResult parsePort(Parser &p, State &s) {
  return failure(parseSlot(p, s) || parseWordEnum(p, s, "port", bundleWords) ||
                 parseWordInt(p, s, "channel", "channel") ||
                 parseWordEnum(p, s, "direction", {"S2MM", "MM2S"}) ||
                 p.parseOptionalAttrDict(s.attributes));
}
void printTracePort(Operation *op, Printer &p) {
  printSlot(op, p);
  p << " port = " << strAttr(op, "port") << " channel = " << intAttrOr(op, "channel", 0)
    << " direction = " << strAttr(op, "direction");
  printAttrs(p, op, {"slot", "port", "channel", "direction"});
}

/// `broadcast=15` or `event=<"...">`.
ParseResult parseStartStop(Parser &p, State &s) {
  if (succeeded(p.parseOptionalKeyword("broadcast"))) {
    int64_t channel = 0;
    if (p.parseEqual() || parseInt(p, channel)) return failure();
    addInt(p, s, "broadcast", channel);
  } else if (p.parseKeyword("event") || p.parseEqual() || parseEvent(p, s, "event")) {
    return failure();
  }
  return p.parseOptionalAttrDict(s.attributes);
}
void printStartStop(Operation *op, Printer &p) {
  if (auto channel = intAttr(op, "broadcast")) {
    p << " broadcast = " << *channel;
  } else {
    p << " event = ";
    printEventOf(op, p, "event");
  }
  printAttrs(p, op, {"broadcast", "event"});
}

ParseResult parseCombo(Parser &p, State &s) {
  std::string logic;
  if (parseSlot(p, s) || parseEvent(p, s, "eventA") ||
      parseEnum(p, logic, {"AND", "AND_NOT", "OR", "OR_NOT"}, "combination") ||
      parseEvent(p, s, "eventB") || p.parseOptionalAttrDict(s.attributes))
    return failure();
  addStr(p, s, "logic", logic);
  return success();
}
void printCombo(Operation *op, Printer &p) {
  printSlot(op, p);
  p << ' ';
  printEventOf(op, p, "eventA");
  p << ' ' << strAttr(op, "logic") << ' ';
  printEventOf(op, p, "eventB");
  printAttrs(p, op, {"slot", "eventA", "logic", "eventB"});
}

ParseResult parseEdge(Parser &p, State &s) {
  return failure(parseSlot(p, s) || p.parseKeyword("event") || p.parseEqual() ||
                 parseEvent(p, s, "event") ||
                 parseWordEnum(p, s, "trigger", {"RISING", "FALLING", "BOTH"}) ||
                 p.parseOptionalAttrDict(s.attributes));
}
void printEdge(Operation *op, Printer &p) {
  printSlot(op, p);
  p << " event = ";
  printEventOf(op, p, "event");
  p << " trigger = " << strAttr(op, "trigger");
  printAttrs(p, op, {"slot", "event", "trigger"});
}

// --- trace configurations as the vendor's passes leave them -------------------------------------

ParseResult parseConfig(Parser &p, State &s) {
  StringAttr symbol;
  if (p.parseSymbolName(symbol) || p.parseLParen() || parseIndexOperand(p, s) || p.parseRParen())
    return failure();
  s.attributes.set("sym_name", symbol);
  if (succeeded(p.parseOptionalKeyword("packet_type"))) {
    std::string type;
    if (p.parseEqual() || parseEnum(p, type, kPacketTypes, "packet type")) return failure();
    addStr(p, s, "packet_type", type);
  }
  return failure(parseBody(p, s, {}, /*addEnd=*/false) || p.parseOptionalAttrDict(s.attributes));
}
void printConfig(Operation *op, Printer &p) {
  p << ' ';
  p.printSymbolName(strAttr(op, "sym_name"));
  p << '(' << op->getOperand(0) << ')';
  if (std::string type = strAttr(op, "packet_type"); !type.empty()) p << " packet_type = " << type;
  printBody(p, op->getRegion(0), true);
  printAttrs(p, op, {"sym_name", "packet_type"});
}

ParseResult parseReg(Parser &p, State &s) {
  std::string text;
  if (p.parseKeyword("register") || p.parseEqual() || p.parseString(&text)) return failure();
  addStr(p, s, "reg_name", text);
  if (succeeded(p.parseOptionalKeyword("field"))) {
    if (p.parseEqual() || p.parseString(&text)) return failure();
    addStr(p, s, "field", text);
  }
  if (p.parseKeyword("value") || p.parseEqual()) return failure();
  int64_t number = 0;
  OptionalParseResult integer = parseOptionalInt(p, number);
  if (integer.has_value()) {
    if (failed(*integer)) return failure();
    addInt(p, s, "value", number);
  } else if (succeeded(p.parseOptionalString(&text))) {
    addStr(p, s, "value", text);
  } else if (parseEvent(p, s, "event")) {
    return failure();
  }
  if (succeeded(p.parseOptionalKeyword("mask"))) {
    if (p.parseEqual() || parseInt(p, number)) return failure();
    addInt(p, s, "mask", number);
  }
  if (succeeded(p.parseOptionalKeyword("comment"))) {
    if (p.parseEqual() || p.parseString(&text)) return failure();
    addStr(p, s, "comment", text);
  }
  return p.parseOptionalAttrDict(s.attributes);
}
void printReg(Operation *op, Printer &p) {
  p << " register = " << op->getAttr("reg_name");
  if (Attribute field = op->getAttr("field")) p << " field = " << field;
  p << " value = ";
  if (op->hasAttr("event"))
    printEventOf(op, p, "event");
  else if (auto number = intAttr(op, "value"))
    p << *number;
  else
    p << op->getAttr("value");
  if (auto mask = intAttr(op, "mask")) p << " mask = " << *mask;
  if (Attribute comment = op->getAttr("comment")) p << " comment = " << comment;
  printAttrs(p, op, {"reg_name", "field", "value", "event", "mask", "comment"});
}

ParseResult parseStartConfig(Parser &p, State &s) {
  SymbolRefAttr symbol;
  if (p.parseAttribute(symbol) || p.parseOptionalAttrDict(s.attributes)) return failure();
  s.attributes.set("trace_config", symbol);
  return success();
}
void printStartConfig(Operation *op, Printer &p) {
  p << ' ' << op->getAttr("trace_config");
  printAttrs(p, op, {"trace_config"});
}

const OpEntry table[] = {
    {"aie.trace", kNoTerminator, parseTrace, printTrace},
    {"aie.trace.mode", kPlain, parseMode, printMode},
    {"aie.trace.packet", kPlain, parsePacket, printPacket},
    {"aie.trace.event", kPlain, parseEventSlot, printEventSlot},
    {"aie.trace.port", kPlain, parsePort, printTracePort},
    {"aie.trace.start", kPlain, parseStartStop, printStartStop},
    {"aie.trace.stop", kPlain, parseStartStop, printStartStop},
    {"aie.trace.combo_event", kPlain, parseCombo, printCombo},
    {"aie.trace.edge_event", kPlain, parseEdge, printEdge},
    {"aie.trace.config", kNoTerminator, parseConfig, printConfig},
    {"aie.trace.reg", kPlain, parseReg, printReg},
    {"aie.trace.start_config", kPlain, parseStartConfig, printStartConfig},
    {"aie.trace.host_config", kPlain, parseAttrsOnly, printAttrsOnly},
};

} // namespace

ParseResult parseEventName(AsmParser &p, std::string &word) {
  if (succeeded(p.parseOptionalString(&word))) {
    // Some writers put the kind of event into the string.
    if (size_t at = word.rfind("::"); at != std::string::npos) word.erase(0, at + 2);
    return success();
  }
  StringRef kind, name;
  if (p.parseKeyword(&kind) || p.parseColon() || p.parseColon() || p.parseKeyword(&name))
    return p.emitError(p.getCurrentLocation(), "expected an event's name in quotes");
  word = name.str();
  return success();
}

ArrayRef<OpEntry> traceOps() { return table; }

} // namespace ashlar::design
