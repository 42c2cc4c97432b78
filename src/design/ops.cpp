// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small readers and printers that the operations are put together from.
#include "design/ops.h"

using namespace mlir;

namespace ashlar::design {

static const StringRef bundleTable[] = {"Core", "DMA",  "FIFO", "South", "West",       "North",
                                        "East", "PLIO", "NOC",  "Trace", "TileControl"};
const ArrayRef<StringRef> bundleWords(bundleTable);

OptionalParseResult parseOptionalInt(Parser &p, int64_t &value) {
  APInt wide;
  OptionalParseResult result = p.parseOptionalInteger(wide);
  if (!result.has_value() || failed(*result)) return result;
  if (wide.getSignificantBits() > 64)
    return p.emitError(p.getCurrentLocation(), "integer too large");
  value = wide.getSExtValue();
  if (succeeded(p.parseOptionalColon())) {
    Type type;
    if (p.parseType(type)) return failure();
  }
  return success();
}

ParseResult parseInt(Parser &p, int64_t &value) {
  APInt wide;
  OptionalParseResult result = p.parseOptionalInteger(wide);
  if (!result.has_value()) return p.emitError(p.getCurrentLocation(), "expected an integer");
  if (failed(*result)) return failure();
  if (wide.getSignificantBits() > 64)
    return p.emitError(p.getCurrentLocation(), "integer too large");
  value = wide.getSExtValue();
  return success();
}

ParseResult parseWord(Parser &p, std::string &word, StringRef what) {
  if (succeeded(p.parseOptionalKeywordOrString(&word))) return success();
  return p.emitError(p.getCurrentLocation()) << "expected " << what;
}

ParseResult parseEnum(Parser &p, std::string &word, ArrayRef<StringRef> words, StringRef what) {
  SMLoc at = p.getCurrentLocation();
  if (parseWord(p, word, what)) return failure();
  if (llvm::is_contained(words, word)) return success();
  return p.emitError(at) << "'" << word << "' is not a " << what << " (one of "
                         << llvm::join(words, ", ") << ")";
}

ParseResult parseDirection(Parser &p, std::string &word) {
  return parseEnum(p, word, {"S2MM", "MM2S"}, "DMA direction");
}

void addInt(Parser &p, State &s, StringRef name, int64_t value) {
  s.attributes.set(name, p.getBuilder().getI64IntegerAttr(value));
}
void addStr(Parser &p, State &s, StringRef name, StringRef value) {
  s.attributes.set(name, p.getBuilder().getStringAttr(value));
}

ParseResult parsePort(Parser &p, State &s, StringRef prefix) {
  std::string bundle;
  int64_t channel = 0;
  if (parseWord(p, bundle, "a switch port")) return failure();
  // IREE's copy of the dialect writes all of them in capitals.
  if (StringRef(bundle).equals_insensitive("Ctrl"))
    bundle = "TileControl"; // its name until late 2024, and IREE's
  for (StringRef word : bundleWords)
    if (word.equals_insensitive(bundle)) bundle = word.str();
  if (!llvm::is_contained(bundleWords, bundle))
    return p.emitError(p.getCurrentLocation()) << "'" << bundle << "' is not a switch port (one of "
                                               << llvm::join(bundleWords, ", ") << ")";
  if (p.parseColon() || parseInt(p, channel)) return failure();
  addStr(p, s, (prefix + "_bundle").str(), bundle);
  addInt(p, s, (prefix + "_channel").str(), channel);
  return success();
}
void printPort(Printer &p, Operation *op, StringRef prefix) {
  p << strAttr(op, (prefix + "_bundle").str()) << " : "
    << intAttrOr(op, (prefix + "_channel").str(), 0);
}

ParseResult parseIndexOperand(Parser &p, State &s) {
  Parser::UnresolvedOperand operand;
  return failure(p.parseOperand(operand) ||
                 p.resolveOperand(operand, p.getBuilder().getIndexType(), s.operands));
}

ParseResult parseBody(Parser &p, State &s, ArrayRef<Parser::Argument> arguments, bool addEnd) {
  Region *region = s.addRegion();
  if (p.parseRegion(*region, arguments)) return failure();
  if (region->empty()) {
    Block *block = new Block;
    for (const Parser::Argument &argument : arguments)
      block->addArgument(argument.type, s.location);
    region->push_back(block);
  }
  if (!addEnd) return success();
  for (Block &block : *region) {
    if (!block.empty() && (block.back().mightHaveTrait<OpTrait::IsTerminator>())) continue;
    block.push_back(Operation::create(OperationState(s.location, "aie.end")));
  }
  return success();
}
void printBody(Printer &p, Region &region, bool dropEnd) {
  p << ' ';
  bool single =
      region.hasOneBlock() && !region.front().empty() && isOp(&region.front().back(), "aie.end");
  p.printRegion(region, /*printEntryBlockArgs=*/false,
                /*printBlockTerminators=*/!(dropEnd && single));
}

ParseResult parseIdAndBody(Parser &p, State &s) {
  int64_t id = 0;
  if (p.parseLParen() || parseInt(p, id) || p.parseRParen() || parseBody(p, s) ||
      p.parseOptionalAttrDict(s.attributes))
    return failure();
  addInt(p, s, "id", id);
  return success();
}
void printIdAndBody(Operation *op, Printer &p) {
  p << '(' << intAttrOr(op, "id", 0) << ')';
  printBody(p, op->getRegion(0), true);
  printAttrs(p, op, {"id"});
}

void printAttrs(Printer &p, Operation *op, std::initializer_list<StringRef> elided) {
  p.printOptionalAttrDict(op->getAttrs(), ArrayRef<StringRef>(elided.begin(), elided.size()));
}

ParseResult parseRecord(AsmParser &p, StringRef word, Attribute &record) {
  NamedAttrList fields;
  if (p.parseLess()) return failure();
  if (failed(p.parseOptionalGreater())) {
    auto field = [&]() -> ParseResult {
      StringRef name;
      APInt value;
      if (p.parseKeyword(&name) || p.parseEqual()) return failure();
      OptionalParseResult result = p.parseOptionalInteger(value);
      if (!result.has_value())
        return p.emitError(p.getCurrentLocation(), "expected an integer after '") << name << " ='";
      if (failed(*result)) return failure();
      if (value.getSignificantBits() > 64)
        return p.emitError(p.getCurrentLocation(), "integer too large");
      fields.set(name, p.getBuilder().getI64IntegerAttr(value.getSExtValue()));
      return success();
    };
    if (p.parseCommaSeparatedList(field) || p.parseGreater()) return failure();
  }
  record = RecordAttr::get(p.getContext(), word, fields.getDictionary(p.getContext()));
  return success();
}

/// The customary order of fields; others follow by name.
static void orderedFields(RecordAttr record, SmallVectorImpl<NamedAttribute> &out) {
  static const StringRef order[] = {"pkt_type", "pkt_id",           "size",           "stride",
                                    "current",  "const_pad_before", "const_pad_after"};
  for (StringRef name : order)
    if (auto field = record.fields().getNamed(name)) out.push_back(*field);
  for (NamedAttribute field : record.fields())
    if (!llvm::is_contained(order, field.getName().getValue())) out.push_back(field);
}

void printRecordFields(AsmPrinter &p, RecordAttr record) {
  SmallVector<NamedAttribute> fields;
  orderedFields(record, fields);
  p << '<';
  llvm::interleaveComma(fields, p, [&](NamedAttribute field) {
    p << field.getName().getValue() << " = "
      << cast<IntegerAttr>(field.getValue()).getValue().getSExtValue();
  });
  p << '>';
}

ParseResult parseRecordList(AsmParser &p, StringRef word, ArrayAttr &list) {
  SmallVector<Attribute> records;
  auto element = [&]() -> ParseResult {
    Attribute record;
    OptionalParseResult full = p.parseOptionalAttribute(record);
    if (full.has_value()) {
      if (failed(*full)) return failure();
      auto typed = dyn_cast<RecordAttr>(record);
      if (!typed) return p.emitError(p.getCurrentLocation(), "expected '<name = value, ...>'");
      record = RecordAttr::get(p.getContext(), word, typed.fields());
    } else if (parseRecord(p, word, record)) {
      return failure();
    }
    records.push_back(record);
    return success();
  };
  if (p.parseCommaSeparatedList(AsmParser::Delimiter::Square, element)) return failure();
  list = ArrayAttr::get(p.getContext(), records);
  return success();
}
void printRecordList(AsmPrinter &p, ArrayAttr list) {
  p << '[';
  llvm::interleaveComma(list, p,
                        [&](Attribute record) { printRecordFields(p, cast<RecordAttr>(record)); });
  p << ']';
}

ParseResult parseMixedList(Parser &p, State &s, SmallVectorImpl<int64_t> &constants,
                           SmallVectorImpl<Value> &operands) {
  (void)s;
  return p.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&]() -> ParseResult {
    Parser::UnresolvedOperand operand;
    OptionalParseResult dynamic = p.parseOptionalOperand(operand);
    if (dynamic.has_value()) {
      if (failed(*dynamic)) return failure();
      constants.push_back(kDynamic);
      return p.resolveOperand(operand, p.getBuilder().getI64Type(), operands);
    }
    int64_t value = 0;
    if (parseInt(p, value)) return failure();
    constants.push_back(value);
    return success();
  });
}
void printMixedList(Printer &p, ArrayRef<int64_t> constants, ValueRange operands, unsigned &next) {
  p << '[';
  llvm::interleaveComma(constants, p, [&](int64_t value) {
    if (value == kDynamic)
      p << operands[next++];
    else
      p << value;
  });
  p << ']';
}

ParseResult parseAttrsOnly(Parser &p, State &s) { return p.parseOptionalAttrDict(s.attributes); }
void printAttrsOnly(Operation *op, Printer &p) { printAttrs(p, op, {}); }

} // namespace ashlar::design
