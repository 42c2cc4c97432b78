// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// PDI, CDO and instruction streams: each command with the tile and register it means.
#include "cli/inspect.h"
#include "device/describe.h"
#include "device/host_address.h"
#include "device/registers.h"
#include "format/cdo.h"
#include "format/pdi.h"
#include "format/txn.h"

namespace ashlar::cli {
namespace {

using namespace format;
using Json = nlohmann::ordered_json;

std::string tileText(uint32_t address) { return device::tileOfAddress(address).str(); }

/// One line of a listing: offset, operation, tile, meaning.
struct Entry {
  std::string op, tile, meaning;
  std::optional<uint32_t> address;
};

void add(Inspection &out, Json &list, uint64_t offset, const Entry &e) {
  out.line("  {:06x}  {:<12} {:<6} {}", offset, e.op, e.tile, e.meaning);
  Json j = {{"offset", offset}, {"op", e.op}};
  if (e.address) j["address"] = *e.address;
  if (!e.tile.empty()) j["tile"] = e.tile;
  if (!e.meaning.empty()) j["meaning"] = e.meaning;
  list.push_back(j);
}

Entry write(uint32_t address, uint32_t value) {
  return {"write", tileText(address), device::describeWrite(address, value), address};
}
Entry maskWrite(uint32_t address, uint32_t mask, uint32_t value) {
  return {"mask-write", tileText(address), device::describeMaskWrite(address, mask, value),
          address};
}
Entry block(uint32_t address, std::span<const uint32_t> words) {
  return {"block-write", tileText(address), device::describeBlock(address, words), address};
}
Entry poll(uint32_t address, uint32_t mask, uint32_t value) {
  return {"poll", tileText(address), "until " + device::describeMaskWrite(address, mask, value),
          address};
}

Entry cdoEntry(const cdo::Command &c) {
  const std::vector<uint32_t> &p = c.payload;
  switch (c.opcode) {
  case cdo::kWrite: return write(p[0], p[1]);
  case cdo::kWrite64: return write(p[1], p[2]);
  case cdo::kMaskWrite: return maskWrite(p[0], p[1], p[2]);
  case cdo::kMaskWrite64: return maskWrite(p[1], p[2], p[3]);
  case cdo::kDmaWrite: return block(p[1], std::span(p).subspan(2));
  case cdo::kMaskPoll: return poll(p[0], p[1], p[2]);
  case cdo::kMaskPoll64: return poll(p[1], p[2], p[3]);
  default: {
    std::string words;
    for (size_t i = 0; i < p.size() && i < 8; ++i) words += fmt::format("{:#x} ", p[i]);
    return {cdo::opcodeName(c.opcode), "", words, std::nullopt};
  }
  }
}

struct StreamEntry {
  Entry operator()(const txn::Write32 &o) const {
    return write(static_cast<uint32_t>(o.address), o.value);
  }
  Entry operator()(const txn::BlockWrite &o) const { return block(o.address, o.words); }
  Entry operator()(const txn::MaskWrite32 &o) const {
    return maskWrite(static_cast<uint32_t>(o.address), o.mask, o.value);
  }
  Entry operator()(const txn::MaskPoll &o) const {
    return poll(static_cast<uint32_t>(o.address), o.mask, o.value);
  }
  Entry operator()(const txn::Noop &) const { return {"noop", "", "", std::nullopt}; }
  Entry operator()(const txn::Preempt &o) const {
    return {"preempt", "", fmt::format("level {}", o.level), std::nullopt};
  }
  Entry operator()(const txn::LoadPdi &o) const {
    return {"load-pdi", "", fmt::format("id {}, {} bytes at {:#x}", o.id, o.size, o.address),
            std::nullopt};
  }
  Entry operator()(const txn::Sync &o) const {
    std::string where = device::TileId{o.column, o.row}.str();
    if (o.columns > 1 || o.rows > 1)
      where += ".." + device::TileId{o.column + o.columns - 1, o.row + o.rows - 1}.str();
    return {"wait", where,
            fmt::format("for the token of {}{}", o.direction ? "MM2S" : "S2MM", o.channel),
            std::nullopt};
  }
  Entry operator()(const txn::AddressPatch &o) const {
    const uint32_t address = static_cast<uint32_t>(o.address);
    const uint32_t first = device::bdRegister(device::TileKind::Shim, 0);
    const uint32_t offset = device::offsetOfAddress(address);
    const bool based = o.argument >= device::kTranslatedArguments && o.offset >= device::kHostBase;
    const uint64_t plus = o.offset - (based ? device::kHostBase : 0);
    return {"patch", tileText(address),
            fmt::format("BD {} address = argument {}{}{}",
                        (offset - first) / device::reg::kBdStride, o.argument,
                        plus ? fmt::format(" + {} bytes", plus) : "",
                        based ? fmt::format(" + {:#x}", device::kHostBase) : ""),
            address};
  }
  Entry operator()(const txn::Custom &o) const {
    return {fmt::format("custom-{:#x}", o.opcode), "", fmt::format("{} words", o.words.size()),
            std::nullopt};
  }
};

} // namespace

void inspectCdo(ByteView data, const std::string &name, uint64_t base, Inspection &out) {
  const auto result = cdo::read(data, name, base, out.problems);
  const cdo::File *file = out.take(result);
  if (!file) return;
  if (file->opaque) {
    out.line("CDO in AMD's compacted form (only the firmware reads it), {} bytes", data.size());
    out.json["opaque"] = true;
    return;
  }
  if (base == 0 && file->bytes != data.size())
    out.problems.push_back(error("cdo-trailing", Place::atOffset(name, file->bytes),
                                 fmt::format("{} bytes follow the CDO", data.size() - file->bytes),
                                 "the file is damaged; build or copy it again"));
  size_t blocks = 0, words = 0;
  for (const cdo::Command &c : file->commands)
    if (c.opcode == cdo::kDmaWrite) {
      ++blocks;
      words += c.payload.size() - 2;
    }
  out.line("CDO version {}.{}, {} commands, {} block writes of {} bytes in all", file->version >> 8,
           file->version & 0xFF, file->commands.size(), blocks, 4 * words);
  Json list = Json::array();
  for (const cdo::Command &c : file->commands)
    if (c.opcode != cdo::kNop) add(out, list, base + c.offset, cdoEntry(c));
  out.json["commands"] = list;
}

void inspectPdi(ByteView data, const std::string &name, Inspection &out) {
  const auto result = pdi::read(data, name, out.problems);
  const pdi::File *file = out.take(result);
  if (!file) return;
  out.line("PDI image \"{}\", id code {:#010x}, image id {:#010x}, CDO of {} bytes at {:#x}{}",
           file->imageName, file->idCode, file->imageId, file->cdo.size(), file->cdoOffset,
           file->transformed ? ", compacted by AMD's transform" : "");
  out.json["image"] = file->imageName;
  out.json["idCode"] = file->idCode;
  out.json["transformed"] = file->transformed;
  out.parts.push_back({"cdo.bin", Bytes(file->cdo.begin(), file->cdo.end())});
  inspectCdo(file->cdo, name, file->cdoOffset, out);
}

void inspectStream(ByteView data, const std::string &name, Inspection &out) {
  out.kind = "instruction stream";
  Bytes binary;
  if (txn::looksLikeText(data)) {
    out.kind = "instruction stream (text)";
    const auto converted = txn::textToBinary(data, name);
    if (!out.take(converted)) return;
    binary = *converted;
    data = binary;
    out.parts.push_back({"stream.bin", binary});
  }
  const auto result = txn::read(data, name, out.problems);
  const txn::File *file = out.take(result);
  if (!file) return;
  const txn::Header &h = file->header;
  out.line("version {}.{}, {} ({} columns, {} rows), {} operations, {} bytes = {} words", h.major,
           h.minor, h.generation == 3 ? "AIE2 (Phoenix)" : "AIE2P", h.columns, h.rows,
           file->operations.size(), file->bytes, file->bytes / 4);
  out.json["version"] = fmt::format("{}.{}", h.major, h.minor);
  out.json["generation"] = h.generation;
  out.json["columns"] = h.columns;
  out.json["rows"] = h.rows;
  out.json["words"] = file->bytes / 4;
  Json list = Json::array();
  for (const txn::Operation &o : file->operations)
    add(out, list, o.offset, std::visit(StreamEntry{}, o.op));
  out.json["operations"] = list;
}

} // namespace ashlar::cli
