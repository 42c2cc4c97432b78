// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Transfers that one descriptor cannot say.
#include "designs/run.h"

#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace ashlar::designs_test {
namespace {

/// More far rows than a start queue and the buffers on the way hold: as tasks of their own they
/// would hold up the stream, and with it the start of the output that makes room.
TEST(Transfers, ManyFarRowsDoNotHoldUpTheStream) {
  constexpr size_t rows = 14, row = 64, stride = (1 << 20) + 64; // the field holds 2^20 words
  Case c;
  c.text = fmt::format(
      R"(module {{
  aie.device(npu1_1col) {{
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    aie.objectfifo @in(%shim, {{%core}}, 2 : i32) : !aie.objectfifo<memref<{1}xi32>>
    aie.objectfifo @out(%core, {{%shim}}, 2 : i32) : !aie.objectfifo<memref<{1}xi32>>
    aie.core(%core) {{
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant {1} : index
      %slow = arith.constant 64 : index
      %rows = arith.constant {0} : index
      scf.for %k = %c0 to %rows step %c1 {{
        %si = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<{1}xi32>>
        %x = aie.objectfifo.subview.access %si[0] : !aie.objectfifosubview<memref<{1}xi32>> -> memref<{1}xi32>
        %so = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<{1}xi32>>
        %y = aie.objectfifo.subview.access %so[0] : !aie.objectfifosubview<memref<{1}xi32>> -> memref<{1}xi32>
        scf.for %again = %c0 to %slow step %c1 {{
          scf.for %i = %c0 to %n step %c1 {{
            %v = memref.load %x[%i] : memref<{1}xi32>
            memref.store %v, %y[%i] : memref<{1}xi32>
          }}
        }}
        aie.objectfifo.release @in(Consume, 1)
        aie.objectfifo.release @out(Produce, 1)
      }}
      aie.end
    }}
    aie.runtime_sequence(%a : memref<{3}xi32>, %b : memref<{4}xi32>) {{
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, {0}, {1}][0, 0, {2}, 1]) {{id = 0 : i64, metadata = @in}} : memref<{3}xi32>
      aiex.npu.dma_memcpy_nd(%b[0, 0, 0, 0][1, 1, 1, {4}][0, 0, 0, 1]) {{id = 1 : i64, metadata = @out}} : memref<{4}xi32>
      aiex.npu.dma_wait {{symbol = @out}}
    }}
  }}
}}
)",
      rows, row, stride, rows * stride, rows * row);
  std::vector<int32_t> in(rows * stride), out;
  for (size_t r = 0; r < rows; ++r)
    for (size_t i = 0; i < row; ++i)
      out.push_back(in[r * stride + i] = static_cast<int32_t>(1000 * r + i));
  auto bytes = [](const std::vector<int32_t> &words) {
    const auto *at = reinterpret_cast<const uint8_t *>(words.data());
    return std::vector<uint8_t>(at, at + words.size() * 4);
  };
  c.arguments = {{bytes(in), bytes(in)}, {std::vector<uint8_t>(out.size() * 4), bytes(out)}};
  const auto path =
      std::filesystem::temp_directory_path() / fmt::format("ashlar_transfers_{}.mlir", getpid());
  EXPECT_EQ(verdict(c, path.string()), "");
  std::filesystem::remove(path);
}

} // namespace
} // namespace ashlar::designs_test
