// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One line of 256 bytes, a vector register at a time.
#include <aie_api/aie.hpp>

extern "C" void copy_line(const uint8 *restrict line, uint8 *restrict copy) {
  for (int i = 0; i < 256; i += 64) aie::store_v(copy + i, aie::load_v<64>(line + i));
}
