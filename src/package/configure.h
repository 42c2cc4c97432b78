// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The register writes that configure the array, in the order of the vendor's configuration driver.
#pragma once

#include "format/cdo.h"
#include "package/package.h"

namespace ashlar::package {

/// Per core: disable, DMA reset, program and data, DMA unreset.
/// `device` names whose programs of `elfs` they are.
Status configureElfs(const plan::Plan &plan, const std::vector<CoreElf> &elfs,
                     const std::string &device, format::cdo::Stage1Writer &out);
/// Core reset, locks, initial buffers, DMA, switches, shim multiplexers, cascades.
Status configureArray(const plan::Plan &plan, format::cdo::Stage1Writer &out);
/// Of these, the stream switches, the shim multiplexers and the cascades.
Status configureRoutes(const plan::Plan &plan, format::cdo::Stage1Writer &out);
/// Core enable.
void configureEnable(const plan::Plan &plan, format::cdo::Stage1Writer &out);

/// The commands of a configuration as operations of a stream.
std::vector<plan::SequenceOpKind> operations(const format::cdo::File &file);
/// The sequence with the configurations of other devices written out where it changes to them.
Result<plan::RuntimeSequence> writeConfigurations(const plan::Plan &plan,
                                                  const std::vector<CoreElf> &elfs,
                                                  const plan::RuntimeSequence &sequence);

/// The instruction stream of a sequence.
Bytes makeStream(const plan::Plan &plan, const plan::RuntimeSequence &sequence);

/// The tiles with a core, in the order of the plan's tiles.
std::vector<device::TileId> coreTiles(const plan::Plan &plan);
/// Bytes as words, the last one padded with zeros.
std::vector<uint32_t> toWords(ByteView bytes);

} // namespace ashlar::package
