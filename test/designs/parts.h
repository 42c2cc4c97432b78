// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What random designs are made of: chance, names, access patterns, the host's side, cores. Each
// part comes with what it does to a sequence of elements.
#pragma once

#include "designs/run.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ashlar::designs_test {

using Elements = std::vector<int64_t>;
using Dims = std::vector<std::pair<int64_t, int64_t>>; ///< size, stride; outermost first

class Parts {
public:
  explicit Parts(uint64_t seed) : random_(seed) {}

protected:
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
      // What is sent may be waited for too.
      const bool token = !collects && chance(4);
      memcpyNd(argument, d, hand_.count(fifo) ? fifo : chance(2) ? fifo : alloc, id, {}, token);
      if (collects || token)
        waits_ += fmt::format("      aiex.npu.dma_wait {{symbol = @{}}}\n", alloc);
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
  void memcpyNd(int argument, const Dims &d, const std::string &fifo, int id,
                const std::string &packet = {}, bool token = false) {
    starts_ += fmt::format("      aiex.npu.dma_memcpy_nd(%a{}[0, 0, 0, 0][{}, {}, {}, {}][{}, {}, "
                           "{}, {}]{}) {{id = {} : "
                           "i64, metadata = @{}{}}} : memref<{}x{}>\n",
                           argument, d[0].first, d[1].first, d[2].first, d[3].first, d[0].second,
                           d[1].second, d[2].second, d[3].second, packet, id, fifo,
                           token ? ", issue_token = true" : "",
                           extents_[static_cast<size_t>(argument)], type_);
  }
  int64_t wrap(int64_t v) const {
    return bytes_ == 1 ? int8_t(v) : bytes_ == 2 ? int16_t(v) : int32_t(v);
  }
  Elements feed(const std::string &fifo, int64_t total, int id, const std::string &packet = {}) {
    const Dims pattern = hostPattern(total);
    const int a = argument(pattern);
    if (packet.empty())
      transfer(a, pattern, fifo, id, false);
    else
      memcpyNd(a, pattern, fifo, id, packet);
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
                       const std::string &given = {}, int64_t taken = 0) {
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
    return fmt::format("    aie.objectfifo @{}({}{}, {{{}}}, {}){} : !aie.objectfifo<{}>{}\n", name,
                       from, to.empty() ? "" : " dimensionsToStream " + text(to), consumers, depth,
                       attributes.empty() ? "" : " {" + attributes + "}", memref(n),
                       taken ? fmt::format(" -> !aie.objectfifo<{}>", memref(taken)) : "");
  }
  std::string depthText(int least) {
    const int d = least + below(3);
    return chance(3) ? fmt::format("[{}, {}]", d, least + below(3)) : fmt::format("{} : i32", d);
  }

  /// A core that takes groups of `group` objects of `in`, and gives as many to each of `outs`:
  /// the elements in the objects' reverse order, plus `add`.
  void core(std::pair<int, int> at, const std::string &in, const std::vector<std::string> &outs,
            int64_t n, int group, int add, bool early = false) {
    // What is added may come at run time, where nothing comes before it.
    const bool parameter = !early && chance(4);
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
  /// How the cores below begin: constants, and a loop without end.
  std::string coreHead(std::pair<int, int> at, int64_t n) {
    return fmt::format(
        "    aie.core({}) {{\n"
        "      %c0 = arith.constant 0 : index\n      %c1 = arith.constant 1 : index\n"
        "      %n = arith.constant {} : index\n"
        "      %forever = arith.constant 4294967295 : index\n"
        "      scf.for %round = %c0 to %forever step %c1 {{\n",
        tile(at.first, at.second), n);
  }
  std::string take(const std::string &value, const std::string &fifo, const char *port, int64_t n) {
    return fmt::format("        %s_{0} = aie.objectfifo.acquire @{1}({2}, 1) : "
                       "!aie.objectfifosubview<{3}>\n"
                       "        %{0} = aie.objectfifo.subview.access %s_{0}[0] : "
                       "!aie.objectfifosubview<{3}> -> {3}\n",
                       value, fifo, port, memref(n));
  }
  static std::string give(const std::string &fifo, const char *port) {
    return fmt::format("        aie.objectfifo.release @{}({}, 1)\n", fifo, port);
  }
  static constexpr const char *kCoreTail = "      }\n      aie.end\n    }\n";
  /// The sums of the objects of two FIFOs.
  void sumCore(std::pair<int, int> at, const std::string &a, const std::string &b,
               const std::string &out, int64_t n) {
    const std::string m = memref(n);
    cores_ += coreHead(at, n) + take("x", a, "Consume", n) + take("y", b, "Consume", n) +
              take("z", out, "Produce", n) +
              fmt::format("        scf.for %i = %c0 to %n step %c1 {{\n"
                          "          %a = memref.load %x[%i] : {0}\n"
                          "          %b = memref.load %y[%i] : {0}\n"
                          "          %s = arith.addi %a, %b : {1}\n"
                          "          memref.store %s, %z[%i] : {0}\n        }}\n",
                          m, type_) +
              give(a, "Consume") + give(b, "Consume") + give(out, "Produce") + kCoreTail;
  }
  /// Every `of`-th object; which path is taken, and so the place in `out`, depends on the round. A
  /// function may be what acquires and releases.
  void filterCore(std::pair<int, int> at, const std::string &in, const std::string &out, int64_t n,
                  int of) {
    const std::string m = memref(n), function = "pass_" + out;
    const std::string copy = take("z", out, "Produce", n) +
                             fmt::format("        scf.for %i = %c0 to %n step %c1 {{\n"
                                         "          %a = memref.load %x[%i] : {0}\n"
                                         "          memref.store %a, %z[%i] : {0}\n        }}\n",
                                         m) +
                             give(out, "Produce");
    const bool called = chance(2);
    if (called)
      fifos_ += fmt::format("    func.func private @{}(%x: {}) {{\n"
                            "      %c0 = arith.constant 0 : index\n"
                            "      %c1 = arith.constant 1 : index\n"
                            "      %n = arith.constant {} : index\n",
                            function, m, n) +
                copy + "      return\n    }\n";
    cores_ +=
        coreHead(at, n) + take("x", in, "Consume", n) +
        fmt::format("        %of = arith.constant {} : index\n"
                    "        %rest = arith.remui %round, %of : index\n"
                    "        %keep = arith.cmpi eq, %rest, %c0 : index\n"
                    "        scf.if %keep {{\n",
                    of) +
        (called ? fmt::format("        func.call @{}(%x) : ({}) -> ()\n", function, m) : copy) +
        "        }\n" + give(in, "Consume") + kCoreTail;
  }
  /// The lower or right one of two cores gets its objects from the other through the cascade.
  void cascadeCores(std::pair<int, int> first, std::pair<int, int> second, const std::string &in,
                    const std::string &out, int64_t n, int add) {
    const std::string m = memref(n);
    const char *loop = "        %c16 = arith.constant 16 : index\n"
                       "        scf.for %i = %c0 to %n step %c16 {\n";
    fifos_ += fmt::format("    aie.cascade_flow({}, {})\n", tile(first.first, first.second),
                          tile(second.first, second.second));
    cores_ += coreHead(first, n) + take("x", in, "Consume", n) + loop +
              fmt::format("          %v = vector.load %x[%i] : {}, vector<16xi32>\n"
                          "          aie.put_cascade(%v : vector<16xi32>)\n        }}\n",
                          m) +
              give(in, "Consume") + kCoreTail;
    cores_ += coreHead(second, n) + take("z", out, "Produce", n) + loop +
              fmt::format("          %v = aie.get_cascade() : vector<16xi32>\n"
                          "          %k = arith.constant dense<{}> : vector<16xi32>\n"
                          "          %s = arith.addi %v, %k : vector<16xi32>\n"
                          "          vector.store %s, %z[%i] : {}, vector<16xi32>\n        }}\n",
                          add, m) +
              give(out, "Produce") + kCoreTail;
  }
  /// Objects `first`, then those of `then`.
  static Elements joined(Elements first, const Elements &then) {
    first.insert(first.end(), then.begin(), then.end());
    return first;
  }
  /// `count` objects of initial values: as elements, and as the design writes them.
  Elements initial(int count, int64_t n, std::string &written) {
    Elements out;
    for (int o = 0; o < count; ++o) {
      std::string list;
      for (int64_t i = 0; i < n; ++i) {
        out.push_back(below(200) - 100);
        list += fmt::format("{}{}", i ? ", " : "", out.back());
      }
      written += fmt::format("{}dense<[{}]> : {}", o ? ", " : "", list, memref(n));
    }
    return out;
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

  static constexpr int kChainIds = 4; ///< a chain's second descriptor has this much more
  std::mt19937_64 random_;
  int columns_ = 1, column_ = 0, index_ = 0, bytes_ = 4, fifoCount_ = 0;
  std::string type_;
  std::set<std::pair<int, int>> taken_;
  std::vector<std::string> tiles_, types_;
  std::vector<int64_t> extents_;
  std::string fifos_, cores_, parameters_, starts_, waits_;
  Dims scatter_;                    ///< of the next FIFO's consumers
  int packets_ = 0;                 ///< FIFOs that may still be sent as packets
  std::set<std::string> hand_;      ///< shim allocations that the design writes itself
  std::map<int, int> handChannels_; ///< of a column's shim, that flows written by hand have
  std::set<int> handMems_;          ///< columns whose memtile has a program written by hand
  Case result_;
};

} // namespace ashlar::designs_test
