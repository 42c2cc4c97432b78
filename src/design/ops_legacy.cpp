// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What designs of former years still hold, and what newer ones hold that this NPU cannot do.
#include "design/ops.h"

using namespace mlir;

namespace ashlar::design {
namespace {

/// `(%tile, DMA : 0) { destinations }`: multicast and broadcast_packet.
ParseResult parseSource(Parser &p, State &s) {
  return failure(p.parseLParen() || parseIndexOperand(p, s) || p.parseComma() ||
                 parsePort(p, s, "source") || p.parseRParen() || parseBody(p, s) ||
                 p.parseOptionalAttrDict(s.attributes));
}
void printSource(Operation *op, Printer &p) {
  p << '(' << op->getOperand(0) << ", ";
  printPort(p, op, "source");
  p << ')';
  printBody(p, op->getRegion(0), true);
  printAttrs(p, op, {"source_bundle", "source_channel"});
}

/// `<%tile, DMA : 0>`
ParseResult parseDest(Parser &p, State &s) {
  return failure(p.parseLess() || parseIndexOperand(p, s) || p.parseComma() ||
                 parsePort(p, s, "port") || p.parseGreater() ||
                 p.parseOptionalAttrDict(s.attributes));
}
void printDest(Operation *op, Printer &p) {
  p << '<' << op->getOperand(0) << ", ";
  printPort(p, op, "port");
  p << '>';
  printAttrs(p, op, {"port_bundle", "port_channel"});
}

/// `vector.splat %x : vector<16xi8>` until 2025, now `vector.broadcast %x : i8 to vector<16xi8>`.
ParseResult parseSplat(Parser &p, State &s) {
  s.name = OperationName("vector.broadcast", p.getContext());
  Parser::UnresolvedOperand scalar;
  Type type;
  if (p.parseOperand(scalar) || p.parseOptionalAttrDict(s.attributes) || p.parseColonType(type))
    return failure();
  auto vector = dyn_cast<VectorType>(type);
  if (!vector) return p.emitError(p.getNameLoc(), "a splat makes a vector");
  s.addTypes(vector);
  return p.resolveOperand(scalar, vector.getElementType(), s.operands);
}
const OpEntry former[] = {{"vector.splat", kPlain, parseSplat, printAttrsOnly}};

constexpr char kNoScratchpad[] = "the firmware of the Phoenix NPU has no scratchpad";
constexpr char kFreeList[] =
    "the vendor's own passes make it of tasks: write aiex.dma_configure_task";
constexpr char kNeverDone[] = "it was never part of a working flow";

const OpEntry table[] = {
    {"aiex.multicast", kNoTerminator, parseSource, printSource},
    {"aiex.multi_dest", kPlain, parseDest, printDest},
    {"aiex.broadcast_packet", kNoTerminator, parseSource, printSource},
    {"aiex.bp_id", kNoTerminator, parseIdAndBody, printIdAndBody},
    {"aiex.bp_dest", kPlain, parseDest, printDest},
    {"aiex.scratchpad_parameter", kPlain, nullptr, nullptr, kNoScratchpad},
    {"aiex.scratchpad_parameter_read", kPlain, nullptr, nullptr, kNoScratchpad},
    {"aiex.scratchpad_parameter_sync", kPlain, nullptr, nullptr, kNoScratchpad},
    {"aiex.read_scratchpad_parameter", kPlain, nullptr, nullptr, kNoScratchpad},
    {"aiex.sync_scratchpad_parameters_from_host", kPlain, nullptr, nullptr, kNoScratchpad},
    {"aiex.npu.create_scratchpad", kPlain, nullptr, nullptr, kNoScratchpad},
    {"aiex.npu.update_from_scratchpad", kPlain, nullptr, nullptr, kNoScratchpad},
    {"aiex.dma_bd_pool_pop", kPlain, nullptr, nullptr, kFreeList},
    {"aiex.dma_bd_pool_push", kPlain, nullptr, nullptr, kFreeList},
    {"aiex.herd", kPlain, nullptr, nullptr, kNeverDone},
    {"aiex.token", kPlain, nullptr, nullptr, kNeverDone},
    {"aiex.useToken", kPlain, nullptr, nullptr, kNeverDone},
    {"aiex.memcpy", kPlain, nullptr, nullptr, kNeverDone},
    {"aiex.select", kPlain, nullptr, nullptr, kNeverDone},
    {"aiex.getTile", kPlain, nullptr, nullptr, kNeverDone},
};

} // namespace

ArrayRef<OpEntry> legacyOps() { return table; }
ArrayRef<OpEntry> formerOps() { return former; }

} // namespace ashlar::design
