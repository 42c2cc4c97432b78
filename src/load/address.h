// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The checks that every register address of a package passes before anything acts on it.
#pragma once

#include "load/load.h"

namespace ashlar::load {

/// An address that names a tile of the array, a multiple of 4, with `words` words inside that tile.
/// `columns` > 0 limits the column. Errors: `address-range`.
Status checkAddress(uint64_t address, uint64_t words, int columns, const Place &place);

} // namespace ashlar::load
