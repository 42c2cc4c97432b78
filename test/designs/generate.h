// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random small legal designs with what they must compute. A design is one or two streams from host
// memory through cores and memtiles and back; every step is known as a function of the sequence of
// elements, so the expected bytes come from here and not from any part of the tool.
#pragma once

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ashlar::designs_test {

using Elements = std::vector<int64_t>;
using Dims = std::vector<std::pair<int64_t, int64_t>>; ///< size, stride; outermost first

struct Argument {
  std::vector<uint8_t> before, after; ///< `after` is what the run must leave
};
struct Case {
  std::string text;
  bool dynamic = false; ///< lowered with --dynamic-objFifos
  std::vector<Argument> arguments;
};

class Generator {
public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  Case make() {
    columns_ = pick({1, 1, 2, 3, 4});
    const int streams = columns_ > 1 && chance(2) ? 2 : 1;
    result_.dynamic = chance(4);
    // One at most: two streams of packets on one route may wait for each other.
    packets_ = chance(3) ? 1 : 0;
    for (int s = 0; s < streams; ++s) {
      index_ = s;
      column_ = columns_ == 1 ? 0 : below(columns_);
      switch (below(9)) {
      case 0:
      case 1: broadcast(); break;
      case 2: split(); break;
      case 3: byHand(); break;
      case 4: padded(); break;
      case 5: window(); break;
      default: pipeline(); break;
      }
    }
    std::string all = "module {\n";
    all += fmt::format("  aie.device({}) {{\n",
                       columns_ == 4 ? std::string("npu1") : fmt::format("npu1_{}col", columns_));
    for (const std::string &t : tiles_) all += "    " + t + "\n";
    all += fifos_ + cores_;
    all += "    aie.runtime_sequence(";
    for (size_t i = 0; i < result_.arguments.size(); ++i)
      all += fmt::format("{}%a{}: memref<{}x{}>", i ? ", " : "", i, extents_[i], types_[i]);
    all += ") {\n" + parameters_ + starts_ + waits_ + "    }\n  }\n}\n";
    result_.text = all;
    return std::move(result_);
  }

private:
  // --- chance -----------------------------------------------------------------------------------
  int below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  bool chance(int n) { return below(n) == 0; }
  int pick(std::initializer_list<int> from) {
    return *(from.begin() + below(static_cast<int>(from.size())));
  }

  // --- names ------------------------------------------------------------------------------------
  std::string tile(int col, int row) {
    const std::string name = fmt::format("%t{}_{}", col, row);
    const std::string line = fmt::format("{} = aie.tile({}, {})", name, col, row);
    if (std::find(tiles_.begin(), tiles_.end(), line) == tiles_.end()) tiles_.push_back(line);
    return name;
  }
  /// A core tile that nothing has yet, near the one before it half of the time.
  std::pair<int, int> freeCore(std::pair<int, int> near) {
    std::vector<std::pair<int, int>> close, all;
    for (int c = 0; c < columns_; ++c)
      for (int r = 2; r < 6; ++r) {
        if (taken_.count({c, r})) continue;
        all.push_back({c, r});
        if (std::abs(c - near.first) + std::abs(r - near.second) == 1) close.push_back({c, r});
      }
    const auto &from = !close.empty() && chance(2) ? close : all;
    const auto chosen = from[static_cast<size_t>(below(static_cast<int>(from.size())))];
    taken_.insert(chosen);
    return chosen;
  }
  std::string fifoName() { return fmt::format("f{}", fifoCount_++); }

  // --- patterns ---------------------------------------------------------------------------------
  /// The offsets that a pattern visits, in order.
  static std::vector<int64_t> visit(const Dims &dims) {
    std::vector<int64_t> out{0};
    for (const auto &[size, stride] : dims) {
      std::vector<int64_t> next;
      for (int64_t base : out)
        for (int64_t i = 0; i < size; ++i) next.push_back(base + i * stride);
      out = std::move(next);
    }
    return out;
  }
  /// A reordering of `n` elements in `rank` dimensions; the innermost run stays whole words.
  Dims reorder(int64_t n, int rank) {
    const int64_t unit = std::max<int64_t>(4 / bytes_, 1);
    std::vector<int64_t> parts;
    int64_t rest = n / unit;
    for (int i = 0; i + 1 < rank && rest > 1; ++i) {
      std::vector<int64_t> divisors;
      for (int64_t d = 2; d <= rest && d <= 200; ++d)
        if (rest % d == 0) divisors.push_back(d);
      if (divisors.empty()) break;
      parts.push_back(divisors[static_cast<size_t>(below(static_cast<int>(divisors.size())))]);
      rest /= parts.back();
    }
    if (rest > 200) return {};
    // The innermost part is contiguous for narrow elements; the others may change places.
    Dims dims;
    int64_t stride = unit * rest;
    for (int64_t p : parts) {
      dims.insert(dims.begin(), {p, stride});
      stride *= p;
    }
    std::shuffle(dims.begin(), dims.end(), random_);
    dims.push_back({unit * rest, 1});
    return dims;
  }
  static std::string text(const Dims &dims) {
    std::string out = "[";
    for (const auto &[size, stride] : dims)
      out += fmt::format("{}<size = {}, stride = {}>", out.size() > 1 ? ", " : "", size, stride);
    return out + "]";
  }

  // --- host side --------------------------------------------------------------------------------
  /// A new argument of the sequence and the pattern by which `total` elements lie in it.
  int argument(const Dims &pattern) {
    int64_t extent = 1;
    for (const auto &[size, stride] : pattern) extent += (size - 1) * stride;
    extent += below(8);
    extent = (extent * bytes_ + 3) / 4 * 4 / bytes_;
    Argument a;
    a.before.resize(static_cast<size_t>(extent * bytes_));
    for (uint8_t &b : a.before) b = static_cast<uint8_t>(random_());
    a.after = a.before;
    extents_.push_back(extent);
    types_.push_back(type_);
    result_.arguments.push_back(std::move(a));
    return static_cast<int>(result_.arguments.size()) - 1;
  }
  /// Four dimensions for dma_memcpy_nd that cover `total` elements, each once.
  Dims hostPattern(int64_t total) {
    const int64_t unit = std::max<int64_t>(4 / bytes_, 1);
    Dims dims;
    if (chance(2)) {
      dims = {{1, 0}, {1, 0}, {1, 0}, {total, 1}};
      return dims;
    }
    // Rows with gaps, possibly taken column by column.
    int64_t row = unit;
    for (int tries = 0; tries < 4; ++tries)
      if (const int64_t more = row * pick({2, 3, 4, 8}); total % more == 0) row = more;
    const int64_t rows = total / row;
    const int64_t pitch = row + unit * below(4);
    std::vector<int64_t> outer;
    for (int64_t d = 2; d <= 12 && d <= rows; ++d)
      if (rows % d == 0) outer.push_back(d);
    if (outer.empty() || chance(3)) return {{1, 0}, {1, 0}, {rows, pitch}, {row, 1}};
    const int64_t d = outer[static_cast<size_t>(below(static_cast<int>(outer.size())))];
    if (chance(2)) return {{1, 0}, {d, pitch}, {rows / d, d * pitch}, {row, 1}};
    return {{d, pitch * (rows / d)}, {1, 0}, {rows / d, pitch}, {row, 1}};
  }
  /// The transfer as dma_memcpy_nd, or as a task; a long row may be two descriptors in a chain.
  void transfer(int argument, const Dims &d, const std::string &fifo, int id, bool collects) {
    const std::string alloc = hand_.count(fifo) ? fifo : fifo + "_shim_alloc";
    if (!chance(3) || d[0].first * d[0].second > 1) {
      memcpyNd(argument, d, hand_.count(fifo) ? fifo : chance(2) ? fifo : alloc, id);
      if (collects) waits_ += fmt::format("      aiex.npu.dma_wait {{symbol = @{}}}\n", alloc);
      return;
    }
    const std::string memory = fmt::format("%a{} : memref<{}x{}>", argument,
                                           extents_[static_cast<size_t>(argument)], type_);
    const int64_t row = d[3].first, total = d[1].first * d[2].first * row;
    const bool linear = d[1].first == 1 && d[2].first == 1;
    const int64_t unit = std::max<int64_t>(4 / bytes_, 1);
    std::string body;
    if (linear && total >= 2 * unit && id < kChainIds && chance(2)) {
      const int64_t half = total / 2 / unit * unit;
      body = fmt::format("        aie.dma_bd({0}, 0, {1}) {{bd_id = {3} : i32}}\n"
                         "        aie.next_bd ^more\n      ^more:\n"
                         "        aie.dma_bd({0}, {1}, {2}) {{bd_id = {4} : i32}}\n"
                         "        aie.end\n",
                         memory, half, total - half, id, id + kChainIds);
    } else if (linear) {
      body = fmt::format("        aie.dma_bd({}, 0, {}) {{bd_id = {} : i32}}\n        aie.end\n",
                         memory, total, id);
    } else {
      body = fmt::format("        aie.dma_bd({}, 0, {}, [<size = {}, stride = {}>, <size = {}, "
                         "stride = {}>, <size = {}, stride = {}>]) {{bd_id = {} : i32}}\n"
                         "        aie.end\n",
                         memory, total, d[1].first, std::max<int64_t>(d[1].second, 1), d[2].first,
                         std::max<int64_t>(d[2].second, 1), row, d[3].second, id);
    }
    starts_ += fmt::format("      %task{} = aiex.dma_configure_task_for @{} {{\n{}      }}{}\n"
                           "      aiex.dma_start_task(%task{})\n",
                           id, alloc, body, collects ? " {issue_token = true}" : "", id);
    if (collects) waits_ += fmt::format("      aiex.dma_await_task(%task{})\n", id);
  }
  void memcpyNd(int argument, const Dims &d, const std::string &fifo, int id) {
    starts_ += fmt::format("      aiex.npu.dma_memcpy_nd(%a{}[0, 0, 0, 0][{}, {}, {}, {}][{}, {}, "
                           "{}, {}]) {{id = {} : "
                           "i64, metadata = @{}}} : memref<{}x{}>\n",
                           argument, d[0].first, d[1].first, d[2].first, d[3].first, d[0].second,
                           d[1].second, d[2].second, d[3].second, id, fifo,
                           extents_[static_cast<size_t>(argument)], type_);
  }
  int64_t wrap(int64_t v) const {
    return bytes_ == 1 ? int8_t(v) : bytes_ == 2 ? int16_t(v) : int32_t(v);
  }
  Elements feed(const std::string &fifo, int64_t total, int id) {
    const Dims pattern = hostPattern(total);
    const int a = argument(pattern);
    transfer(a, pattern, fifo, id, false);
    Elements out;
    const std::vector<uint8_t> &bytes = result_.arguments[static_cast<size_t>(a)].before;
    for (int64_t at : visit(pattern)) {
      uint64_t v = 0;
      for (int b = 0; b < bytes_; ++b)
        v |= uint64_t(bytes[static_cast<size_t>(at * bytes_ + b)]) << (8 * b);
      out.push_back(wrap(static_cast<int64_t>(v)));
    }
    return out;
  }
  void collect(const std::string &fifo, const Elements &stream, int id) {
    const Dims pattern = hostPattern(static_cast<int64_t>(stream.size()));
    const int a = argument(pattern);
    transfer(a, pattern, fifo, id, true);
    size_t k = 0;
    for (int64_t at : visit(pattern)) {
      for (int b = 0; b < bytes_; ++b)
        result_.arguments[static_cast<size_t>(a)].after[static_cast<size_t>(at * bytes_ + b)] =
            static_cast<uint8_t>(static_cast<uint64_t>(stream[k]) >> (8 * b));
      ++k;
    }
  }

  // --- parts ------------------------------------------------------------------------------------
  void elementType() {
    bytes_ = pick({1, 2, 4, 4, 4});
    type_ = fmt::format("i{}", bytes_ * 8);
  }
  std::string memref(int64_t n) const { return fmt::format("memref<{}x{}>", n, type_); }
  std::string fifoText(const std::string &name, const std::string &from, const Dims &to,
                       const std::vector<std::string> &ends, const std::string &depth, int64_t n,
                       const std::string &given = {}) {
    std::string consumers;
    for (const std::string &e : ends)
      consumers += (consumers.empty() ? "" : ", ") + e +
                   (scatter_.empty() ? "" : " dimensionsFromStream " + text(scatter_));
    scatter_.clear();
    std::string attributes = given;
    if (packets_ > 0 && chance(3)) {
      --packets_;
      attributes += std::string(attributes.empty() ? "" : ", ") +
                    (chance(2) ? "packet = true" : fmt::format("packet_id = {} : i32", below(15)));
    }
    return fmt::format("    aie.objectfifo @{}({}{}, {{{}}}, {}){} : !aie.objectfifo<{}>\n", name,
                       from, to.empty() ? "" : " dimensionsToStream " + text(to), consumers, depth,
                       attributes.empty() ? "" : " {" + attributes + "}", memref(n));
  }
  std::string depthText(int least) {
    const int d = least + below(3);
    return chance(3) ? fmt::format("[{}, {}]", d, least + below(3)) : fmt::format("{} : i32", d);
  }

  /// A core that takes groups of `group` objects of `in`, and gives as many to each of `outs`:
  /// the elements in the objects' reverse order, plus `add`.
  void core(std::pair<int, int> at, const std::string &in, const std::vector<std::string> &outs,
            int64_t n, int group, int add) {
    // What is added may come at run time.
    const bool parameter = chance(4);
    const std::string rtp = fmt::format("rtp_{}_{}", at.first, at.second);
    if (parameter) {
      tile(at.first, at.second);
      fifos_ += fmt::format("    %{} = aie.buffer(%t{}_{}) {{sym_name = \"{}\"}} : memref<4xi32>\n",
                            rtp, at.first, at.second, rtp);
      parameters_ += fmt::format("      aiex.npu.rtp_write(@{}, 2, {})\n", rtp, add);
    }
    const std::string m = memref(n);
    const std::string view = fmt::format("!aie.objectfifosubview<{}>", m);
    std::string t = fmt::format("    aie.core({}) {{\n", tile(at.first, at.second));
    t += fmt::format("      %c0 = arith.constant 0 : index\n      %c1 = arith.constant 1 : index\n"
                     "      %n = arith.constant {} : index\n"
                     "      %forever = arith.constant 4294967295 : index\n"
                     "      %k = arith.constant {} : {}\n"
                     "      scf.for %round = %c0 to %forever step %c1 {{\n",
                     n, parameter ? 0 : add, type_);
    t += fmt::format("        %in = aie.objectfifo.acquire @{}(Consume, {}) : {}\n", in, group,
                     view);
    for (size_t o = 0; o < outs.size(); ++o)
      t += fmt::format("        %out{} = aie.objectfifo.acquire @{}(Produce, {}) : {}\n", o,
                       outs[o], group, view);
    // The input was sent after the parameter was written.
    std::string addend = "%k";
    if (parameter) {
      t += fmt::format("        %two = arith.constant 2 : index\n"
                       "        %p32 = memref.load %{}[%two] : memref<4xi32>\n",
                       rtp);
      addend = "%p32";
      if (bytes_ < 4) {
        t += fmt::format("        %p = arith.trunci %p32 : i32 to {}\n", type_);
        addend = "%p";
      }
    }
    for (int g = 0; g < group; ++g) {
      t += fmt::format("        %x{} = aie.objectfifo.subview.access %in[{}] : {} -> {}\n", g,
                       group - 1 - g, view, m);
      for (size_t o = 0; o < outs.size(); ++o)
        t += fmt::format("        %y{}_{} = aie.objectfifo.subview.access %out{}[{}] : {} -> {}\n",
                         o, g, o, g, view, m);
      t += "        scf.for %i = %c0 to %n step %c1 {\n";
      t += fmt::format("          %v = memref.load %x{}[%i] : {}\n", g, m);
      t += fmt::format("          %s = arith.addi %v, {} : {}\n", addend, type_);
      for (size_t o = 0; o < outs.size(); ++o)
        t += fmt::format("          memref.store %s, %y{}_{}[%i] : {}\n", o, g, m);
      t += "        }\n";
    }
    t += fmt::format("        aie.objectfifo.release @{}(Consume, {})\n", in, group);
    for (const std::string &o : outs)
      t += fmt::format("        aie.objectfifo.release @{}(Produce, {})\n", o, group);
    t += "      }\n      aie.end\n    }\n";
    cores_ += t;
  }
  /// A core that takes a window of two objects, gives their sum, and lets the older one go.
  void windowCore(std::pair<int, int> at, const std::string &in, const std::string &out,
                  int64_t n) {
    const std::string m = memref(n);
    const std::string view = fmt::format("!aie.objectfifosubview<{}>", m);
    cores_ += fmt::format(
        "    aie.core({0}) {{\n"
        "      %c0 = arith.constant 0 : index\n      %c1 = arith.constant 1 : index\n"
        "      %n = arith.constant {1} : index\n"
        "      %forever = arith.constant 4294967295 : index\n"
        "      scf.for %round = %c0 to %forever step %c1 {{\n"
        "        %in = aie.objectfifo.acquire @{2}(Consume, 2) : {4}\n"
        "        %out = aie.objectfifo.acquire @{3}(Produce, 1) : {4}\n"
        "        %x0 = aie.objectfifo.subview.access %in[0] : {4} -> {5}\n"
        "        %x1 = aie.objectfifo.subview.access %in[1] : {4} -> {5}\n"
        "        %y = aie.objectfifo.subview.access %out[0] : {4} -> {5}\n"
        "        scf.for %i = %c0 to %n step %c1 {{\n"
        "          %a = memref.load %x0[%i] : {5}\n          %b = memref.load %x1[%i] : {5}\n"
        "          %s = arith.addi %a, %b : {6}\n          memref.store %s, %y[%i] : {5}\n"
        "        }}\n"
        "        aie.objectfifo.release @{2}(Consume, 1)\n"
        "        aie.objectfifo.release @{3}(Produce, 1)\n      }}\n      aie.end\n    }}\n",
        tile(at.first, at.second), n, in, out, view, m, type_);
  }
  Elements afterWindow(const Elements &in, int64_t n) const {
    Elements out;
    for (size_t i = 0; i + static_cast<size_t>(n) < in.size(); ++i)
      out.push_back(wrap(in[i] + in[i + static_cast<size_t>(n)]));
    return out;
  }
  Elements afterCore(const Elements &in, int64_t n, int group, int add) const {
    Elements out;
    const int64_t batch = n * group;
    for (int64_t at = 0; at + batch <= static_cast<int64_t>(in.size()); at += batch)
      for (int g = 0; g < group; ++g)
        for (int64_t i = 0; i < n; ++i)
          out.push_back(wrap(in[static_cast<size_t>(at + (group - 1 - g) * n + i)] + add));
    return out;
  }
  static Elements perObject(const Elements &in, int64_t n, const std::vector<int64_t> &order,
                            bool scatter) {
    Elements out(in.size());
    for (size_t base = 0; base + static_cast<size_t>(n) <= in.size();
         base += static_cast<size_t>(n))
      for (size_t k = 0; k < static_cast<size_t>(n); ++k) {
        const size_t at = static_cast<size_t>(order[k]);
        if (scatter)
          out[base + at] = in[base + k];
        else
          out[base + k] = in[base + at];
      }
    return out;
  }

  // --- the kinds of streams ---------------------------------------------------------------------
  /// shim -> [memtile] -> core -> ... -> core -> [memtile] -> shim
  void pipeline() {
    elementType();
    const int64_t n = pick({4, 8, 12, 16, 24, 32, 64, 100});
    const int objects = pick({6, 12, 12, 24});
    const std::string shim = tile(column_, 0);
    int stages = 1 + below(3);
    std::string in = fifoName();
    const std::string entry = in;
    Elements stream = feed(entry, n * objects, 2 * index_);
    std::string from = shim;
    std::pair<int, int> at = freeCore({column_, 2});
    int group = 1 + below(3);
    const bool memIn = chance(2);
    int repeat = 1;
    if (memIn) {
      const std::string mem = tile(columns_ > 1 && chance(3) ? below(columns_) : column_, 1);
      fifos_ += fifoText(entry, shim, {}, {mem}, fmt::format("{} : i32", 1 + below(3)), n);
      in = fifoName();
      Dims to = chance(2) ? reorder(n, 2 + below(3)) : Dims{};
      repeat = chance(4) ? 2 + below(3) : 1;
      fifos_ += fifoText(in, mem, to, {tile(at.first, at.second)}, depthText(group), n,
                         repeat > 1 ? fmt::format("repeat_count = {} : i32", repeat) : "");
      fifos_ += fmt::format("    aie.objectfifo.link [@{}] -> [@{}] ([] [])\n", entry, in);
      if (!to.empty()) stream = perObject(stream, n, visit(to), false);
      if (repeat > 1) {
        Elements more;
        for (size_t base = 0; base < stream.size(); base += static_cast<size_t>(n))
          for (int r = 0; r < repeat; ++r)
            more.insert(more.end(), stream.begin() + static_cast<long>(base),
                        stream.begin() + static_cast<long>(base) + n);
        stream = std::move(more);
      }
    } else {
      if (chance(3)) {
        scatter_ = reorder(n, 2 + below(2));
        if (!scatter_.empty()) stream = perObject(stream, n, visit(scatter_), true);
      }
      fifos_ += fifoText(entry, shim, {}, {tile(at.first, at.second)}, depthText(group), n);
    }
    for (int s = 0; s < stages; ++s) {
      const int add = below(100) - 50;
      const std::string out = fifoName();
      const bool last = s + 1 == stages;
      std::string to;
      std::pair<int, int> next = at;
      int nextGroup = group;
      if (!last) {
        next = freeCore(at);
        nextGroup = 1 + below(3);
        to = tile(next.first, next.second);
      }
      core(at, in, {out}, n, group, add);
      stream = afterCore(stream, n, group, add);
      if (last) {
        finish(out, at, group, stream, n);
      } else {
        // Less could lock: the giver waits for room, the taker for one object more.
        fifos_ += fifoText(out, tile(at.first, at.second), {}, {to},
                           depthText(group + nextGroup - 1), n, chance(4) ? "via_DMA = true" : "");
      }
      in = out;
      at = next;
      group = nextGroup;
    }
  }
  /// shim -> core with a sliding window -> shim
  void window() {
    elementType();
    const int64_t n = pick({4, 8, 16, 64});
    const int objects = pick({5, 9, 12});
    const auto at = freeCore({column_, 2});
    const std::string in = fifoName(), out = fifoName();
    const Elements stream = feed(in, n * objects, 2 * index_);
    fifos_ += fifoText(in, tile(column_, 0), {}, {tile(at.first, at.second)}, depthText(2), n);
    windowCore(at, in, out, n);
    finish(out, at, 1, afterWindow(stream, n), n);
  }

  /// A memtile that pads each object with zeros on its way to a core.
  void padded() {
    bytes_ = 4;
    type_ = "i32";
    const int64_t rows = 1 + below(6), row = 1 + below(12);
    const int64_t top = below(3), bottom = below(3), left = below(4), right = below(4);
    const int64_t n = rows * row, bigger = (rows + top + bottom) * (row + left + right);
    const int objects = pick({4, 6});
    const auto at = freeCore({column_, 2});
    const std::string mem = tile(column_, 1), in = fifoName(), wide = fifoName(), out = fifoName();
    const Elements stream = feed(in, n * objects, 2 * index_);
    fifos_ += fifoText(in, tile(column_, 0), {}, {mem}, fmt::format("{} : i32", 1 + below(3)), n);
    fifos_ += fifoText(
        wide, mem, {{rows, row}, {row, 1}}, {tile(at.first, at.second)}, depthText(1), bigger,
        fmt::format("padDimensions = #aie<bd_pad_layout_array[<const_pad_before = {}, "
                    "const_pad_after = {}>, <const_pad_before = {}, const_pad_after = {}>]>",
                    top, bottom, left, right));
    fifos_ += fmt::format("    aie.objectfifo.link [@{}] -> [@{}] ([] [])\n", in, wide);
    Elements padded;
    for (int o = 0; o < objects; ++o)
      for (int64_t r = -top; r < rows + bottom; ++r)
        for (int64_t c = -left; c < row + right; ++c)
          padded.push_back(r < 0 || r >= rows || c < 0 || c >= row
                               ? 0
                               : stream[static_cast<size_t>(o * n + r * row + c)]);
    const int add = below(100) - 50;
    core(at, wide, {out}, bigger, 1, add);
    finish(out, at, 1, afterCore(padded, bigger, 1, add), bigger);
  }

  /// No object FIFO: flows, locks, descriptors and lock uses as the design writes them.
  void byHand() {
    elementType();
    const int64_t n = pick({4, 8, 16, 48});
    const int objects = 2 * (1 + below(5));
    const auto at = freeCore({column_, 2});
    const std::string core = tile(at.first, at.second), shim = tile(column_, 0);
    const std::string id = fmt::format("h{}", index_), in = id + "_in", out = id + "_out";
    hand_.insert({in, out});
    const Elements stream = feed(in, n * objects, 2 * index_);
    const int add = below(100) - 50;
    const std::string m = memref(n);
    std::string &t = fifos_;
    for (const char *side : {"a", "b"}) {
      for (int k = 0; k < 2; ++k)
        t += fmt::format("    %{0}_{1}{2} = aie.buffer({3}) {{sym_name = \"{0}_{1}{2}\"}} : {4}\n",
                         id, side, k, core, m);
      t += fmt::format("    %{0}_{1}_free = aie.lock({2}) {{init = 2 : i32}}\n"
                       "    %{0}_{1}_full = aie.lock({2}) {{init = 0 : i32}}\n",
                       id, side, core);
    }
    // Channels 1 of the core, so that the design's own choice is seen.
    t += fmt::format("    aie.shim_dma_allocation @{} ({}, MM2S, 0)\n"
                     "    aie.shim_dma_allocation @{} ({}, S2MM, 0)\n"
                     "    aie.flow({}, DMA : 0, {}, DMA : 1)\n",
                     in, shim, out, shim, shim, core);
    const bool packets = chance(2);
    if (packets)
      t += fmt::format("    aie.packet_flow({}) {{\n      aie.packet_source<{}, DMA : 1>\n"
                       "      aie.packet_dest<{}, DMA : 0>\n    }}\n",
                       16 + index_, core, shim);
    else
      t += fmt::format("    aie.flow({}, DMA : 1, {}, DMA : 0)\n", core, shim);
    t += fmt::format("    aie.mem({}) {{\n      %s = aie.dma_start(S2MM, 1, ^in0, ^next)\n", core);
    auto bd = [&](const std::string &block, const std::string &next, const char *side, int k,
                  const char *take, const char *give, const std::string &tail) {
      t += fmt::format("    ^{0}:\n      aie.use_lock(%{1}_{2}_{4}, AcquireGreaterEqual, 1)\n"
                       "      aie.dma_bd(%{1}_{2}{3} : {6}, 0, {7}){8}\n"
                       "      aie.use_lock(%{1}_{2}_{5}, Release, 1)\n      aie.next_bd ^{9}\n",
                       block, id, side, k, take, give, m, n, tail, next);
    };
    const std::string packet =
        packets
            ? fmt::format(" {{packet = #aie.packet_info<pkt_type = 0, pkt_id = {}>}}", 16 + index_)
            : "";
    bd("in0", "in1", "a", 0, "free", "full", "");
    bd("in1", "in0", "a", 1, "free", "full", "");
    t += "    ^next:\n      %d = aie.dma_start(MM2S, 1, ^out0, ^last)\n";
    bd("out0", "out1", "b", 0, "full", "free", packet);
    bd("out1", "out0", "b", 1, "full", "free", packet);
    t += "    ^last:\n      aie.end\n    }\n";
    std::string &c = cores_;
    c += fmt::format("    aie.core({}) {{\n      %c0 = arith.constant 0 : index\n"
                     "      %c1 = arith.constant 1 : index\n"
                     "      %n = arith.constant {} : index\n"
                     "      %forever = arith.constant 4294967295 : index\n"
                     "      %k = arith.constant {} : {}\n"
                     "      scf.for %round = %c0 to %forever step %c1 {{\n",
                     core, n, add, type_);
    for (int k = 0; k < 2; ++k)
      c += fmt::format("        aie.use_lock(%{0}_a_full, AcquireGreaterEqual, 1)\n"
                       "        aie.use_lock(%{0}_b_free, AcquireGreaterEqual, 1)\n"
                       "        scf.for %i = %c0 to %n step %c1 {{\n"
                       "          %v = memref.load %{0}_a{1}[%i] : {2}\n"
                       "          %s = arith.addi %v, %k : {3}\n"
                       "          memref.store %s, %{0}_b{1}[%i] : {2}\n        }}\n"
                       "        aie.use_lock(%{0}_a_free, Release, 1)\n"
                       "        aie.use_lock(%{0}_b_full, Release, 1)\n",
                       id, k, m, type_);
    c += "      }\n      aie.end\n    }\n";
    collect(out, afterCore(stream, n, 1, add), 2 * index_ + 1);
  }

  /// From the last core to host memory.
  void finish(const std::string &out, std::pair<int, int> at, int group, Elements stream,
              int64_t n) {
    const std::string shim = tile(column_, 0), from = tile(at.first, at.second);
    Dims to = chance(3) ? reorder(n, 2 + below(2)) : Dims{};
    if (!to.empty()) stream = perObject(stream, n, visit(to), false);
    if (chance(2)) {
      const std::string mem = tile(column_, 1), last = fifoName();
      fifos_ += fifoText(out, from, to, {mem}, depthText(group), n);
      Dims to2 = chance(2) ? reorder(n, 2 + below(3)) : Dims{};
      fifos_ += fifoText(last, mem, to2, {shim}, fmt::format("{} : i32", 1 + below(3)), n);
      fifos_ += fmt::format("    aie.objectfifo.link [@{}] -> [@{}] ([] [])\n", out, last);
      if (!to2.empty()) stream = perObject(stream, n, visit(to2), false);
      collect(last, stream, 2 * index_ + 1);
    } else {
      fifos_ += fifoText(out, from, to, {shim}, depthText(group), n);
      collect(out, stream, 2 * index_ + 1);
    }
  }

  /// One stream to several cores, each with its own way back.
  void broadcast() {
    elementType();
    const int64_t n = pick({4, 8, 16, 32});
    const int objects = 12;
    const int cores = std::min(columns_, 2 + below(2));
    const std::string entry = fifoName();
    const Elements stream = feed(entry, n * objects, 2 * index_);
    std::vector<std::string> ends;
    std::vector<std::pair<int, int>> places;
    for (int c = 0; c < cores; ++c) {
      places.push_back(freeCore({column_, 2 + c}));
      ends.push_back(tile(places.back().first, places.back().second));
    }
    int deepest = 1;
    std::vector<int> groups;
    for (int c = 0; c < cores; ++c) {
      groups.push_back(1 + below(2));
      deepest = std::max(deepest, groups.back());
    }
    fifos_ +=
        fifoText(entry, tile(column_, 0), {}, ends, fmt::format("{} : i32", deepest + below(2)), n);
    for (int c = 0; c < cores; ++c) {
      const int add = below(100) - 50;
      const std::string out = fifoName();
      core(places[static_cast<size_t>(c)], entry, {out}, n, groups[static_cast<size_t>(c)], add);
      // The second way back uses another column, so that every shim has channels for all.
      const int col = (column_ + c) % columns_;
      fifos_ += fifoText(out, ends[static_cast<size_t>(c)], {}, {tile(col, 0)},
                         depthText(groups[static_cast<size_t>(c)]), n);
      collect(out, afterCore(stream, n, groups[static_cast<size_t>(c)], add), 8 + 4 * index_ + c);
    }
  }

  /// Objects dealt out over cores by a memtile and joined by one.
  void split() {
    elementType();
    const int cores = 2 + below(2);
    const int64_t unit = std::max<int64_t>(4 / bytes_, 1);
    std::vector<int64_t> sizes, offsets;
    int64_t whole = 0;
    for (int c = 0; c < cores; ++c) {
      sizes.push_back(unit * (1 + below(12)));
      offsets.push_back(whole);
      whole += sizes.back();
    }
    const int objects = 6;
    const std::string entry = fifoName(), exit = fifoName();
    const Elements stream = feed(entry, whole * objects, 2 * index_);
    const std::string mem = tile(column_, 1), shim = tile(column_, 0);
    const std::string depth = fmt::format("{} : i32", 1 + below(2));
    fifos_ += fifoText(entry, shim, {}, {mem}, depth, whole);
    Elements result(stream.size());
    std::string ins, outs, list;
    std::string parts, backs;
    for (int c = 0; c < cores; ++c) {
      const auto at = freeCore({column_, 2 + c});
      const std::string in = fifoName(), out = fifoName(), t = tile(at.first, at.second);
      const size_t k = static_cast<size_t>(c);
      const int add = below(100) - 50;
      parts += fifoText(in, mem, {}, {t}, fmt::format("{} : i32", 1 + below(2)), sizes[k]);
      backs += fifoText(out, t, {}, {mem}, fmt::format("{} : i32", 1 + below(2)), sizes[k]);
      core(at, in, {out}, sizes[k], 1, add);
      ins += fmt::format("{}@{}", c ? ", " : "", in);
      outs += fmt::format("{}@{}", c ? ", " : "", out);
      list += fmt::format("{}{}", c ? ", " : "", offsets[k]);
      for (int o = 0; o < objects; ++o)
        for (int64_t i = 0; i < sizes[k]; ++i) {
          const size_t e = static_cast<size_t>(o * whole + offsets[k] + i);
          result[e] = wrap(stream[e] + add);
        }
    }
    fifos_ +=
        parts + fmt::format("    aie.objectfifo.link [@{}] -> [{}] ([] [{}])\n", entry, ins, list);
    fifos_ += backs + fifoText(exit, mem, {}, {shim}, depth, whole);
    fifos_ += fmt::format("    aie.objectfifo.link [{}] -> [@{}] ([{}] [])\n", outs, exit, list);
    collect(exit, result, 2 * index_ + 1);
  }

  static constexpr int kChainIds = 4; ///< a chain's second descriptor has this much more
  std::mt19937_64 random_;
  int columns_ = 1, column_ = 0, index_ = 0, bytes_ = 4, fifoCount_ = 0;
  std::string type_;
  std::set<std::pair<int, int>> taken_;
  std::vector<std::string> tiles_, types_;
  std::vector<int64_t> extents_;
  std::string fifos_, cores_, parameters_, starts_, waits_;
  Dims scatter_;               ///< of the next FIFO's consumers
  int packets_ = 0;            ///< FIFOs that may still be sent as packets
  std::set<std::string> hand_; ///< shim allocations that the design writes itself
  Case result_;
};

} // namespace ashlar::designs_test
