// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What each vector operation computes, written for the host from the ISA's description: the oracle
// of the intrinsics' test. Shares nothing with the emulator.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace codegen_test {

using Register = std::vector<uint8_t>; ///< a register or a piece of memory, least byte first

struct Control {
  unsigned rounding = 0, saturation = 0;
  bool addSign = false, srsSign = false, upsSign = false, packSign = false, unpackSign = false;
};

/// The results of an operation (a store's memory is one), in order; empty when there is no
/// reference for it. `in` are the arguments in order; for a pointer what it points to.
std::vector<Register> reference(const std::string &name, const Control &control,
                                const std::vector<Register> &in);

} // namespace codegen_test
