// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// UPS and SRS lane by lane. A UPS result that leaves the accumulator lane clips when crSat bit 0 is
// set and wraps otherwise.
#include "emulator/core/value/upssrs.h"

#include "emulator/core/value/round.h"

namespace ashlar::emulator {
namespace {

template <class Acc, class Narrow>
bool up(void *acc, const void *vector, int n, bool isSigned, unsigned shift, uint32_t crSat) {
  alignas(64) uint8_t in[kVectorBytes];
  std::memcpy(in, vector, static_cast<size_t>(n) * sizeof(Narrow));
  const auto *x = lanes<Narrow>(static_cast<const void *>(in));
  auto *out = lanes<Acc>(acc);
  using Wide = std::make_unsigned_t<Acc>;
  const int64_t max = std::numeric_limits<Acc>::max(), min = std::numeric_limits<Acc>::min();
  bool clipped = false;
  for (int i = 0; i < n; ++i) {
    const int64_t v =
        isSigned ? int64_t{x[i]} : int64_t{static_cast<std::make_unsigned_t<Narrow>>(x[i])};
    // v * 2^shift leaves [min, max]; min is a power of two and shifts exactly while it is not used
    // up.
    const bool below = shift < 8 * sizeof(Acc) ? v < (min >> shift) : v < 0;
    if ((crSat & 1) != 0 && (v > (max >> shift) || below)) {
      out[i] = static_cast<Acc>(v < 0 ? min : max);
      clipped = true;
    } else {
      out[i] = static_cast<Acc>(static_cast<Wide>(static_cast<uint64_t>(v) << shift));
    }
  }
  return clipped;
}

template <class Acc, class Narrow>
bool down(void *vector, const void *acc, int n, bool isSigned, unsigned shift, uint32_t crSat,
          uint32_t crRnd) {
  alignas(64) uint8_t out[kVectorBytes];
  auto *y = lanes<Narrow>(static_cast<void *>(out));
  const auto *x = lanes<Acc>(acc);
  bool clipped = false;
  for (int i = 0; i < n; ++i) {
    const Saturated s = saturate(shiftRight(x[i], shift, crRnd),
                                 8 * static_cast<int>(sizeof(Narrow)), isSigned, crSat);
    clipped |= s.clipped;
    y[i] = static_cast<Narrow>(static_cast<uint64_t>(s.value));
  }
  std::memcpy(vector, out, static_cast<size_t>(n) * sizeof(Narrow));
  return clipped;
}

} // namespace

bool upshift(void *acc, const void *vector, LaneShape s, bool isSigned, uint32_t shift,
             uint32_t crSat) {
  const unsigned n = shift & 63;
  if (s.accBits == 32)
    return s.vectorBits == 8 ? up<int32_t, int8_t>(acc, vector, s.lanes, isSigned, n, crSat)
                             : up<int32_t, int16_t>(acc, vector, s.lanes, isSigned, n, crSat);
  return s.vectorBits == 16 ? up<int64_t, int16_t>(acc, vector, s.lanes, isSigned, n, crSat)
                            : up<int64_t, int32_t>(acc, vector, s.lanes, isSigned, n, crSat);
}

bool downshift(void *vector, const void *acc, LaneShape s, bool isSigned, uint32_t shift,
               uint32_t crSat, uint32_t crRnd) {
  const unsigned n = shift & 63;
  if (s.accBits == 32)
    return s.vectorBits == 8
               ? down<int32_t, int8_t>(vector, acc, s.lanes, isSigned, n, crSat, crRnd)
               : down<int32_t, int16_t>(vector, acc, s.lanes, isSigned, n, crSat, crRnd);
  return s.vectorBits == 16
             ? down<int64_t, int16_t>(vector, acc, s.lanes, isSigned, n, crSat, crRnd)
             : down<int64_t, int32_t>(vector, acc, s.lanes, isSigned, n, crSat, crRnd);
}

} // namespace ashlar::emulator
