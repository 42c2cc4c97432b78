// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The vector ALU's instructions as kernels. The `.d` forms take the signedness of their lanes from
// crVaddSign: 0 unsigned, 1 signed. Masks of 8-bit lanes fill a 64-bit register pair, others 32
// bits.
#include "emulator/core/kernel.h"
#include "emulator/core/value/elementwise.h"
#include "emulator/core/value/float.h"

namespace ashlar::emulator {
namespace {

template <class T> void putMask(void *p, uint64_t mask) {
  if constexpr (sizeof(T) == 1)
    putLong(p, mask);
  else
    put(p, static_cast<uint32_t>(mask));
}
template <class T> uint64_t getMask(const void *p) {
  if constexpr (sizeof(T) == 1)
    return longWord(p);
  else
    return word(p);
}
template <class T> using U = std::make_unsigned_t<T>;

// ---- two inputs, no mask

template <class T> const char *vadd(KernelIn in, KernelOut out) {
  ElementWise<T>::add(out[0], in[0], in[1]);
  return nullptr;
}
template <class T> const char *vsub(KernelIn in, KernelOut out) {
  ElementWise<T>::sub(out[0], in[0], in[1]);
  return nullptr;
}
const char *vband(KernelIn in, KernelOut out) {
  for (int i = 0; i < 8; ++i)
    lanes<uint64_t>(out[0])[i] = lanes<uint64_t>(in[0])[i] & lanes<uint64_t>(in[1])[i];
  return nullptr;
}
const char *vbor(KernelIn in, KernelOut out) {
  for (int i = 0; i < 8; ++i)
    lanes<uint64_t>(out[0])[i] = lanes<uint64_t>(in[0])[i] | lanes<uint64_t>(in[1])[i];
  return nullptr;
}
template <class T> const char *vsel(KernelIn in, KernelOut out) {
  ElementWise<T>::select(out[0], in[0], in[1], getMask<T>(in[2]));
  return nullptr;
}
template <class T> const char *vaddsub(KernelIn in, KernelOut out) {
  ElementWise<T>::addSub(out[0], in[0], in[1], getMask<T>(in[2]));
  return nullptr;
}

// ---- result and mask, or mask alone. Each body is written for one lane type; `dynamic` picks it.

#define WITH_SIGN(name)                                                                            \
  template <class T> const char *name##Signed(KernelIn in, KernelOut out) {                        \
    name<T>(in, out);                                                                              \
    return nullptr;                                                                                \
  }                                                                                                \
  template <class T, int SignAt> const char *name##Dynamic(KernelIn in, KernelOut out) {           \
    if ((word(in[SignAt]) & 1) != 0)                                                               \
      name<T>(in, out);                                                                            \
    else                                                                                           \
      name<U<T>>(in, out);                                                                         \
    return nullptr;                                                                                \
  }

template <class T> void vlt(KernelIn in, KernelOut out) {
  putMask<T>(out[0], ElementWise<T>::less(in[0], in[1]));
}
template <class T> void vge(KernelIn in, KernelOut out) {
  putMask<T>(out[0], ElementWise<T>::greaterEqual(in[0], in[1]));
}
template <class T> void vmaxLt(KernelIn in, KernelOut out) {
  ElementWise<T>::max(out[0], in[0], in[1]);
  putMask<T>(out[1], ElementWise<T>::less(in[0], in[1]));
}
template <class T> void vminGe(KernelIn in, KernelOut out) {
  ElementWise<T>::min(out[0], in[0], in[1]);
  putMask<T>(out[1], ElementWise<T>::greaterEqual(in[0], in[1]));
}
template <class T> void vmaxdiffLt(KernelIn in, KernelOut out) {
  ElementWise<T>::maxDiff(out[0], in[0], in[1]);
  putMask<T>(out[1], ElementWise<T>::less(in[0], in[1]));
}
template <class T> void vsubLt(KernelIn in, KernelOut out) {
  ElementWise<T>::sub(out[0], in[0], in[1]);
  putMask<T>(out[1], ElementWise<T>::less(in[0], in[1]));
}
template <class T> void vsubGe(KernelIn in, KernelOut out) {
  ElementWise<T>::sub(out[0], in[0], in[1]);
  putMask<T>(out[1], ElementWise<T>::greaterEqual(in[0], in[1]));
}
template <class T> void vabsGtz(KernelIn in, KernelOut out) {
  ElementWise<T>::abs(out[0], in[0]);
  putMask<T>(out[1], ElementWise<T>::isPositive(in[0]));
}
WITH_SIGN(vlt)
WITH_SIGN(vge)
WITH_SIGN(vmaxLt)
WITH_SIGN(vminGe)
WITH_SIGN(vmaxdiffLt)
WITH_SIGN(vsubLt)
WITH_SIGN(vsubGe)
WITH_SIGN(vabsGtz)
#undef WITH_SIGN

template <class T> const char *veqz(KernelIn in, KernelOut out) {
  putMask<T>(out[0], ElementWise<T>::isZero(in[0]));
  return nullptr;
}
template <class T> const char *vnegGtz(KernelIn in, KernelOut out) {
  ElementWise<T>::negate(out[0], in[0]);
  putMask<T>(out[1], ElementWise<T>::isPositive(in[0]));
  return nullptr;
}
/// d = ~s, mask = s < 0
template <class T> const char *vbnegLtz(KernelIn in, KernelOut out) {
  alignas(64) static const uint8_t zeros[kVectorBytes] = {};
  for (int i = 0; i < 8; ++i) lanes<uint64_t>(out[0])[i] = ~lanes<uint64_t>(in[0])[i];
  putMask<T>(out[1], ElementWise<T>::less(in[0], zeros));
  return nullptr;
}

// ---- bf16

template <bool (*Compare)(uint16_t, uint16_t)> uint32_t compareBf16(KernelIn in) {
  uint32_t mask = 0;
  for (int i = 0; i < 32; ++i)
    mask |= (Compare(lanes<uint16_t>(in[0])[i], lanes<uint16_t>(in[1])[i]) ? 1U : 0U) << i;
  return mask;
}
template <bool (*Compare)(uint16_t, uint16_t)> const char *vcmpBf16(KernelIn in, KernelOut out) {
  put(out[0], compareBf16<Compare>(in));
  return nullptr;
}
/// b where the comparison holds, else a.
template <bool (*Compare)(uint16_t, uint16_t)> const char *vpickBf16(KernelIn in, KernelOut out) {
  const uint32_t mask = compareBf16<Compare>(in);
  ElementWise<int16_t>::select(out[0], in[0], in[1], mask);
  put(out[1], mask);
  return nullptr;
}

// Signed and sign-by-register forms of all three lane widths.
#define BY_SIGN(mnemonic, name, signAt)                                                            \
  {mnemonic ".s8", 0, name##Signed<int8_t>}, {mnemonic ".s16", 0, name##Signed<int16_t>},          \
      {mnemonic ".s32", 0, name##Signed<int32_t>},                                                 \
      {mnemonic ".d8", 0, name##Dynamic<int8_t, signAt>},                                          \
      {mnemonic ".d16", 0, name##Dynamic<int16_t, signAt>}, {                                      \
    mnemonic ".d32", 0, name##Dynamic<int32_t, signAt>                                             \
  }
#define BY_WIDTH(mnemonic, name)                                                                   \
  {mnemonic "8", 0, name<int8_t>}, {mnemonic "16", 0, name<int16_t>}, {                            \
    mnemonic "32", 0, name<int32_t>                                                                \
  }

constexpr KernelRow kRows[] = {
    BY_WIDTH("vadd.", vadd),
    BY_WIDTH("vsub.", vsub),
    BY_WIDTH("vsel.", vsel),
    BY_WIDTH("vaddsub.", vaddsub),
    BY_WIDTH("veqz.", veqz),
    BY_WIDTH("vneg_gtz", vnegGtz),
    BY_WIDTH("vbneg_ltz.s", vbnegLtz),
    BY_SIGN("vlt", vlt, 2),
    BY_SIGN("vge", vge, 2),
    BY_SIGN("vmax_lt", vmaxLt, 2),
    BY_SIGN("vmin_ge", vminGe, 2),
    BY_SIGN("vmaxdiff_lt", vmaxdiffLt, 2),
    BY_SIGN("vsub_lt", vsubLt, 2),
    BY_SIGN("vsub_ge", vsubGe, 2),
    BY_SIGN("vabs_gtz", vabsGtz, 1),
    {"vband", 0, vband},
    {"vbor", 0, vbor},
    {"vlt.bf16", 0, vcmpBf16<lessBf16>},
    {"vge.bf16", 0, vcmpBf16<greaterEqualBf16>},
    {"vmax_lt.bf16", 0, vpickBf16<lessBf16>},
    {"vmin_ge.bf16", 0, vpickBf16<greaterEqualBf16>},
};

} // namespace

std::span<const KernelRow> vectorKernels() { return kRows; }

} // namespace ashlar::emulator
