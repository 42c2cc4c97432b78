// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What every part of the vector API needs: the names of scalar types, accumulator tags, hints of
// the vendor's compilers, and the choice of the layer below. That layer is the set of intrinsic
// functions `__aie2_...`: on a core the vector unit executes them; on a host (or on a core with
// ASHLAR_SCALAR_VECTORS defined) detail/host computes the same bits in plain C++. Everything above
// exists once.
#pragma once

#ifndef __clang__
#error "aie_api needs Clang: `ashlar cc` for a core, clang++ for a host"
#endif

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <aie2_types.h>
#include <aie_loop_hints.h>

#if defined(__ASHLAR__) && !defined(ASHLAR_SCALAR_VECTORS)
#define ASHLAR_VECTOR_UNIT 1
#else
#define ASHLAR_VECTOR_UNIT 0
#endif

/// Everything is inlined: an intrinsic's immediate operand has to be a constant where it is used.
#define ASHLAR_INLINE inline __attribute__((always_inline))
#define ASHLAR_LAMBDA __attribute__((always_inline))

#ifndef restrict
#define restrict __restrict
#endif

// Of what the vendor's chess compiler takes beside hints about loops, nothing may stand for us.
#define chess_protect_access
#define chess_separator_scheduler(...)
#define chess_separator()
// A place in the tile's registers would have to be kept, a memory bank is the linker's choice, and
// what asks for a vector's alignment has any vector's.
#define chess_storage(...)                                                                         \
  _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wignored-attributes\"")    \
      __attribute__((aligned([] {                                                                  \
        static_assert(!aie::detail::isTileRegister(#__VA_ARGS__),                                  \
                      "chess_storage(TM: ...) is not supported: use read_tm and write_tm");        \
        return 32;                                                                                 \
      }()))) _Pragma("clang diagnostic pop")
namespace aie::detail {
constexpr bool isTileRegister(const char *place) {
  return place[0] == 'T' && place[1] == 'M' && (place[2] == ' ' || place[2] == ':');
}
} // namespace aie::detail
#define chess_copy(x) (x)
#define __aie_dm_resource_a
#define __aie_dm_resource_b
#define __aie_dm_resource_c
#define __aie_dm_resource_d
#define __aie_dm_resource_stack

using int8 = int8_t;
using uint8 = uint8_t;
using int16 = int16_t;
using uint16 = uint16_t;
using int32 = int32_t;
using uint32 = uint32_t;
using int64 = int64_t;
using uint64 = uint64_t;
using bfloat16 = __bf16;

/// Kinds of accumulator lanes. The narrower names of older cores mean the next width that is there.
struct acc32 {};
struct acc64 {};
struct accfloat {};
struct accauto {};
using acc48 = acc64;
using acc40 = acc64;
using acc24 = acc32;
using acc56 = acc64;
using acc72 = acc64;
using acc80 = acc64;

namespace aie {
using ::acc32;
using ::acc64;
using ::accauto;
using ::accfloat;

template <class T, unsigned N = 64 / sizeof(T)> class vector;
template <class Tag, unsigned N> class accum;
template <unsigned N> class mask;

/// Alignment of vectors in memory.
inline constexpr unsigned vector_decl_align = 32;
inline constexpr unsigned vector_ldst_align_v = 32;

namespace detail {
template <class T>
inline constexpr bool isElement =
    std::is_same_v<T, int8_t> || std::is_same_v<T, uint8_t> || std::is_same_v<T, int16_t> ||
    std::is_same_v<T, uint16_t> || std::is_same_v<T, int32_t> || std::is_same_v<T, uint32_t> ||
    std::is_same_v<T, bfloat16> || std::is_same_v<T, float>;
template <class T>
inline constexpr bool isFloating = std::is_same_v<T, float> || std::is_same_v<T, bfloat16>;
template <class T> inline constexpr bool isSigned = std::is_signed_v<T>;
template <class T>
inline constexpr bool isAccTag =
    std::is_same_v<T, acc32> || std::is_same_v<T, acc64> || std::is_same_v<T, accfloat>;

/// f(0), f(1), ... f(n - 1) with constants, so that arrays of registers dissolve.
template <unsigned n, class F> ASHLAR_INLINE void repeat(F f) {
  [&]<size_t... i>(std::index_sequence<i...>) ASHLAR_LAMBDA {
    (f(std::integral_constant<unsigned, i>()), ...);
  }(std::make_index_sequence<n>());
}
} // namespace detail
} // namespace aie
