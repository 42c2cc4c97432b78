// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random small legal designs with what they must compute. A design is one or two streams from host
// memory through cores and memtiles and back; every step is known as a function of the sequence of
// elements, so the expected bytes come from here and not from any part of the tool.
#pragma once

#include "designs/parts.h"

namespace ashlar::designs_test {

class Generator : public Parts {
public:
  using Parts::Parts;

  Case make() {
    streams();
    std::string all = "module {\n";
    // The first device is the one that is built.
    const bool several = chance(6);
    all += fmt::format("  aie.device({}){} {{\n", kind(), several ? " @first" : "");
    all += contents();
    if (several && chance(2)) {
      // One sequence that runs another.
      all += fmt::format("    aie.runtime_sequence @outer({0}) {{\n      aiex.configure @first {{\n"
                         "        aiex.run @inner({1}) : ({2})\n      }}\n    }}\n"
                         "    aie.runtime_sequence @inner({0}) {{\n{3}    }}\n",
                         arguments(0), passed(0), passedTypes(), body());
    } else {
      all += fmt::format("    aie.runtime_sequence({}) {{\n{}    }}\n", arguments(0), body());
    }
    all += "  }\n";
    if (several)
      all += "  aie.device(npu1_1col) @second {\n    %t = aie.tile(0, 2)\n"
             "    %b = aie.buffer(%t) : memref<8xi32>\n  }\n";
    all += "}\n";
    result_.text = all;
    return std::move(result_);
  }

  /// Two or three such designs in one module, configured one after the other by a sequence of the
  /// first or of a device that is empty. A design may come twice: it does the same again.
  static Case several(uint64_t seed) {
    Generator choose(seed);
    const int count = 2 + choose.below(2);
    const bool ownDevice = choose.chance(2);
    Case all;
    std::vector<Generator> parts;
    std::vector<size_t> first;
    for (int i = 0; i < count; ++i) {
      Generator &g = parts.emplace_back(seed * 8 + static_cast<uint64_t>(i) + 1);
      g.quiet_ = true;
      g.streams();
      first.push_back(all.arguments.size());
      all.arguments.insert(all.arguments.end(), g.result_.arguments.begin(),
                           g.result_.arguments.end());
    }
    all.text = "module {\n";
    std::string arguments;
    for (int i = 0; i < count; ++i)
      arguments +=
          (i ? ", " : "") + parts[static_cast<size_t>(i)].arguments(first[static_cast<size_t>(i)]);
    std::string calls = ownDevice ? parts[0].body() : std::string();
    const int turns = count + choose.below(3);
    for (int turn = ownDevice ? 1 : 0; turn < turns; ++turn) {
      const int i = turn < count ? turn : choose.below(count);
      const Generator &g = parts[static_cast<size_t>(i)];
      calls +=
          fmt::format("      aiex.configure @d{} {{\n        aiex.run @go({}) : ({})\n      }}\n",
                      i, g.passed(first[static_cast<size_t>(i)]), g.passedTypes());
    }
    const std::string outer =
        fmt::format("    aie.runtime_sequence @outer({}) {{\n{}    }}\n", arguments, calls);
    for (int i = 0; i < count; ++i) {
      const Generator &g = parts[static_cast<size_t>(i)];
      all.text += fmt::format("  aie.device({}) @d{} {{\n{}{}    aie.runtime_sequence @go({}) "
                              "{{\n{}    }}\n  }}\n",
                              ownDevice && i == 0 ? "npu1" : g.kind(), i, g.contents(),
                              ownDevice && i == 0 ? outer : "", g.arguments(0), g.body());
    }
    if (!ownDevice) all.text += fmt::format("  aie.device(npu1) @main {{\n{}  }}\n", outer);
    all.text += "}\n";
    return all;
  }

private:
  void streams() {
    columns_ = pick({1, 1, 2, 3, 4});
    const int streams = columns_ > 1 && chance(2) ? 2 : 1;
    result_.dynamic = chance(4);
    // One at most: two streams of packets on one route may wait for each other.
    packets_ = chance(3) ? 1 : 0;
    for (int s = 0; s < streams; ++s) {
      index_ = s;
      column_ = columns_ == 1 ? 0 : below(columns_);
      int kind = below(16);
      // Weights are sent again and again, asked for or not: words between tiles outlast a device.
      if (quiet_ && kind == 7) kind = 15;
      switch (kind) {
      case 0:
      case 1: broadcast(); break;
      case 2: split(); break;
      case 3: byHand(); break;
      case 4: padded(); break;
      case 5: window(); break;
      case 6: preset(); break;
      case 7: weights(); break;
      case 8: memtileByHand(); break;
      case 9: cascade(); break;
      case 10: packetsById(); break;
      case 11: filtered(); break;
      default: pipeline(); break;
      }
    }
  }

  bool quiet_ = false; ///< nothing is under way when the sequence has come to its end

  // --- what they have made, as text -------------------------------------------------------------
  std::string kind() const {
    return columns_ == 4 ? std::string("npu1") : fmt::format("npu1_{}col", columns_);
  }
  std::string contents() const {
    std::string all;
    for (const std::string &t : tiles_) all += "    " + t + "\n";
    return all + fifos_ + cores_;
  }
  std::string body() const { return parameters_ + starts_ + waits_; }
  /// `first`: the number of the first argument.
  std::string arguments(size_t first) const {
    std::string all;
    for (size_t i = 0; i < extents_.size(); ++i)
      all += fmt::format("{}%a{}: memref<{}x{}>", i ? ", " : "", first + i, extents_[i], types_[i]);
    return all;
  }
  std::string passed(size_t first) const {
    std::string all;
    for (size_t i = 0; i < extents_.size(); ++i)
      all += fmt::format("{}%a{}", i ? ", " : "", first + i);
    return all;
  }
  std::string passedTypes() const {
    std::string all;
    for (size_t i = 0; i < extents_.size(); ++i)
      all += fmt::format("{}memref<{}x{}>", i ? ", " : "", extents_[i], types_[i]);
    return all;
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
      // The core may take objects of half the size.
      const bool halves = chance(5);
      const int64_t held = halves ? 2 * n : n;
      if (chance(4)) {
        scatter_ = reorder(held, 2 + below(3));
        if (!scatter_.empty()) stream = perObject(stream, held, visit(scatter_), true);
      }
      fifos_ += fifoText(entry, shim, {}, {mem}, fmt::format("{} : i32", 1 + below(3)), held);
      in = fifoName();
      Dims to = !halves && chance(2) ? reorder(n, 2 + below(3)) : Dims{};
      repeat = !halves && chance(4) ? 2 + below(3) : 1;
      fifos_ += fifoText(in, mem, to, {tile(at.first, at.second)}, depthText(group), held,
                         repeat > 1 ? fmt::format("repeat_count = {} : i32", repeat) : "",
                         halves ? n : 0);
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
                           depthText(group + nextGroup - 1), n, between(at, next));
      }
      in = out;
      at = next;
      group = nextGroup;
    }
  }
  /// How two cores share: by DMA, or in the memory of either where both reach it.
  std::string between(std::pair<int, int> a, std::pair<int, int> b) {
    if (chance(4)) return "via_DMA = true";
    if (a.first == b.first && std::abs(a.second - b.second) == 1 && chance(2))
      return fmt::format("via_shared_mem = {} : i32", below(2));
    return {};
  }
  /// shim -> core -> core, with objects between the two before anything has come -> shim
  void preset() {
    elementType();
    const int64_t n = pick({4, 8, 12, 20});
    const int objects = pick({3, 6, 10}), held = 1 + below(3);
    const auto a = freeCore({column_, 2});
    const auto b = freeCore(a);
    const std::string in = fifoName(), middle = fifoName(), out = fifoName();
    Elements stream = feed(in, n * objects, 2 * index_);
    fifos_ += fifoText(in, tile(column_, 0), {}, {tile(a.first, a.second)}, depthText(1), n);
    std::string values;
    const Elements first = initial(held, n, values);
    std::string line = fifoText(middle, tile(a.first, a.second), {}, {tile(b.first, b.second)},
                                fmt::format("{} : i32", held), n, between(a, b));
    line.pop_back();
    fifos_ += line + " = [" + values + "]\n";
    const int addA = below(100) - 50, addB = below(100) - 50;
    core(a, in, {middle}, n, 1, addA);
    core(b, middle, {out}, n, 1, addB, true);
    stream = joined(first, afterCore(stream, n, 1, addA));
    finish(out, b, 1, afterCore(stream, n, 1, addB), n);
  }
  /// A memtile that gives the same objects again and again beside what comes from the host.
  void weights() {
    elementType();
    const int64_t n = pick({4, 8, 16, 24});
    const int held = 1 + below(2), times = 2 + below(4), objects = held * times;
    const auto at = freeCore({column_, 2});
    const std::string in = fifoName(), table = fifoName(), out = fifoName();
    const Elements stream = feed(in, n * objects, 2 * index_);
    fifos_ += fifoText(in, tile(column_, 0), {}, {tile(at.first, at.second)}, depthText(1), n);
    std::string values;
    const Elements table1 = initial(held, n, values);
    std::string line =
        fifoText(table, tile(column_, 1), {}, {tile(at.first, at.second)},
                 fmt::format("{} : i32", held), n, fmt::format("iter_count = {} : i32", times));
    line.pop_back();
    fifos_ += line + " = [" + values + "]\n";
    sumCore(at, in, table, out, n);
    Elements sums;
    for (size_t i = 0; i < stream.size(); ++i)
      sums.push_back(wrap(stream[i] + table1[i % table1.size()]));
    finish(out, at, 1, sums, n);
  }
  /// shim -> core that lets some objects pass -> shim
  void filtered() {
    elementType();
    const int64_t n = pick({4, 8, 16});
    const int of = 2 + below(3), objects = of * (2 + below(4));
    const auto at = freeCore({column_, 2});
    const std::string in = fifoName(), out = fifoName();
    const Elements stream = feed(in, n * objects, 2 * index_);
    fifos_ += fifoText(in, tile(column_, 0), {}, {tile(at.first, at.second)}, depthText(1), n);
    filterCore(at, in, out, n, of);
    Elements passed;
    for (int o = 0; o < objects; o += of)
      passed.insert(passed.end(), stream.begin() + o * n, stream.begin() + (o + 1) * n);
    finish(out, at, 1, passed, n);
  }
  /// shim -> core => cascade => core -> shim
  void cascade() {
    bytes_ = 4;
    type_ = "i32";
    std::vector<std::pair<std::pair<int, int>, std::pair<int, int>>> pairs;
    for (int c = 0; c < columns_; ++c)
      for (int r = 2; r < 6; ++r)
        for (const auto &[dc, dr] : {std::pair(0, -1), std::pair(1, 0)})
          if (c + dc < columns_ && r + dr >= 2 && !taken_.count({c, r}) &&
              !taken_.count({c + dc, r + dr}))
            pairs.push_back({{c, r}, {c + dc, r + dr}});
    if (pairs.empty()) return pipeline();
    const auto [a, b] = pairs[static_cast<size_t>(below(static_cast<int>(pairs.size())))];
    taken_.insert({a, b});
    const int64_t n = pick({16, 32, 64});
    const int objects = pick({3, 6});
    const std::string in = fifoName(), out = fifoName();
    const Elements stream = feed(in, n * objects, 2 * index_);
    fifos_ += fifoText(in, tile(column_, 0), {}, {tile(a.first, a.second)}, depthText(1), n);
    const int add = below(100) - 50;
    cascadeCores(a, b, in, out, n, add);
    finish(out, b, 1, afterCore(stream, n, 1, add), n);
  }
  /// A memtile's program as the design writes it: objects in, their parts out in another order. The
  /// buffers and locks may be those of the memtile beside it.
  void memtileByHand() {
    if (!handMems_.insert(column_).second) return pipeline();
    elementType();
    const int parts = 1 + below(3), channel = handChannels_[column_]++;
    const int64_t unit = std::max<int64_t>(4 / bytes_, 1);
    std::vector<int64_t> offsets, sizes;
    int64_t n = 0;
    for (int p = 0; p < parts; ++p) {
      sizes.push_back(unit * pick({1, 2, 4, 6, 12}));
      offsets.push_back(n);
      n += sizes.back();
    }
    const int objects = 2 * (1 + below(4));
    int home = column_;
    if (columns_ > 1 && chance(2)) home = column_ ? column_ - 1 : 1;
    const std::string mem = tile(column_, 1), holder = tile(home, 1), shim = tile(column_, 0);
    const std::string id = fmt::format("m{}", index_), in = id + "_in", out = id + "_out";
    hand_.insert({in, out});
    const Elements stream = feed(in, n * objects, 2 * index_);
    const int to = below(4), from = below(4);
    const std::string m = memref(n);
    fifos_ += fmt::format("    aie.shim_dma_allocation @{0} ({2}, MM2S, {3})\n"
                          "    aie.shim_dma_allocation @{1} ({2}, S2MM, {3})\n"
                          "    aie.flow({2}, DMA : {3}, {4}, DMA : {5})\n"
                          "    aie.flow({4}, DMA : {6}, {2}, DMA : {3})\n",
                          in, out, shim, channel, mem, to, from);
    for (int k = 0; k < 2; ++k)
      fifos_ += fmt::format("    %{0}_b{1} = aie.buffer({2}) {{sym_name = \"{0}_b{1}\"}} : {3}\n",
                            id, k, holder, m);
    fifos_ += fmt::format("    %{0}_free = aie.lock({1}) {{init = {2} : i32}}\n"
                          "    %{0}_full = aie.lock({1}) {{init = 0 : i32}}\n",
                          id, holder, 2 * parts);
    std::vector<size_t> order;
    for (size_t p = 0; p < sizes.size(); ++p) order.push_back(p);
    std::shuffle(order.begin(), order.end(), random_);
    std::vector<Dims> dims;
    std::vector<int64_t> visited;
    for (size_t p : order) {
      dims.push_back(chance(2) ? reorder(sizes[p], 2 + below(3)) : Dims{});
      const Dims whole{{sizes[p], 1}};
      for (int64_t at : visit(dims.back().empty() ? whole : dims.back()))
        visited.push_back(offsets[p] + at);
    }
    fifos_ += fmt::format("    aie.memtile_dma({}) {{\n"
                          "      %s = aie.dma_start(S2MM, {}, ^in0, ^next)\n",
                          mem, to);
    for (int k = 0; k < 2; ++k)
      fifos_ += fmt::format("    ^in{0}:\n      aie.use_lock(%{1}_free, AcquireGreaterEqual, {2})\n"
                            "      aie.dma_bd(%{1}_b{0} : {3}, 0, {4})\n"
                            "      aie.use_lock(%{1}_full, Release, {2})\n"
                            "      aie.next_bd ^in{5}\n",
                            k, id, parts, m, n, 1 - k);
    fifos_ += fmt::format("    ^next:\n      %d = aie.dma_start(MM2S, {}, ^out0_0, ^last)\n", from);
    for (int k = 0; k < 2; ++k)
      for (int p = 0; p < parts; ++p) {
        const Dims &d = dims[static_cast<size_t>(p)];
        const size_t part = order[static_cast<size_t>(p)];
        const int nextK = p + 1 < parts ? k : 1 - k, nextP = p + 1 < parts ? p + 1 : 0;
        fifos_ += fmt::format(
            "    ^out{0}_{1}:\n      aie.use_lock(%{2}_full, AcquireGreaterEqual, 1)\n"
            "      aie.dma_bd(%{2}_b{0} : {3}, {4}, {5}{6})\n"
            "      aie.use_lock(%{2}_free, Release, 1)\n"
            "      aie.next_bd ^out{7}_{8}\n",
            k, p, id, m, offsets[part], sizes[part], d.empty() ? "" : ", " + text(d), nextK, nextP);
      }
    fifos_ += "    ^last:\n      aie.end\n    }\n";
    collect(out, perObject(stream, n, visited, false), 2 * index_ + 1);
  }
  /// One shim channel feeds two cores; the packet id of each transfer says which. Their results go
  /// back by object FIFOs.
  void packetsById() {
    elementType();
    const int64_t n = pick({4, 8, 16});
    const int objects = 2 * (1 + below(3)), channel = handChannels_[column_]++;
    const std::string shim = tile(column_, 0), in = fmt::format("p{}_in", index_);
    hand_.insert(in);
    fifos_ += fmt::format("    aie.shim_dma_allocation @{} ({}, MM2S, {})\n", in, shim, channel);
    const std::string m = memref(n);
    for (int c = 0; c < 2; ++c) {
      const auto at = freeCore({column_, 2 + c});
      const std::string core = tile(at.first, at.second), out = fifoName();
      const std::string id = fmt::format("p{}_{}", index_, c);
      const int packet = 20 + 2 * index_ + c;
      const Elements stream =
          feed(in, n * objects, 4 * index_ + c,
               fmt::format(", packet = <pkt_id = {}, pkt_type = {}>", packet, below(3)));
      fifos_ += fmt::format("    aie.packet_flow({0}) {{\n"
                            "      aie.packet_source<{1}, DMA : {2}>\n"
                            "      aie.packet_dest<{3}, DMA : 1>\n    }}\n"
                            "    %{4}_b = aie.buffer({3}) {{sym_name = \"{4}_b\"}} : {5}\n"
                            "    %{4}_free = aie.lock({3}) {{init = 1 : i32}}\n"
                            "    %{4}_full = aie.lock({3}) {{init = 0 : i32}}\n"
                            "    aie.mem({3}) {{\n      %s = aie.dma_start(S2MM, 1, ^in, ^last)\n"
                            "    ^in:\n      aie.use_lock(%{4}_free, AcquireGreaterEqual, 1)\n"
                            "      aie.dma_bd(%{4}_b : {5}, 0, {6})\n"
                            "      aie.use_lock(%{4}_full, Release, 1)\n      aie.next_bd ^in\n"
                            "    ^last:\n      aie.end\n    }}\n",
                            packet, shim, channel, core, id, m, n);
      const int add = below(100) - 50;
      cores_ += coreHead(at, n) +
                fmt::format("        aie.use_lock(%{}_full, AcquireGreaterEqual, 1)\n", id) +
                take("z", out, "Produce", n) +
                fmt::format("        %k = arith.constant {2} : {1}\n"
                            "        scf.for %i = %c0 to %n step %c1 {{\n"
                            "          %a = memref.load %{3}_b[%i] : {0}\n"
                            "          %s = arith.addi %a, %k : {1}\n"
                            "          memref.store %s, %z[%i] : {0}\n        }}\n"
                            "        aie.use_lock(%{3}_free, Release, 1)\n",
                            m, type_, add, id) +
                give(out, "Produce") + kCoreTail;
      fifos_ += fifoText(out, core, {}, {shim}, depthText(1), n);
      collect(out, afterCore(stream, n, 1, add), 8 + 4 * index_ + c);
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
    const int channel = handChannels_[column_]++;
    t += fmt::format("    aie.shim_dma_allocation @{0} ({2}, MM2S, {4})\n"
                     "    aie.shim_dma_allocation @{1} ({2}, S2MM, {4})\n"
                     "    aie.flow({2}, DMA : {4}, {3}, DMA : 1)\n",
                     in, out, shim, core, channel);
    const bool packets = chance(2);
    if (packets)
      t += fmt::format("    aie.packet_flow({}) {{\n      aie.packet_source<{}, DMA : 1>\n"
                       "      aie.packet_dest<{}, DMA : {}>\n    }}\n",
                       16 + index_, core, shim, channel);
    else
      t += fmt::format("    aie.flow({}, DMA : 1, {}, DMA : {})\n", core, shim, channel);
    // A ring, or a chain that ends and is repeated as often as there is something to take.
    const bool counted = chance(3);
    t += fmt::format("    aie.mem({}) {{\n      %s = aie.dma_start(S2MM, 1, ^in0, ^next{})\n", core,
                     counted ? fmt::format(", repeat_count = {}", objects / 2 - 1) : "");
    auto bd = [&](const std::string &block, const std::string &next, const char *side, int k,
                  const char *take, const char *give, const std::string &tail) {
      t += fmt::format("    ^{0}:\n      aie.use_lock(%{1}_{2}_{4}, AcquireGreaterEqual, 1)\n"
                       "      aie.dma_bd(%{1}_{2}{3} : {6}, 0, {7}){8}\n"
                       "      aie.use_lock(%{1}_{2}_{5}, Release, 1)\n      {9}\n",
                       block, id, side, k, take, give, m, n, tail,
                       next.empty() ? "aie.end" : "aie.next_bd ^" + next);
    };
    const std::string packet =
        packets
            ? fmt::format(" {{packet = #aie.packet_info<pkt_type = 0, pkt_id = {}>}}", 16 + index_)
            : "";
    bd("in0", "in1", "a", 0, "free", "full", "");
    bd("in1", counted ? "" : "in0", "a", 1, "free", "full", "");
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
};

} // namespace ashlar::designs_test
