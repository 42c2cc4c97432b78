// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All registers of a core as one block of bytes. Registers that contain others are their
// concatenation, so every register but the sparse pairs and the address-generator groups is a
// contiguous piece. Vectors and accumulators stand there twice: the second copy is what a reader
// sees through its forwarding network, which delivers a result one cycle before the register file
// does (MOV for vectors, VEC for accumulators).
#pragma once

#include "isa/isa.h"

namespace ashlar::emulator {

inline constexpr uint16_t kNoOffset = 0xFFFF;

struct RegisterPlace {
  uint16_t offset = kNoOffset;             ///< kNoOffset: not one contiguous piece
  uint16_t bytes = 0;                      ///< 4 for scalars of up to 32 bits
  uint16_t forwarded = 0;                  ///< offset of the forwarded copy; 0 when there is none
  isa::Bypass network = isa::Bypass::None; ///< of that copy
  uint32_t mask = ~0U;                     ///< bits that a scalar keeps
};
const RegisterPlace &placeOf(isa::Reg reg);

inline constexpr size_t kRegisterBytes = 5120;

struct alignas(64) RegisterFile {
  uint8_t bytes[kRegisterBytes] = {};

  uint32_t scalar(isa::Reg reg) const;
  void setScalar(isa::Reg reg, uint32_t value);
  /// Both copies.
  void write(const RegisterPlace &place, const void *value);
};

} // namespace ashlar::emulator
