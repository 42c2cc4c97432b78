// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The memtile sends each object four times; the core adds the round to it, so that the four copies
// differ on the way back.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %core = aie.tile(0, 2)
    aie.objectfifo @in(%shim, {%mem}, 1 : i32) : !aie.objectfifo<memref<64xi32>>
    aie.objectfifo @again(%mem, {%core}, 1 : i32) {repeat_count = 4 : i32} : !aie.objectfifo<memref<64xi32>>
    aie.objectfifo.link [@in] -> [@again] ([] [0])
    aie.objectfifo @out(%core, {%shim}, 2 : i32) : !aie.objectfifo<memref<64xi32>>
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c64 = arith.constant 64 : index
      %forever = arith.constant 4294967295 : index
      scf.for %object = %c0 to %forever step %c1 {
        scf.for %round = %c0 to %c4 step %c1 {
          %r = arith.index_cast %round : index to i32
          %is = aie.objectfifo.acquire @again(Consume, 1) : !aie.objectfifosubview<memref<64xi32>>
          %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<64xi32>> -> memref<64xi32>
          %os = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<64xi32>>
          %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<64xi32>> -> memref<64xi32>
          scf.for %i = %c0 to %c64 step %c1 {
            %v = memref.load %x[%i] : memref<64xi32>
            %s = arith.addi %v, %r : i32
            memref.store %s, %y[%i] : memref<64xi32>
          }
          aie.objectfifo.release @again(Consume, 1)
          aie.objectfifo.release @out(Produce, 1)
        }
      }
      aie.end
    }
    aiex.runtime_sequence(%x : memref<512xi32>, %y : memref<2048xi32>) {
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 0][1, 1, 1, 512][0, 0, 0, 1]) {id = 1 : i64, metadata = @in} : memref<512xi32>
      aiex.npu.dma_memcpy_nd(%y[0, 0, 0, 0][1, 1, 1, 2048][0, 0, 0, 1]) {id = 0 : i64, metadata = @out} : memref<2048xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
