// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// (3a + 5b) / 4 over two cores: the first multiplies a and hands its accumulators on through the
// cascade, 32 lanes in two pieces of 512 bits; the second adds its products and writes the result,
// rounded to the nearest even number and saturated to 16 bits.
#include <aie_api/aie.hpp>

extern "C" void first_half(const int16 *restrict a) {
  for (int i = 0; i < 256; i += 32) {
    const aie::accum<acc32, 32> products = aie::mul(aie::load_v<32>(a + i), int16(3));
    put_mcd(v32acc32(products));
  }
}
extern "C" void second_half(const int16 *restrict b, int16 *restrict out) {
  aie::set_rounding(aie::rounding_mode::conv_even);
  aie::set_saturation(aie::saturation_mode::saturate);
  for (int i = 0; i < 256; i += 32) {
    const aie::accum<acc32, 32> sum = get_scd_v32acc32();
    aie::store_v(out + i, aie::mac(sum, aie::load_v<32>(b + i), int16(5)).to_vector<int16>(2));
  }
}
