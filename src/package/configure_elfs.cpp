// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Core programs: each PT_LOAD segment becomes a block write into program memory or into the data
// memory of the tile that the segment's window names.
#include "device/registers.h"
#include "format/elf.h"
#include "package/configure.h"

#include <algorithm>

namespace ashlar::package {

using namespace device;
namespace elf = format::elf;

namespace {

constexpr uint32_t kCoreEnable = 1, kDmaReset = 2;

/// The channels' control registers in the order in which the driver resets them.
void dmaReset(TileId tile, bool reset, format::cdo::Stage1Writer &out) {
  for (const DmaDirection d : {DmaDirection::MM2S, DmaDirection::S2MM})
    for (int c = 0; c < dmaChannels(TileKind::Core); ++c)
      out.maskWrite(tileAddress(tile, reg::dmaControl(TileKind::Core, d, c)), kDmaReset,
                    reset ? kDmaReset : 0);
}

/// The tile whose memory a core sees in the window at `address`.
TileId windowTile(TileId core, uint32_t address) {
  switch (address & ~(kCoreWindowBytes - 1)) {
  case kCoreWindowSouth: return {core.col, core.row - 1};
  case kCoreWindowWest: return {core.col - 1, core.row};
  case kCoreWindowNorth: return {core.col, core.row + 1};
  default: return core;
  }
}

Status loadData(const CoreElf &core, const elf::Segment &segment, int columns,
                format::cdo::Stage1Writer &out) {
  Bytes bytes = segment.data;
  bytes.resize(segment.memorySize, 0);
  uint32_t address = segment.physicalAddress;
  size_t done = 0;
  while (done < bytes.size()) {
    const uint32_t inWindow = address & (kCoreWindowBytes - 1);
    const size_t size = std::min<size_t>(bytes.size() - done, kCoreWindowBytes - inWindow);
    const TileId tile = windowTile(core.tile, address);
    if (tile.row < kFirstCoreRow || tile.row >= kRows || tile.col < 0 || tile.col >= columns)
      return error("core-segment", Place::at(core.name),
                   fmt::format("data at {:#x} belongs to tile {}, which has no core memory",
                               address, tile.str()),
                   "place the data in the core's own memory");
    out.blockWrite(tileAddress(tile, inWindow), toWords(ByteView(bytes).subspan(done, size)));
    done += size;
    address += static_cast<uint32_t>(size);
  }
  return Ok{};
}

Status loadSegment(const CoreElf &core, const elf::Segment &segment, int columns,
                   format::cdo::Stage1Writer &out) {
  const uint64_t start = segment.physicalAddress, end = start + segment.memorySize;
  const Place place = Place::at(core.name);
  if (start % 4)
    return error("core-segment", place,
                 fmt::format("the segment at {:#x} is not at a multiple of "
                             "4 bytes",
                             start),
                 "align its sections");
  if (start < kCoreWindowSouth) {
    if (end > kProgramMemoryBytes)
      return error("program-memory", place,
                   fmt::format("the program reaches to {:#x}; program memory has {:#x} bytes", end,
                               kProgramMemoryBytes),
                   "make the kernel smaller (-Os), or split it over two cores");
    Bytes code = segment.data;
    code.resize(segment.memorySize, 0);
    out.blockWrite(tileAddress(core.tile, reg::kProgramMemory + static_cast<uint32_t>(start)),
                   toWords(code));
    return Ok{};
  }
  if (end > kCoreWindowOwn + kCoreWindowBytes)
    return error(
        "core-segment", place,
        fmt::format("the segment {:#x}..{:#x} lies outside a core's data memory", start, end),
        "place data at 0x70000..0x7ffff");
  return loadData(core, segment, columns, out);
}

} // namespace

std::vector<TileId> coreTiles(const plan::Plan &plan) {
  std::vector<TileId> tiles;
  for (const plan::Tile &t : plan.tiles)
    if (std::any_of(plan.cores.begin(), plan.cores.end(),
                    [&](const plan::Core &c) { return c.tile == t.id; }))
      tiles.push_back(t.id);
  return tiles;
}

std::vector<uint32_t> toWords(ByteView bytes) {
  std::vector<uint32_t> words;
  words.reserve((bytes.size() + 3) / 4);
  for (size_t i = 0; i < bytes.size(); i += 4) {
    uint8_t piece[4] = {};
    std::copy_n(bytes.begin() + static_cast<long>(i), std::min<size_t>(4, bytes.size() - i), piece);
    words.push_back(readU32(piece));
  }
  return words;
}

Status configureElfs(const plan::Plan &plan, const std::vector<CoreElf> &elfs,
                     const std::string &device, format::cdo::Stage1Writer &out) {
  for (const TileId tile : coreTiles(plan)) {
    const auto core = std::find_if(elfs.begin(), elfs.end(), [&](const CoreElf &e) {
      return e.tile == tile && e.device == device;
    });
    if (core == elfs.end())
      return error("core-without-elf", {},
                   fmt::format("core {} has no program to load", tile.str()),
                   "link it, or name its elf_file in the design");
    ASHLAR_TRY(const elf::File file, elf::read(core->elf, core->name));
    if (file.type != elf::FileType::Executable)
      return error("core-without-elf", Place::at(core->name),
                   "this ELF file is an object, not a linked program", "link it first");
    out.maskWrite(tileAddress(tile, reg::kCoreControl), kCoreEnable, 0);
    dmaReset(tile, true, out);
    for (const elf::Segment &s : file.segments)
      if (s.type == elf::kLoad && s.memorySize)
        ASHLAR_CHECK(loadSegment(*core, s, plan.columns, out));
    dmaReset(tile, false, out);
  }
  return Ok{};
}

void configureEnable(const plan::Plan &plan, format::cdo::Stage1Writer &out) {
  for (const TileId tile : coreTiles(plan))
    out.maskWrite(tileAddress(tile, reg::kCoreControl), kCoreEnable, kCoreEnable);
}

} // namespace ashlar::package
