// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Core programs written in MLIR: each takes one object and gives one, and must compute what the
// host computes. The values are small whole numbers, so that floats come out exactly too.
#include "designs/run.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <unistd.h>

namespace ashlar::designs_test {
namespace {

using Values = std::vector<double>;

int bytesOf(const std::string &type) {
  return type == "i8" ? 1 : type == "i16" || type == "bf16" ? 2 : 4;
}
std::vector<uint8_t> encoded(const Values &values, const std::string &type) {
  std::vector<uint8_t> out;
  for (double v : values) {
    uint32_t bits = static_cast<uint32_t>(static_cast<int64_t>(v));
    if (type == "f32" || type == "bf16") {
      const float f = static_cast<float>(v);
      bits = __builtin_bit_cast(uint32_t, f) >> (type == "bf16" ? 16 : 0);
    }
    for (int b = 0; b < bytesOf(type); ++b) out.push_back(static_cast<uint8_t>(bits >> (8 * b)));
  }
  return out;
}

struct Body {
  const char *name;
  const char *from; ///< element type of %x
  int count;
  const char *to; ///< element type of %y
  int results;
  const char *text; ///< from %x to %y, with %c0 and %c1
  std::function<Values(const Values &)> host;
  const char *device = ""; ///< functions beside the core
};

void expectComputes(const Body &b) {
  const std::string in = fmt::format("memref<{}x{}>", b.count, b.from);
  const std::string out = fmt::format("memref<{}x{}>", b.results, b.to);
  Case c;
  c.text = fmt::format(
      R"(module {{
  aie.device(npu1_1col) {{
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    aie.objectfifo @in(%shim, {{%core}}, 2 : i32) : !aie.objectfifo<{0}>
    aie.objectfifo @out(%core, {{%shim}}, 2 : i32) : !aie.objectfifo<{1}>
    {2}
    aie.core(%core) {{
      %si = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<{0}>
      %so = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<{1}>
      %x = aie.objectfifo.subview.access %si[0] : !aie.objectfifosubview<{0}> -> {0}
      %y = aie.objectfifo.subview.access %so[0] : !aie.objectfifosubview<{1}> -> {1}
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
{3}
      aie.objectfifo.release @in(Consume, 1)
      aie.objectfifo.release @out(Produce, 1)
      aie.end
    }} {{stack_size = 4096 : i32}}
    aie.runtime_sequence(%a: {0}, %b: {1}) {{
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, {4}][0, 0, 0, 1]) {{id = 0 : i64, metadata = @in}} : {0}
      aiex.npu.dma_memcpy_nd(%b[0, 0, 0, 0][1, 1, 1, {5}][0, 0, 0, 1]) {{id = 1 : i64, metadata = @out}} : {1}
      aiex.npu.dma_wait {{symbol = @out}}
    }}
  }}
}}
)",
      in, out, b.device, b.text, b.count, b.results);
  Values values;
  for (int i = 0; i < b.count; ++i) values.push_back((i * 37 + 11) % 25 - 12);
  c.arguments.push_back({encoded(values, b.from), encoded(values, b.from)});
  const std::vector<uint8_t> expected = encoded(b.host(values), b.to);
  c.arguments.push_back({std::vector<uint8_t>(expected.size(), 0xAA), expected});
  const auto path = std::filesystem::temp_directory_path() /
                    fmt::format("ashlar_body_{}_{}.mlir", b.name, static_cast<int>(getpid()));
  EXPECT_EQ(verdict(c, path.string()), "") << path;
  std::filesystem::remove(path);
}

/// C (rows x columns) = A * B + plus, both in `x`.
std::function<Values(const Values &)> product(int rows, int inner, int columns, int plus) {
  return [=](const Values &x) {
    Values out;
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < columns; ++c) {
        double sum = plus;
        for (int k = 0; k < inner; ++k)
          sum += x[static_cast<size_t>(r * inner + k)] *
                 x[static_cast<size_t>(rows * inner + k * columns + c)];
        out.push_back(sum);
      }
    return out;
  };
}
std::function<Values(const Values &)> each(double (*f)(double)) {
  return [=](const Values &x) {
    Values out;
    for (double v : x) out.push_back(f(v));
    return out;
  };
}

TEST(CoreBodies, Vectors) {
  const Body bodies[] = {
      {"add", "i32", 32, "i32", 32, R"(
      %p = arith.constant 0 : i32
      %v = vector.transfer_read %x[%c0], %p {in_bounds = [true]} : memref<32xi32>, vector<32xi32>
      %w = arith.addi %v, %v : vector<32xi32>
      vector.transfer_write %w, %y[%c0] {in_bounds = [true]} : vector<32xi32>, memref<32xi32>)",
       each([](double v) { return 2 * v; })},
      {"wrap_i8", "i8", 64, "i8", 64, R"(
      %v = vector.load %x[%c0] : memref<64xi8>, vector<64xi8>
      %k = arith.constant dense<100> : vector<64xi8>
      %w = arith.addi %v, %k : vector<64xi8>
      %m = arith.maxsi %w, %v : vector<64xi8>
      vector.store %m, %y[%c0] : memref<64xi8>, vector<64xi8>)",
       each([](double v) { return std::max<double>(static_cast<int8_t>(v + 100), v); })},
      {"fma_f32", "f32", 16, "f32", 16, R"(
      %v = vector.load %x[%c0] : memref<16xf32>, vector<16xf32>
      %k = arith.constant dense<0.5> : vector<16xf32>
      %w = vector.fma %v, %k, %v : vector<16xf32>
      vector.store %w, %y[%c0] : memref<16xf32>, vector<16xf32>)",
       each([](double v) { return 1.5 * v; })},
      {"fma_bf16", "bf16", 32, "bf16", 32, R"(
      %v = vector.load %x[%c0] : memref<32xbf16>, vector<32xbf16>
      %k = arith.constant dense<3.0> : vector<32xbf16>
      %w = vector.fma %v, %k, %v : vector<32xbf16>
      vector.store %w, %y[%c0] : memref<32xbf16>, vector<32xbf16>)",
       each([](double v) { return 4 * v; })},
      {"largest", "f32", 16, "f32", 1, R"(
      %v = vector.load %x[%c0] : memref<16xf32>, vector<16xf32>
      %m = vector.reduction <maximumf>, %v : vector<16xf32> into f32
      memref.store %m, %y[%c0] : memref<1xf32>)",
       [](const Values &x) { return Values{*std::max_element(x.begin(), x.end())}; }},
      {"column_sums", "i32", 32, "i32", 8, R"(
      %v = vector.load %x[%c0] : memref<32xi32>, vector<32xi32>
      %s = vector.shape_cast %v : vector<32xi32> to vector<4x8xi32>
      %one = arith.constant dense<1> : vector<8xi32>
      %m = vector.multi_reduction <add>, %s, %one [0] : vector<4x8xi32> to vector<8xi32>
      vector.store %m, %y[%c0] : memref<8xi32>, vector<8xi32>)",
       [](const Values &x) {
         Values out(8, 1);
         for (size_t i = 0; i < x.size(); ++i) out[i % 8] += x[i];
         return out;
       }},
  };
  for (const Body &b : bodies) expectComputes(b);
}

TEST(CoreBodies, Matrices) {
  // A (rows x inner) and B (inner x columns) lie behind each other in %x.
  auto text = [](const char *type, const char *wide, const char *extend, const char *zero, int rows,
                 int inner, int columns) {
    return fmt::format(
        R"(
      %p = arith.constant {2} : {0}
      %xa = memref.reinterpret_cast %x to offset: [0], sizes: [{4}, {5}], strides: [{5}, 1] : memref<{7}x{0}> to memref<{4}x{5}x{0}>
      %xb = memref.reinterpret_cast %x to offset: [{8}], sizes: [{5}, {6}], strides: [{6}, 1] : memref<{7}x{0}> to memref<{5}x{6}x{0}, strided<[{6}, 1], offset: {8}>>
      %a = vector.transfer_read %xa[%c0, %c0], %p {{in_bounds = [true, true]}} : memref<{4}x{5}x{0}>, vector<{4}x{5}x{0}>
      %b = vector.transfer_read %xb[%c0, %c0], %p {{in_bounds = [true, true]}} : memref<{5}x{6}x{0}, strided<[{6}, 1], offset: {8}>>, vector<{5}x{6}x{0}>
      %ae = {3} %a : vector<{4}x{5}x{0}> to vector<{4}x{5}x{1}>
      %be = {3} %b : vector<{5}x{6}x{0}> to vector<{5}x{6}x{1}>
      %q = arith.constant {2} : {1}
      %yy = memref.reinterpret_cast %y to offset: [0], sizes: [{4}, {6}], strides: [{6}, 1] : memref<{9}x{1}> to memref<{4}x{6}x{1}>
      %n = arith.constant {9} : index
      scf.for %i = %c0 to %n step %c1 {{
        memref.store %q, %y[%i] : memref<{9}x{1}>
      }}
      %c = vector.transfer_read %yy[%c0, %c0], %q {{in_bounds = [true, true]}} : memref<{4}x{6}x{1}>, vector<{4}x{6}x{1}>
      %m = vector.contract {{indexing_maps = [affine_map<(i,j,k)->(i,k)>, affine_map<(i,j,k)->(k,j)>, affine_map<(i,j,k)->(i,j)>], iterator_types = ["parallel","parallel","reduction"], kind = #vector.kind<add>}} %ae, %be, %c : vector<{4}x{5}x{1}>, vector<{5}x{6}x{1}> into vector<{4}x{6}x{1}>
      vector.transfer_write %m, %yy[%c0, %c0] {{in_bounds = [true, true]}} : vector<{4}x{6}x{1}>, memref<{4}x{6}x{1}>)",
        type, wide, zero, extend, rows, inner, columns, rows * inner + inner * columns,
        rows * inner, rows * columns);
  };
  struct Shape {
    const char *name, *type, *wide, *extend, *zero;
    int rows, inner, columns, start;
  };
  const Shape shapes[] = {
      {"bf16", "bf16", "f32", "arith.extf", "2.0", 4, 8, 4, 2},
      {"bf16_tiled", "bf16", "f32", "arith.extf", "2.0", 8, 8, 8, 2},
      {"i8", "i8", "i32", "arith.extsi", "5", 4, 8, 8, 5},
      {"i16", "i16", "i32", "arith.extsi", "5", 4, 4, 8, 5},
  };
  for (const Shape &s : shapes) {
    const std::string body = text(s.type, s.wide, s.extend, s.zero, s.rows, s.inner, s.columns);
    expectComputes({s.name, s.type, s.rows * s.inner + s.inner * s.columns, s.wide,
                    s.rows * s.columns, body.c_str(),
                    product(s.rows, s.inner, s.columns, s.start)});
  }
}

TEST(CoreBodies, ControlAndMemory) {
  const Body bodies[] = {
      {"bounds64", "i32", 16, "i32", 16, R"(
      %lo = arith.constant 4294967290 : index
      %hi = arith.constant 4294967306 : index
      scf.for %i = %lo to %hi step %c1 {
        %j = arith.subi %i, %lo : index
        %v = memref.load %x[%j] : memref<16xi32>
        memref.store %v, %y[%j] : memref<16xi32>
      })",
       each([](double v) { return v; })},
      {"index_casts", "i32", 16, "i32", 16, R"(
      %n = arith.constant 16 : index
      scf.for %i = %c0 to %n step %c1 {
        %v = memref.load %x[%i] : memref<16xi32>
        %s = arith.index_cast %v : i32 to index
        %u = arith.index_castui %v : i32 to index
        %d = arith.subi %u, %s : index
        %k = arith.constant 4294967296 : index
        %q = arith.divui %d, %k : index
        %r = arith.index_cast %q : index to i32
        memref.store %r, %y[%i] : memref<16xi32>
      })",
       each([](double v) { return v < 0 ? 1.0 : 0.0; })},
      {"subview", "i32", 64, "i32", 16, R"(
      %xx = memref.reinterpret_cast %x to offset: [0], sizes: [8, 8], strides: [8, 1] : memref<64xi32> to memref<8x8xi32>
      %sv = memref.subview %xx[2, 4] [4, 4] [1, 1] : memref<8x8xi32> to memref<4x4xi32, strided<[8, 1], offset: 20>>
      affine.for %i = 0 to 4 {
        affine.for %j = 0 to 4 step 2 {
          %v = affine.load %sv[%i, %j] : memref<4x4xi32, strided<[8, 1], offset: 20>>
          %w = affine.load %sv[%i, %j + 1] : memref<4x4xi32, strided<[8, 1], offset: 20>>
          affine.store %w, %y[%i * 4 + %j] : memref<16xi32>
          affine.store %v, %y[%i * 4 + %j + 1] : memref<16xi32>
        }
      })",
       [](const Values &x) {
         Values out;
         for (int i = 0; i < 4; ++i)
           for (int j = 0; j < 4; ++j)
             out.push_back(x[static_cast<size_t>((2 + i) * 8 + 4 + (j ^ 1))]);
         return out;
       }},
      {"while", "i32", 4, "i32", 2, R"(
      %zero = arith.constant 0 : i32
      %one = arith.constant 1 : i32
      %most = arith.constant 37 : i32
      %r1, %r2 = scf.while (%a = %zero, %b = %one) : (i32, i32) -> (i32, i32) {
        %more = arith.cmpi slt, %b, %most : i32
        scf.condition(%more) %a, %b : i32, i32
      } do {
      ^bb0(%a: i32, %b: i32):
        %s = arith.addi %a, %b : i32
        scf.yield %b, %s : i32, i32
      }
      memref.store %r1, %y[%c0] : memref<2xi32>
      memref.store %r2, %y[%c1] : memref<2xi32>)",
       [](const Values &) { return Values{34, 55}; }},
      {"switch", "i32", 8, "i32", 8, R"(
      %n = arith.constant 8 : index
      scf.for %i = %c0 to %n step %c1 {
        %v = memref.load %x[%i] : memref<8xi32>
        %three = arith.constant 3 : i32
        %k = arith.remsi %v, %three : i32
        %r = func.call @choose(%k) : (i32) -> i32
        memref.store %r, %y[%i] : memref<8xi32>
      })",
       each([](double v) {
         const int k = static_cast<int>(v) % 3;
         return k == 0 ? 100.0 : k == 1 ? 200.0 : -1.0;
       }),
       R"(func.func private @choose(%k: i32) -> i32 {
      %a = arith.constant 100 : i32
      %b = arith.constant 200 : i32
      %m = arith.constant -1 : i32
      cf.switch %k : i32, [default: ^other, 0: ^zero, 1: ^one]
    ^zero:
      return %a : i32
    ^one:
      return %b : i32
    ^other:
      return %m : i32
    })"},
      {"strided_call", "i32", 16, "i32", 4, R"(
      %column = memref.reinterpret_cast %x to offset: [1], sizes: [4], strides: [4] : memref<16xi32> to memref<4xi32, strided<[4], offset: 1>>
      func.call @copy(%column, %y) : (memref<4xi32, strided<[4], offset: 1>>, memref<4xi32>) -> ())",
       [](const Values &x) { return Values{x[1], x[5], x[9], x[13]}; },
       R"(func.func private @copy(%from: memref<4xi32, strided<[4], offset: 1>>, %to: memref<4xi32>) {
      affine.for %i = 0 to 4 {
        %v = affine.load %from[%i] : memref<4xi32, strided<[4], offset: 1>>
        affine.store %v, %to[%i] : memref<4xi32>
      }
      return
    })"},
  };
  for (const Body &b : bodies) expectComputes(b);
}

TEST(CoreBodies, WhatMayBeDoneAtOnce) {
  const Body bodies[] = {
      {"parallel", "i32", 12, "i32", 12, R"(
      %rows = arith.constant 3 : index
      %columns = arith.constant 4 : index
      scf.parallel (%i, %j) = (%c0, %c0) to (%rows, %columns) step (%c1, %c1) {
        %k = affine.apply affine_map<(d0, d1) -> (d0 * 4 + d1)>(%i, %j)
        %v = memref.load %x[%k] : memref<12xi32>
        %w = arith.addi %v, %v : i32
        memref.store %w, %y[%k] : memref<12xi32>
        scf.reduce
      })",
       each([](double v) { return 2 * v; })},
      {"parallel_sum", "i32", 12, "i32", 1, R"(
      %n = arith.constant 12 : index
      %zero = arith.constant 0 : i32
      %s = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%zero) -> i32 {
        %v = memref.load %x[%i] : memref<12xi32>
        scf.reduce(%v : i32) {
        ^bb0(%a: i32, %b: i32):
          %c = arith.addi %a, %b : i32
          scf.reduce.return %c : i32
        }
      }
      memref.store %s, %y[%c0] : memref<1xi32>)",
       [](const Values &x) {
         double sum = 0;
         for (double v : x) sum += v;
         return Values{sum};
       }},
      {"forall", "i32", 12, "i32", 12, R"(
      scf.forall (%i, %j) in (3, 4) {
        %k = affine.apply affine_map<(d0, d1) -> (d0 * 4 + d1)>(%i, %j)
        %v = memref.load %x[%k] : memref<12xi32>
        %w = arith.subi %v, %v : i32
        memref.store %w, %y[%k] : memref<12xi32>
      })",
       each([](double) { return 0.0; })},
  };
  for (const Body &b : bodies) expectComputes(b);
}

TEST(CoreBodies, ViewsAndCopies) {
  const Body bodies[] = {
      {"copy", "i32", 16, "i32", 16, "memref.copy %x, %y : memref<16xi32> to memref<16xi32>",
       [](const Values &x) { return x; }},
      {"copy_i8", "i8", 12, "i8", 12, "memref.copy %x, %y : memref<12xi8> to memref<12xi8>",
       [](const Values &x) { return x; }},
      {"copy_with_gaps", "i32", 16, "i32", 4, R"(
      %m = memref.expand_shape %x [[0, 1]] output_shape [4, 4] : memref<16xi32> into memref<4x4xi32>
      %inner = memref.subview %m[1, 2] [2, 2] [1, 1] : memref<4x4xi32> to memref<2x2xi32, strided<[4, 1], offset: 6>>
      %z = memref.expand_shape %y [[0, 1]] output_shape [2, 2] : memref<4xi32> into memref<2x2xi32>
      memref.copy %inner, %z : memref<2x2xi32, strided<[4, 1], offset: 6>> to memref<2x2xi32>)",
       [](const Values &x) { return Values{x[6], x[7], x[10], x[11]}; }},
      {"cast_and_collapse", "i32", 16, "i32", 16, R"(
      %m = memref.expand_shape %x [[0, 1]] output_shape [4, 4] : memref<16xi32> into memref<4x4xi32>
      %any = memref.cast %m : memref<4x4xi32> to memref<?x4xi32>
      %back = memref.cast %any : memref<?x4xi32> to memref<4x4xi32>
      %flat = memref.collapse_shape %back [[0, 1]] : memref<4x4xi32> into memref<16xi32>
      %n = memref.dim %any, %c1 : memref<?x4xi32>
      %all = arith.muli %n, %n : index
      scf.for %i = %c0 to %all step %c1 {
        %v = memref.load %flat[%i] : memref<16xi32>
        %w = arith.addi %v, %v : i32
        memref.store %w, %y[%i] : memref<16xi32>
      })",
       each([](double v) { return 2 * v; })},
      {"rows", "i32", 16, "i32", 4, R"(
      %m = memref.reinterpret_cast %x to offset: [0], sizes: [4, 4], strides: [4, 1] : memref<16xi32> to memref<4x4xi32>
      %three = arith.constant 3 : index
      %row = memref.subview %m[%three, 0] [1, 4] [1, 1] : memref<4x4xi32> to memref<4xi32, strided<[1], offset: ?>>
      memref.copy %row, %y : memref<4xi32, strided<[1], offset: ?>> to memref<4xi32>)",
       [](const Values &x) { return Values{x[12], x[13], x[14], x[15]}; }},
  };
  for (const Body &b : bodies) expectComputes(b);
}

} // namespace
} // namespace ashlar::designs_test
