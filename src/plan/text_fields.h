// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One description of the plan's members, used by printing and by reading: `fields(archive, value)`
// names every member once, so the two cannot drift apart. A new member of the plan is one line
// here.
//   archive(name, member)            required
//   archive(name, member, fallback)  left out when it equals the fallback
#pragma once

#include "plan/plan.h"

namespace ashlar::plan {

template <class A> void fields(A &a, device::BdPad &v) {
  a("before", v.before, 0u);
  a("after", v.after, 0u);
}
template <class A> void fields(A &a, device::BdDim &v) {
  a("size", v.size, 0u);
  a("step", v.step, 1u);
}
template <class A> void fields(A &a, device::BdPacket &v) {
  a("type", v.type, uint8_t{0});
  a("id", v.id, uint8_t{0});
}
template <class A> void fields(A &a, device::BdLock &v) {
  a("id", v.id);
  a("value", v.value);
}
template <class A> void fields(A &a, Bd &v) {
  const Bd d;
  a("address", v.address, d.address);
  a("length", v.length);
  a.array("dims", v.dims, d.dims);
  a.array("pads", v.pads, d.pads);
  a("iterationSize", v.iterationSize, d.iterationSize);
  a("iterationStep", v.iterationStep, d.iterationStep);
  a("iterationCurrent", v.iterationCurrent, d.iterationCurrent);
  a("packet", v.packet, d.packet);
  a("outOfOrderId", v.outOfOrderId, d.outOfOrderId);
  a("acquire", v.acquire, d.acquire);
  a("release", v.release, d.release);
  a("next", v.next, d.next);
  a("valid", v.valid, d.valid);
  a("suppressTlast", v.suppressTlast, d.suppressTlast);
  a("compression", v.compression, d.compression);
  a("burst", v.burst, d.burst);
  a("axCache", v.axCache, d.axCache);
  a("axQos", v.axQos, d.axQos);
  a("smid", v.smid, d.smid);
  a("secure", v.secure, d.secure);
}

template <class A> void fields(A &a, Tile &v) {
  a("tile", v.id);
  a("controllerId", v.controllerId, std::optional<uint8_t>());
}
template <class A> void fields(A &a, Buffer &v) {
  a("name", v.name);
  a("tile", v.tile);
  a("address", v.address);
  a("size", v.size);
  a.bytes("init", v.init);
  a("place", v.place, Place());
}
template <class A> void fields(A &a, Lock &v) {
  a("name", v.name, std::string());
  a("tile", v.tile);
  a("id", v.id);
  a("init", v.init, std::optional<int>());
  a("place", v.place, Place());
}
template <class A> void fields(A &a, CoreSymbol &v) {
  a("name", v.name);
  a("address", v.address);
  a("size", v.size, 0u);
}
template <class A> void fields(A &a, Core &v) {
  a("tile", v.tile);
  a("function", v.function, std::string());
  a("stackSize", v.stackSize, device::kDefaultStackBytes);
  a("dataStart", v.dataStart, 0u);
  a("linkWith", v.linkWith, {});
  a("elfFile", v.elfFile, std::string());
  a("symbols", v.symbols, {});
  a("place", v.place, Place());
}
template <class A> void fields(A &a, BdSlot &v) {
  a("id", v.id);
  a("bd", v.bd);
  a("buffer", v.buffer, std::string());
  a("place", v.place, Place());
}
template <class A> void fields(A &a, DmaStart &v) {
  a("direction", v.direction);
  a("channel", v.channel);
  a("firstBd", v.firstBd);
  a("repeat", v.repeat, 0);
  a("token", v.token, false);
  a("outOfOrder", v.outOfOrder, false);
  a("finishOnTlast", v.finishOnTlast, false);
  a("place", v.place, Place());
}
template <class A> void fields(A &a, DmaProgram &v) {
  a("tile", v.tile);
  a("bds", v.bds, {});
  a("starts", v.starts, {});
}
template <class A> void fields(A &a, Connect &v) {
  a("source", v.source);
  a("dest", v.dest);
}
template <class A> void fields(A &a, MasterSet &v) {
  a("dest", v.dest);
  a("arbiter", v.arbiter);
  a("mselMask", v.mselMask);
  a("keepHeader", v.keepHeader, std::optional<bool>());
}
template <class A> void fields(A &a, PacketRule &v) {
  a("mask", v.mask);
  a("id", v.id);
  a("arbiter", v.arbiter);
  a("msel", v.msel);
}
template <class A> void fields(A &a, PacketRules &v) {
  a("source", v.source);
  a("rules", v.rules);
}
template <class A> void fields(A &a, Switchbox &v) {
  a("tile", v.tile);
  a("connects", v.connects, {});
  a("masterSets", v.masterSets, {});
  a("packetRules", v.packetRules, {});
}
template <class A> void fields(A &a, ShimMux &v) {
  a("tile", v.tile);
  a("connects", v.connects, {});
}
template <class A> void fields(A &a, Cascade &v) {
  a("tile", v.tile);
  a("input", v.input);
  a("output", v.output);
}
template <class A> void fields(A &a, ShimAllocation &v) {
  a("name", v.name);
  a("tile", v.tile);
  a("direction", v.direction);
  a("channel", v.channel);
  a("place", v.place, Place());
}
template <class A> void fields(A &a, ControlRoute &v) {
  a("tile", v.tile);
  a("shim", v.shim);
  a("channel", v.channel);
  a("type", v.type, uint8_t{0});
  a("id", v.id);
}
template <class A> void fields(A &a, Fifo &v) {
  a("name", v.name);
  a("producer", v.producer);
  a("consumers", v.consumers);
  a("objectBytes", v.objectBytes);
  a("depths", v.depths);
  a("place", v.place, Place());
}
template <class A> void fields(A &a, Argument &v) {
  a("name", v.name, std::string());
  a("bytes", v.bytes);
  a("elementType", v.elementType, std::string());
  a("shape", v.shape, {});
  a("read", v.read, false);
  a("written", v.written, false);
}
template <class A> void fields(A &a, Write32 &v) {
  a("address", v.address);
  a("value", v.value);
}
template <class A> void fields(A &a, MaskWrite32 &v) {
  a("address", v.address);
  a("value", v.value);
  a("mask", v.mask);
}
template <class A> void fields(A &a, BlockWrite &v) {
  a("address", v.address);
  a("words", v.words);
}
template <class A> void fields(A &a, AddressPatch &v) {
  a("address", v.address);
  a("argument", v.argument);
  a("offset", v.offset, uint64_t{0});
}
template <class A> void fields(A &a, Sync &v) {
  a("direction", v.direction);
  a("channel", v.channel);
  a("column", v.column);
  a("row", v.row);
  a("columns", v.columns, 1);
  a("rows", v.rows, 1);
}
template <class A> void fields(A &a, LoadPdi &v) {
  a("id", v.id);
  a("size", v.size, 0u);
  a("address", v.address, uint64_t{0});
  a("device", v.device, std::string());
  a("loaded", v.loaded, false);
}
template <class A> void fields(A &a, Preempt &v) { a("level", v.level); }
template <class A> void fields(A &a, SequenceOp &v) {
  a.choice("op", v.op);
  a("place", v.place, Place());
}
template <class A> void fields(A &a, RuntimeSequence &v) {
  a("name", v.name);
  a("arguments", v.arguments, {});
  a("ops", v.ops, {});
  a("controlWords", v.controlWords, {});
}
template <class A> void fields(A &a, Plan &v) {
  a("device", v.device);
  a("name", v.name);
  a("columns", v.columns);
  a("tiles", v.tiles, {});
  a("buffers", v.buffers, {});
  a("locks", v.locks, {});
  a("cores", v.cores, {});
  a("dmas", v.dmas, {});
  a("switchboxes", v.switchboxes, {});
  a("shimMuxes", v.shimMuxes, {});
  a("cascades", v.cascades, {});
  a("shimAllocations", v.shimAllocations, {});
  a("controlRoutes", v.controlRoutes, {});
  a("fifos", v.fifos, {});
  a("sequences", v.sequences, {});
  a("others", v.others, {});
}

/// Names of the operations in a sequence, by the variant's index.
inline constexpr const char *kOpNames[] = {"write32", "maskwrite32", "blockwrite", "address_patch",
                                           "sync",    "load_pdi",    "preempt"};

} // namespace ashlar::plan
