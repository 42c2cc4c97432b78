// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A shim descriptor counts to 1023 in two dimensions, without limit in the third, repeats 64 times
// over a stride, and its strides are below 2^20 words. A pattern that asks for more is written with
// other dimensions (neighbouring ones joined, a long one as two) and, where that is not enough,
// taken apart along its outermost dimension, into a few tasks or into one chain of descriptors.
#include "lower/split.h"

#include "device/bd.h"
#include "device/geometry.h"

#include <algorithm>

namespace ashlar::lower {

namespace {

using Dims = std::vector<PatternDim>;

constexpr int64_t kMaxWrap = 1023, kMaxStep = 1 << 20, kMaxIterations = 64, kMaxRepeats = 256;

class Splitter {
public:
  Splitter(int bits, size_t most, bool repeats) : bits_(bits), most_(most), repeats_(repeats) {}

  bool split(int64_t offset, Dims dims) {
    simplify(dims);
    if (auto fitted = fit(dims)) {
      pieces_.push_back({offset, *fitted});
      return pieces_.size() <= most_;
    }
    if (dims.empty()) return false;
    // Taken apart along the outermost dimension: into the longest runs that can be one piece.
    const auto [size, stride] = dims.front();
    int64_t run = 1;
    for (int64_t n : {kMaxIterations, kMaxRepeats})
      if (n < size) {
        Dims part = dims;
        part.front().first = n;
        simplify(part);
        if (fit(part)) run = n;
      }
    for (int64_t at = 0; at < size; at += run) {
      if (pieces_.size() >= most_) return false;
      Dims part = dims;
      part.front().first = std::min(run, size - at);
      if (!split(offset + at * stride, std::move(part))) return false;
    }
    return true;
  }
  std::vector<Pattern> pieces_;

private:
  std::optional<int64_t> words(int64_t elements) const {
    if (elements * bits_ % 32) return std::nullopt;
    return elements * bits_ / 32;
  }
  /// Dimensions of size 1 say nothing; two that follow on from each other are one.
  static void simplify(Dims &dims) {
    std::erase_if(dims, [](const PatternDim &d) { return d.first == 1; });
    for (size_t i = dims.size(); i-- > 1;)
      if (dims[i - 1].second == dims[i].first * dims[i].second && dims[i - 1].second > 0) {
        dims[i - 1] = {dims[i - 1].first * dims[i].first, dims[i].second};
        dims.erase(dims.begin() + static_cast<long>(i));
      }
  }
  bool strideFits(int64_t stride) const {
    const auto step = words(stride);
    return step && *step >= 1 && *step <= kMaxStep;
  }
  /// Whether `d` fits dimension `place` (0 innermost, 3 the iteration).
  bool fits(const PatternDim &d, int place) const {
    if (d.first == 1) return true;
    if (place == 3 && !repeats_) return false;
    if (place == 3)
      return d.second == 0 ? d.first <= kMaxRepeats
                           : d.first <= kMaxIterations && strideFits(d.second);
    if (place == 0) {
      const auto count = words(d.first);
      const bool narrow = bits_ < 32 && d.second != 1;
      return count && *count <= kMaxWrap && !narrow && (d.second == 1 || strideFits(d.second));
    }
    return strideFits(d.second) && (place == 2 || d.first <= kMaxWrap);
  }
  /// The dimensions in the four places of a descriptor, long ones written as two where places are
  /// left.
  std::optional<std::array<PatternDim, 4>> fit(const Dims &dims, int depth = 0) const {
    if (dims.size() > 4) return std::nullopt;
    if (dims.size() <= 1 && (dims.empty() || dims[0].second == 1)) {
      // One contiguous run has no dimensions at all.
      const int64_t n = dims.empty() ? 1 : dims[0].first;
      if (!words(n)) return std::nullopt;
      return std::array<PatternDim, 4>{{{1, 0}, {1, 0}, {1, 0}, {n, 1}}};
    }
    // Every way to put them in order into the places.
    const int n = static_cast<int>(dims.size());
    for (unsigned mask = 0; mask < 16; ++mask) {
      if (__builtin_popcount(mask) != n) continue;
      std::array<PatternDim, 4> out{{{1, 0}, {1, 0}, {1, 0}, {1, 1}}};
      bool good = true;
      int next = n - 1;
      for (int place = 0; place < 4; ++place)
        if (mask >> place & 1) {
          const PatternDim &d = dims[static_cast<size_t>(next--)];
          good &= fits(d, place);
          out[static_cast<size_t>(3 - place)] = d;
        }
      if (good && words(out[3].first)) return out;
    }
    if (dims.size() == 4 || depth >= 2) return std::nullopt;
    // A dimension that is too long becomes two: n = outer * inner.
    for (size_t i = dims.size(); i-- > 0;)
      for (int64_t inner =
               std::min<int64_t>(kMaxWrap * 32 / std::min(bits_, 32), dims[i].first / 2);
           inner > 1; --inner) {
        if (dims[i].first % inner || dims[i].second == 0) continue;
        Dims two = dims;
        two[i] = {inner, dims[i].second};
        two.insert(two.begin() + static_cast<long>(i),
                   {dims[i].first / inner, inner * dims[i].second});
        if (auto fitted = fit(two, depth + 1)) return fitted;
      }
    return std::nullopt;
  }

  int bits_;
  size_t most_;
  bool repeats_; ///< a descriptor may be run several times
};

} // namespace

bool chainable(const std::vector<Pattern> &pieces) {
  return std::all_of(pieces.begin(), pieces.end(),
                     [](const Pattern &p) { return p.dims[0].first == 1; });
}

std::optional<std::vector<Pattern>> splitPattern(const Pattern &pattern, int elementBits,
                                                 size_t most) {
  const Dims dims(pattern.dims.begin(), pattern.dims.end());
  // A start that finds its queue full holds up the whole stream, also the transfers after it that
  // would make room: no more tasks than the queue holds.
  Splitter tasks(elementBits, std::min<size_t>(most, device::kDmaQueueDepth), true);
  if (tasks.split(pattern.offset, dims)) return tasks.pieces_;
  Splitter chain(elementBits, most, false);
  if (chain.split(pattern.offset, dims)) return chain.pieces_;
  return std::nullopt;
}

} // namespace ashlar::lower
