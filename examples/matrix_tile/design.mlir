// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One 8 x 16 tile in the middle of a 32 x 64 matrix plus a constant, written back to its place: the shim
// reads and writes it with a two-dimensional pattern, the rest of the output stays as it was.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    aie.objectfifo @in(%shim, {%core}, 2 : i32) : !aie.objectfifo<memref<8x16xi32>>
    aie.objectfifo @out(%core, {%shim}, 2 : i32) : !aie.objectfifo<memref<8x16xi32>>
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c8 = arith.constant 8 : index
      %c16 = arith.constant 16 : index
      %forever = arith.constant 4294967295 : index
      %add = arith.constant 1000 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %is = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<8x16xi32>>
        %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<8x16xi32>> -> memref<8x16xi32>
        %os = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<8x16xi32>>
        %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<8x16xi32>> -> memref<8x16xi32>
        scf.for %i = %c0 to %c8 step %c1 {
          scf.for %j = %c0 to %c16 step %c1 {
            %v = memref.load %x[%i, %j] : memref<8x16xi32>
            %s = arith.addi %v, %add : i32
            memref.store %s, %y[%i, %j] : memref<8x16xi32>
          }
        }
        aie.objectfifo.release @in(Consume, 1)
        aie.objectfifo.release @out(Produce, 1)
      }
      aie.end
    }
    aiex.runtime_sequence(%x : memref<32x64xi32>, %y : memref<32x64xi32>) {
      aiex.npu.dma_memcpy_nd(%x[0, 0, 8, 32][1, 1, 8, 16][0, 0, 64, 1]) {id = 0 : i64, metadata = @in, issue_token = true} : memref<32x64xi32>
      aiex.npu.dma_memcpy_nd(%y[0, 0, 8, 32][1, 1, 8, 16][0, 0, 64, 1]) {id = 1 : i64, metadata = @out, issue_token = true} : memref<32x64xi32>
      aiex.npu.dma_wait {symbol = @in}
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
