// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times of the array in cycles of its clock (1 GHz nominal), each with its kind and source: HW =
// measured on a Phoenix (public measurements of the xdna-emu project), DOC = AM020, FIT = constant
// of a model fitted to such measurements.
#pragma once

#include <cstdint>

namespace ashlar::device::timing {

inline constexpr double kArrayClockHz = 1.0e9; ///< DOC, nominal

// Stream switch. DOC: a hop inside a tile's switch takes 3 cycles (6 words of buffering) when an
// end is local, 4 (8 words) between two external ports; one word a cycle.
inline constexpr int kHopLocal = 3, kHopExternal = 4;
inline constexpr int kHopLocalWords = 6, kHopExternalWords = 8;
inline constexpr int kPacketArbitration = 1; ///< FIT

// Tile and memtile DMA. FIT except where noted.
inline constexpr int kDmaChannelStart = 2, kDmaBdLoad = 4, kDmaBdChain = 2, kDmaLock = 1,
                     kDmaMemoryLatency = 5;
inline constexpr int kDmaBeatsPerAccess = 4; ///< HW: one 128-bit bank access every 4 words
inline constexpr int kS2mmIngressWords = 16; ///< HW
inline constexpr int kMm2sEgressWords = 12;  ///< FIT (up to 48 words in flight seen)

// Shim DMA and DDR. FIT to HW: the first task of a channel starts cold.
inline constexpr int kShimMm2sCold = 1330, kShimMm2sTask = 325;
inline constexpr int kShimS2mmCold = 341, kShimS2mmTask = 179;

// Controller: cycles of one operation of the instruction stream. HW.
inline constexpr int kTxnWrite = 100, kTxnBlockWrite = 100, kTxnBlockWriteWord = 13,
                     kTxnMaskWrite = 210;
inline constexpr int kTxnPoll = 210;          ///< a read-modify access like a mask write
inline constexpr int kDispatchGate = 3050;    ///< FIT: least distance of two task-queue writes
inline constexpr int kLaunchOverhead = 30000; ///< HW mean: cores start to first dispatch
inline constexpr int kCompletion = 8000;      ///< FIT: completion message to the host

// Core.
inline constexpr int kLockStall = 1;       ///< HW: trailing stall of every lock operation
inline constexpr int kCascadeWords = 2;    ///< DOC: cascade FIFO entries on each side
inline constexpr int kCoreStreamWords = 4; ///< FIT: core output FIFO

// Events. HW: cycles of a broadcast from tile to tile, and between a core tile's two modules.
inline constexpr int kBroadcastHorizontal = 4, kBroadcastVertical = 2, kBroadcastModule = 2;

} // namespace ashlar::device::timing
