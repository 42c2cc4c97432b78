// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Object FIFOs taken apart (G4, what the vendor's --aie-objectfifo-split writes): pools of objects
// with their segments, the ends that fill and drain them, and the routes between ends. Segments
// were an attribute before they were operations; dangling ends and flows had other names.
#include "design/ops.h"

using namespace mlir;

namespace ashlar::design {
namespace {

Operation *makeSegment(Parser &p, Location loc, unsigned index, DictionaryAttr fields) {
  OperationState state(loc, "aie.objectfifo.segment");
  state.addAttribute("sym_name", p.getBuilder().getStringAttr("s" + Twine(index)));
  for (NamedAttribute field : fields)
    if (field.getName() != "sym_name") state.attributes.push_back(field);
  return Operation::create(state);
}

/// `@p(%tile) {depth = 2 : i32, ..} : memref<..> [{ segments }]`
ParseResult parsePool(Parser &p, State &s) {
  StringAttr symbol;
  Type type;
  if (p.parseSymbolName(symbol) || p.parseLParen() || parseIndexOperand(p, s) || p.parseRParen() ||
      p.parseOptionalAttrDict(s.attributes) || p.parseColonType(type))
    return failure();
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || !memref.hasStaticShape())
    return p.emitError(p.getNameLoc(), "a pool's objects are memrefs of static shape");
  s.attributes.set("sym_name", symbol);
  s.attributes.set("elem_type", TypeAttr::get(memref));
  Region *region = s.addRegion();
  OptionalParseResult body = p.parseOptionalRegion(*region);
  if (body.has_value() && failed(*body)) return failure();
  if (region->empty()) region->push_back(new Block);
  if (Attribute given = s.attributes.get("segments")) {
    auto list = dyn_cast<ArrayAttr>(given);
    if (!list || body.has_value())
      return p.emitError(p.getNameLoc(), "segments are a list of #aie.objectfifo_segment<...>, or "
                                         "operations in the pool");
    for (auto [i, one] : llvm::enumerate(list)) {
      auto fields = dyn_cast<DictionaryAttr>(one);
      if (!fields) return p.emitError(p.getNameLoc(), "this is no #aie.objectfifo_segment<...>");
      region->front().push_back(makeSegment(p, s.location, static_cast<unsigned>(i), fields));
    }
    s.attributes.erase("segments");
  }
  return success();
}
void printPool(Operation *op, Printer &p) {
  p << ' ';
  p.printSymbolName(strAttr(op, "sym_name"));
  p << '(' << op->getOperand(0) << ')';
  printAttrs(p, op, {"sym_name", "elem_type"});
  p << " : " << op->getAttr("elem_type");
  if (!op->getRegion(0).front().empty()) printBody(p, op->getRegion(0), false);
}

ParseResult parseSegment(Parser &p, State &s) {
  StringAttr symbol;
  if (p.parseSymbolName(symbol) || p.parseOptionalAttrDict(s.attributes)) return failure();
  s.attributes.set("sym_name", symbol);
  return success();
}
void printSegment(Operation *op, Printer &p) {
  p << ' ';
  p.printSymbolName(strAttr(op, "sym_name"));
  printAttrs(p, op, {"sym_name"});
}

/// `@e(%tile) fills|drains @pool {..}`; segments by name, formerly by number.
ParseResult parseEndpoint(Parser &p, State &s) {
  StringAttr symbol;
  SymbolRefAttr pool;
  std::string role;
  if (p.parseSymbolName(symbol) || p.parseLParen() || parseIndexOperand(p, s) || p.parseRParen() ||
      parseEnum(p, role, {"fills", "drains"}, "what an endpoint does to its pool"))
    return failure();
  (void)p.parseOptionalKeyword("of");
  if (p.parseAttribute(pool) || p.parseOptionalAttrDict(s.attributes)) return failure();
  s.attributes.set("sym_name", symbol);
  s.attributes.set("pool", pool);
  addStr(p, s, "role", role);
  if (auto numbers = dyn_cast_or_null<DenseI32ArrayAttr>(s.attributes.get("segments"))) {
    SmallVector<Attribute> names;
    for (int32_t n : numbers.asArrayRef())
      names.push_back(FlatSymbolRefAttr::get(p.getContext(), ("s" + Twine(n)).str()));
    s.attributes.set("segments", p.getBuilder().getArrayAttr(names));
  }
  return success();
}
void printEndpoint(Operation *op, Printer &p) {
  p << ' ';
  p.printSymbolName(strAttr(op, "sym_name"));
  p << '(' << op->getOperand(0) << ") " << strAttr(op, "role") << ' ' << op->getAttr("pool");
  printAttrs(p, op, {"sym_name", "pool", "role"});
}

/// `@e(%tile) [MM2S|S2MM] DMA {channelIndex = 0 : i32}`: an end without a pool.
ParseResult parseLooseEnd(Parser &p, State &s) {
  s.name = OperationName("aie.route_endpoint", p.getContext());
  StringAttr symbol;
  std::string word;
  if (p.parseSymbolName(symbol) || p.parseLParen() || parseIndexOperand(p, s) || p.parseRParen() ||
      parseWord(p, word, "a port"))
    return failure();
  if ((word == "MM2S" || word == "S2MM") && parseWord(p, word, "a port")) return failure();
  if (!llvm::is_contained(bundleWords, word))
    return p.emitError(p.getCurrentLocation()) << "'" << word << "' is not a switch port";
  addStr(p, s, "bundle", word);
  if (p.parseOptionalAttrDict(s.attributes)) return failure();
  s.attributes.set("sym_name", symbol);
  return success();
}
void printLooseEnd(Operation *op, Printer &p) {
  p << ' ';
  p.printSymbolName(strAttr(op, "sym_name"));
  p << '(' << op->getOperand(0) << ") " << strAttr(op, "bundle");
  printAttrs(p, op, {"sym_name", "bundle"});
}

/// `from @a to [@b, @c]`, `from [@a, @b] to [@c] {packet = #aie.packet_info<..>}`
ParseResult parseRoute(Parser &p, State &s) {
  s.name = OperationName("aie.route", p.getContext());
  for (StringRef end : {"from", "to"}) {
    SmallVector<Attribute> names;
    auto name = [&]() -> ParseResult {
      SymbolRefAttr symbol;
      if (p.parseAttribute(symbol)) return failure();
      names.push_back(symbol);
      return success();
    };
    if (p.parseKeyword(end)) return failure();
    if (p.parseCommaSeparatedList(Parser::Delimiter::OptionalSquare, name)) return failure();
    if (names.empty() && failed(name())) return failure();
    s.attributes.set(end, p.getBuilder().getArrayAttr(names));
  }
  return p.parseOptionalAttrDict(s.attributes);
}
void printRoute(Operation *op, Printer &p) {
  for (StringRef end : {"from", "to"}) {
    p << ' ' << end << " [";
    llvm::interleaveComma(op->getAttrOfType<ArrayAttr>(end), p, [&](Attribute a) { p << a; });
    p << ']';
  }
  printAttrs(p, op, {"from", "to"});
}

const OpEntry table[] = {
    {"aie.objectfifo.pool", kNoTerminator, parsePool, printPool},
    {"aie.objectfifo.segment", kPlain, parseSegment, printSegment},
    {"aie.objectfifo.core_endpoint", kPlain, parseEndpoint, printEndpoint},
    {"aie.objectfifo.dma_endpoint", kPlain, parseEndpoint, printEndpoint},
    {"aie.route_endpoint", kPlain, parseLooseEnd, printLooseEnd},
    {"aie.objectfifo.dangling_endpoint", kPlain, parseLooseEnd, printLooseEnd},
    {"aie.route", kPlain, parseRoute, printRoute},
    {"aie.objectfifo.flow", kPlain, parseRoute, printRoute},
};

} // namespace

ArrayRef<OpEntry> poolOps() { return table; }

} // namespace ashlar::design
