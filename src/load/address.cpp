// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An address outside the partition would, on the chip, be refused by the firmware or strike a
// neighbour's tiles; here it is an error of the package.
#include "load/address.h"

namespace ashlar::load {

Status checkAddress(uint64_t address, uint64_t words, int columns, const Place &place) {
  const auto bad = [&](std::string what) {
    return error("address-range", place, fmt::format("address {:#x} {}", address, what),
                 "the package does not fit this device; build the design again");
  };
  if (address >> 30) return bad("lies outside the array");
  const uint32_t a = static_cast<uint32_t>(address);
  const device::TileId tile = device::tileOfAddress(a);
  if (tile.row >= device::kRows)
    return bad(fmt::format("names row {}; the array has {} rows", tile.row, device::kRows));
  const int width = columns > 0 ? columns : device::kMaxColumns;
  if (tile.col >= width) return bad(fmt::format("names column {} of {}", tile.col, width));
  if (a % 4) return bad("is not a multiple of 4");
  if (device::offsetOfAddress(a) + 4 * words > device::kTileAddressBytes)
    return bad(fmt::format("and {} words run past the end of tile {}", words, tile.str()));
  return Ok{};
}

} // namespace ashlar::load
