// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two inputs read in four-dimensional patterns and concatenated: the core sees tiles of 32 words, first
// from a (4 x 2 x 4 blocks transposed by the shim), then from b (columns of a matrix).
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    aie.objectfifo @a(%shim, {%core}, 2 : i32) : !aie.objectfifo<memref<32xi32>>
    aie.objectfifo @b(%shim, {%core}, 2 : i32) : !aie.objectfifo<memref<32xi32>>
    aie.objectfifo @c(%core, {%shim}, 2 : i32) : !aie.objectfifo<memref<64xi32>>
    func.func private @concat(memref<32xi32>, memref<32xi32>, memref<64xi32>)
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %forever = arith.constant 4294967295 : index
      scf.for %i = %c0 to %forever step %c1 {
        %as = aie.objectfifo.acquire @a(Consume, 1) : !aie.objectfifosubview<memref<32xi32>>
        %a0 = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        %bs = aie.objectfifo.acquire @b(Consume, 1) : !aie.objectfifosubview<memref<32xi32>>
        %b0 = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        %cs = aie.objectfifo.acquire @c(Produce, 1) : !aie.objectfifosubview<memref<64xi32>>
        %c = aie.objectfifo.subview.access %cs[0] : !aie.objectfifosubview<memref<64xi32>> -> memref<64xi32>
        func.call @concat(%a0, %b0, %c) : (memref<32xi32>, memref<32xi32>, memref<64xi32>) -> ()
        aie.objectfifo.release @a(Consume, 1)
        aie.objectfifo.release @b(Consume, 1)
        aie.objectfifo.release @c(Produce, 1)
      }
      aie.end
    } {link_with = "concat.o"}
    aiex.runtime_sequence(%a : memref<256xi32>, %b : memref<256xi32>, %c : memref<512xi32>) {
      aiex.npu.dma_memcpy_nd(0, 0, %a[0, 0, 0, 0][4, 2, 4, 8][64, 8, 16, 1]) {id = 1 : i64, metadata = @a} : memref<256xi32>
      aiex.npu.dma_memcpy_nd(0, 0, %b[0, 0, 0, 0][2, 2, 4, 16][2, 1, 4, 16]) {id = 2 : i64, metadata = @b} : memref<256xi32>
      aiex.npu.dma_memcpy_nd(0, 0, %c[0, 0, 0, 0][1, 1, 1, 512][0, 0, 0, 1]) {id = 0 : i64, metadata = @c} : memref<512xi32>
      aiex.npu.dma_wait {symbol = @c}
    }
  }
}
