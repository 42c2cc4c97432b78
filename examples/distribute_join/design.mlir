// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One object of 64 words dealt out over two cores, each half sent twice, the results joined again:
// core 0 adds 1 to its half, core 1 takes 1 away.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %core0 = aie.tile(0, 2)
    %core1 = aie.tile(0, 3)
    aie.objectfifo @in(%shim, {%mem}, 1 : i32) : !aie.objectfifo<memref<64xi32>>
    aie.objectfifo @in0(%mem, {%core0}, 1 : i32) {repeat_count = 2 : i32} : !aie.objectfifo<memref<32xi32>>
    aie.objectfifo @in1(%mem, {%core1}, 1 : i32) {repeat_count = 2 : i32} : !aie.objectfifo<memref<32xi32>>
    aie.objectfifo.link [@in] -> [@in0, @in1] ([] [0, 32])
    aie.objectfifo @out0(%core0, {%mem}, 1 : i32) : !aie.objectfifo<memref<32xi32>>
    aie.objectfifo @out1(%core1, {%mem}, 1 : i32) : !aie.objectfifo<memref<32xi32>>
    aie.objectfifo @out(%mem, {%shim}, 1 : i32) : !aie.objectfifo<memref<64xi32>>
    aie.objectfifo.link [@out0, @out1] -> [@out] ([0, 32] [])
    aie.core(%core0) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c32 = arith.constant 32 : index
      %forever = arith.constant 4294967295 : index
      %one = arith.constant 1 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %is = aie.objectfifo.acquire @in0(Consume, 1) : !aie.objectfifosubview<memref<32xi32>>
        %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        %os = aie.objectfifo.acquire @out0(Produce, 1) : !aie.objectfifosubview<memref<32xi32>>
        %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        scf.for %i = %c0 to %c32 step %c1 {
          %v = memref.load %x[%i] : memref<32xi32>
          %s = arith.addi %v, %one : i32
          memref.store %s, %y[%i] : memref<32xi32>
        }
        aie.objectfifo.release @in0(Consume, 1)
        aie.objectfifo.release @out0(Produce, 1)
      }
      aie.end
    }
    aie.core(%core1) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c32 = arith.constant 32 : index
      %forever = arith.constant 4294967295 : index
      %one = arith.constant 1 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %is = aie.objectfifo.acquire @in1(Consume, 1) : !aie.objectfifosubview<memref<32xi32>>
        %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        %os = aie.objectfifo.acquire @out1(Produce, 1) : !aie.objectfifosubview<memref<32xi32>>
        %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        scf.for %i = %c0 to %c32 step %c1 {
          %v = memref.load %x[%i] : memref<32xi32>
          %s = arith.subi %v, %one : i32
          memref.store %s, %y[%i] : memref<32xi32>
        }
        aie.objectfifo.release @in1(Consume, 1)
        aie.objectfifo.release @out1(Produce, 1)
      }
      aie.end
    }
    aiex.runtime_sequence(%x : memref<256xi32>, %y : memref<512xi32>) {
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 0][1, 1, 1, 256][0, 0, 0, 1]) {id = 1 : i64, metadata = @in} : memref<256xi32>
      aiex.npu.dma_memcpy_nd(%y[0, 0, 0, 0][1, 1, 1, 512][0, 0, 0, 1]) {id = 0 : i64, metadata = @out} : memref<512xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
