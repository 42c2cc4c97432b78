// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What kernels written for the vendor's graphs take as arguments, for a core without a graph: the
// design passes pointers, so a reference to a buffer is the address of its data, and a window's
// pointer walks as it is read. Streams and cascades are the core's one input and one output each,
// whichever the argument says. Graphs themselves (adf::graph, connect ...) are the design's part:
// MLIR.
#ifndef ASHLAR_ADF_H
#define ASHLAR_ADF_H

#include "aie_api/aie.hpp"

namespace adf {
inline constexpr unsigned inherited_extent = 0;
template <unsigned N> struct extents {
  static constexpr unsigned size = N;
};
struct margin_none {};
template <unsigned> struct margin {};

template <class T, class Extents, bool writes> class io_buffer {
public:
  using value_type = T;
  io_buffer() = delete;
  io_buffer(const io_buffer &) = delete;
  ASHLAR_INLINE auto data() {
    if constexpr (writes)
      return reinterpret_cast<T *>(this);
    else
      return reinterpret_cast<const T *>(this);
  }
  ASHLAR_INLINE const T *data() const { return reinterpret_cast<const T *>(this); }
  static constexpr unsigned size() {
    static_assert(Extents::size > 0, "a core does not know a buffer's size: say it in the type, "
                                     "input_buffer<T, extents<N>>, or pass it as an argument");
    return Extents::size;
  }
};
template <class T, class Extents = extents<inherited_extent>, class... More>
using input_buffer = io_buffer<T, Extents, false>;
template <class T, class Extents = extents<inherited_extent>, class... More>
using output_buffer = io_buffer<T, Extents, true>;
template <class T, class Extents = extents<inherited_extent>, class... More>
using inout_buffer = io_buffer<T, Extents, true>;
} // namespace adf
using adf::input_buffer;
using adf::output_buffer;

namespace aie {
template <class T, class E, bool w> ASHLAR_INLINE auto begin(adf::io_buffer<T, E, w> &b) {
  return b.data();
}
template <class T, class E, bool w> ASHLAR_INLINE auto cbegin(const adf::io_buffer<T, E, w> &b) {
  return b.data();
}
#define ASHLAR_BUFFER_BEGIN(name)                                                                  \
  template <unsigned N, class T, class E, bool w>                                                  \
  ASHLAR_INLINE auto name(adf::io_buffer<T, E, w> &b) {                                            \
    return name<N>(b.data());                                                                      \
  }
ASHLAR_BUFFER_BEGIN(begin_vector)
ASHLAR_BUFFER_BEGIN(cbegin_vector)
ASHLAR_BUFFER_BEGIN(begin_restrict_vector)
ASHLAR_BUFFER_BEGIN(cbegin_restrict_vector)
#undef ASHLAR_BUFFER_BEGIN
} // namespace aie

// --- Windows: one lane or vector after the other -------------------------------------------------
template <class T> struct input_window {
  T first;
};
template <class T> struct output_window {
  T first;
};
#define ASHLAR_WINDOW_NAMES(T)                                                                     \
  using input_window_##T = input_window<T>;                                                        \
  using output_window_##T = output_window<T>;
ASHLAR_WINDOW_NAMES(int8)
ASHLAR_WINDOW_NAMES(uint8)
ASHLAR_WINDOW_NAMES(int16)
ASHLAR_WINDOW_NAMES(uint16)
ASHLAR_WINDOW_NAMES(int32)
ASHLAR_WINDOW_NAMES(uint32)
ASHLAR_WINDOW_NAMES(bfloat16)
ASHLAR_WINDOW_NAMES(float)
#undef ASHLAR_WINDOW_NAMES
namespace aie::detail {
/// The element type of `input_window<T> *`, restrict or not; W is the pointer's own type.
template <class W>
concept WindowPointer = std::is_pointer_v<W> && requires(W w) { w->first; };
template <class W> using WindowElement = std::remove_cvref_t<decltype(std::declval<W>()->first)>;
template <class W> ASHLAR_INLINE auto *windowData(W w) {
  return reinterpret_cast<WindowElement<W> *>(w);
}
} // namespace aie::detail
template <aie::detail::WindowPointer W> ASHLAR_INLINE void window_incr(W &w, int n) { w += n; }
template <aie::detail::WindowPointer W> ASHLAR_INLINE void window_decr(W &w, int n) { w -= n; }
template <unsigned N, aie::detail::WindowPointer W> ASHLAR_INLINE void window_incr_v(W &w, int n) {
  w += n * static_cast<int>(N);
}
template <unsigned N, aie::detail::WindowPointer W> ASHLAR_INLINE void window_decr_v(W &w, int n) {
  w -= n * static_cast<int>(N);
}
template <aie::detail::WindowPointer W> ASHLAR_INLINE auto window_read(W w) {
  return *aie::detail::windowData(w);
}
template <aie::detail::WindowPointer W> ASHLAR_INLINE auto window_readincr(W &w) {
  return *aie::detail::windowData(w++);
}
template <unsigned N, aie::detail::WindowPointer W> ASHLAR_INLINE auto window_read_v(W w) {
  return aie::load_v<N>(aie::detail::windowData(w));
}
template <unsigned N, aie::detail::WindowPointer W> ASHLAR_INLINE auto window_readincr_v(W &w) {
  const auto v = window_read_v<N>(w);
  w += N;
  return v;
}
template <aie::detail::WindowPointer W>
ASHLAR_INLINE void window_write(W w, aie::detail::WindowElement<W> x) {
  *aie::detail::windowData(w) = x;
}
template <aie::detail::WindowPointer W>
ASHLAR_INLINE void window_writeincr(W &w, aie::detail::WindowElement<W> x) {
  *aie::detail::windowData(w++) = x;
}
template <aie::detail::WindowPointer W, unsigned N>
ASHLAR_INLINE void window_write(W w, const aie::vector<aie::detail::WindowElement<W>, N> &v) {
  aie::store_v(aie::detail::windowData(w), v);
}
template <aie::detail::WindowPointer W, class T, unsigned N>
ASHLAR_INLINE void window_writeincr(W &w, const aie::vector<T, N> &v) {
  aie::store_v(aie::detail::windowData(w), v);
  w += N;
}

// --- Streams and cascades ------------------------------------------------------------------------
template <class T> struct input_stream {};
template <class T> struct output_stream {};
template <class T> struct input_cascade {};
template <class T> struct output_cascade {};
#define ASHLAR_STREAM_NAMES(T)                                                                     \
  using input_stream_##T = input_stream<T>;                                                        \
  using output_stream_##T = output_stream<T>;
ASHLAR_STREAM_NAMES(int8)
ASHLAR_STREAM_NAMES(uint8)
ASHLAR_STREAM_NAMES(int16)
ASHLAR_STREAM_NAMES(uint16)
ASHLAR_STREAM_NAMES(int32)
ASHLAR_STREAM_NAMES(uint32)
ASHLAR_STREAM_NAMES(float)
#undef ASHLAR_STREAM_NAMES

#if ASHLAR_VECTOR_UNIT
/// One value of 32 bits; narrower ones come in vectors.
template <class T> ASHLAR_INLINE T readincr(input_stream<T> *) {
  static_assert(sizeof(T) == 4,
                "a stream's word has 32 bits: read narrower values by readincr_v<N>");
  return __builtin_bit_cast(T, get_ss());
}
template <class T> ASHLAR_INLINE T readincr(input_stream<T> *, bool &tlast) {
  static_assert(sizeof(T) == 4,
                "a stream's word has 32 bits: read narrower values by readincr_v<N>");
  return __builtin_bit_cast(T, get_ss(tlast));
}
template <class T> ASHLAR_INLINE void writeincr(output_stream<T> *, T value, bool tlast = false) {
  static_assert(sizeof(T) == 4, "a stream's word has 32 bits: write narrower values as vectors");
  put_ms(__builtin_bit_cast(int, value), tlast);
}
template <unsigned N, class T> ASHLAR_INLINE aie::vector<T, N> readincr_v(input_stream<T> *) {
  aie::vector<int32, N * sizeof(T) / 4> words;
  for (unsigned i = 0; i < words.size(); ++i) words.set(get_ss(), i);
  return words.template cast_to<T>();
}
template <class T> ASHLAR_INLINE auto readincr_v4(input_stream<T> *s) { return readincr_v<4>(s); }
template <class T> ASHLAR_INLINE auto readincr_v8(input_stream<T> *s) { return readincr_v<8>(s); }
template <class T> ASHLAR_INLINE auto readincr_v16(input_stream<T> *s) { return readincr_v<16>(s); }
template <class T, unsigned N>
ASHLAR_INLINE void writeincr(output_stream<T> *, const aie::vector<T, N> &v, bool tlast = false) {
  const auto words = v.template cast_to<int32>();
  for (unsigned i = 0; i < words.size(); ++i) put_ms(words.get(i), tlast && i + 1 == words.size());
}
template <class T, unsigned N>
ASHLAR_INLINE void writeincr_v4(output_stream<T> *s, const aie::vector<T, N> &v) {
  writeincr(s, v);
}
#endif
/// An accumulator or a vector goes over the cascade in pieces of 512 bits.
template <unsigned N, class Tag>
  requires aie::detail::isAccTag<Tag>
ASHLAR_INLINE auto readincr_v(input_cascade<Tag> *) {
  aie::accum<Tag, N> a;
  aie::detail::repeat<aie::accum<Tag, N>::parts>([&](auto p) ASHLAR_LAMBDA {
    a.part(p) = aie::detail::getCascade<typename aie::accum<Tag, N>::native_part>();
  });
  return a;
}
template <class Tag, unsigned N>
ASHLAR_INLINE void writeincr(output_cascade<Tag> *, const aie::accum<Tag, N> &a) {
  aie::detail::repeat<aie::accum<Tag, N>::parts>(
      [&](auto p) ASHLAR_LAMBDA { aie::detail::putCascade(a.part(p)); });
}

#endif
