// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Four columns, each with its own stream, channel and core: the width of the whole partition.
module {
  aie.device(npu1) {
    %shim0 = aie.tile(0, 0)
    %core0 = aie.tile(0, 2)
    %shim1 = aie.tile(1, 0)
    %core1 = aie.tile(1, 2)
    %shim2 = aie.tile(2, 0)
    %core2 = aie.tile(2, 2)
    %shim3 = aie.tile(3, 0)
    %core3 = aie.tile(3, 2)
    aie.objectfifo @in0(%shim0, {%core0}, 2 : i32) : !aie.objectfifo<memref<128xi32>>
    aie.objectfifo @out0(%core0, {%shim0}, 2 : i32) : !aie.objectfifo<memref<128xi32>>
    aie.objectfifo @in1(%shim1, {%core1}, 2 : i32) : !aie.objectfifo<memref<128xi32>>
    aie.objectfifo @out1(%core1, {%shim1}, 2 : i32) : !aie.objectfifo<memref<128xi32>>
    aie.objectfifo @in2(%shim2, {%core2}, 2 : i32) : !aie.objectfifo<memref<128xi32>>
    aie.objectfifo @out2(%core2, {%shim2}, 2 : i32) : !aie.objectfifo<memref<128xi32>>
    aie.objectfifo @in3(%shim3, {%core3}, 2 : i32) : !aie.objectfifo<memref<128xi32>>
    aie.objectfifo @out3(%core3, {%shim3}, 2 : i32) : !aie.objectfifo<memref<128xi32>>
    aie.core(%core0) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c128 = arith.constant 128 : index
      %forever = arith.constant 4294967295 : index
      %shift = arith.constant 1 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %is = aie.objectfifo.acquire @in0(Consume, 1) : !aie.objectfifosubview<memref<128xi32>>
        %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<128xi32>> -> memref<128xi32>
        %os = aie.objectfifo.acquire @out0(Produce, 1) : !aie.objectfifosubview<memref<128xi32>>
        %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<128xi32>> -> memref<128xi32>
        scf.for %i = %c0 to %c128 step %c1 {
          %v = memref.load %x[%i] : memref<128xi32>
          %s = arith.shrsi %v, %shift : i32
          memref.store %s, %y[%i] : memref<128xi32>
        }
        aie.objectfifo.release @in0(Consume, 1)
        aie.objectfifo.release @out0(Produce, 1)
      }
      aie.end
    }
    aie.core(%core1) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c128 = arith.constant 128 : index
      %forever = arith.constant 4294967295 : index
      %shift = arith.constant 2 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %is = aie.objectfifo.acquire @in1(Consume, 1) : !aie.objectfifosubview<memref<128xi32>>
        %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<128xi32>> -> memref<128xi32>
        %os = aie.objectfifo.acquire @out1(Produce, 1) : !aie.objectfifosubview<memref<128xi32>>
        %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<128xi32>> -> memref<128xi32>
        scf.for %i = %c0 to %c128 step %c1 {
          %v = memref.load %x[%i] : memref<128xi32>
          %s = arith.shrsi %v, %shift : i32
          memref.store %s, %y[%i] : memref<128xi32>
        }
        aie.objectfifo.release @in1(Consume, 1)
        aie.objectfifo.release @out1(Produce, 1)
      }
      aie.end
    }
    aie.core(%core2) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c128 = arith.constant 128 : index
      %forever = arith.constant 4294967295 : index
      %shift = arith.constant 3 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %is = aie.objectfifo.acquire @in2(Consume, 1) : !aie.objectfifosubview<memref<128xi32>>
        %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<128xi32>> -> memref<128xi32>
        %os = aie.objectfifo.acquire @out2(Produce, 1) : !aie.objectfifosubview<memref<128xi32>>
        %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<128xi32>> -> memref<128xi32>
        scf.for %i = %c0 to %c128 step %c1 {
          %v = memref.load %x[%i] : memref<128xi32>
          %s = arith.shrsi %v, %shift : i32
          memref.store %s, %y[%i] : memref<128xi32>
        }
        aie.objectfifo.release @in2(Consume, 1)
        aie.objectfifo.release @out2(Produce, 1)
      }
      aie.end
    }
    aie.core(%core3) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c128 = arith.constant 128 : index
      %forever = arith.constant 4294967295 : index
      %shift = arith.constant 4 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %is = aie.objectfifo.acquire @in3(Consume, 1) : !aie.objectfifosubview<memref<128xi32>>
        %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<128xi32>> -> memref<128xi32>
        %os = aie.objectfifo.acquire @out3(Produce, 1) : !aie.objectfifosubview<memref<128xi32>>
        %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<128xi32>> -> memref<128xi32>
        scf.for %i = %c0 to %c128 step %c1 {
          %v = memref.load %x[%i] : memref<128xi32>
          %s = arith.shrsi %v, %shift : i32
          memref.store %s, %y[%i] : memref<128xi32>
        }
        aie.objectfifo.release @in3(Consume, 1)
        aie.objectfifo.release @out3(Produce, 1)
      }
      aie.end
    }
    aiex.runtime_sequence(%x : memref<4096xi32>, %y : memref<4096xi32>) {
      aiex.npu.dma_memcpy_nd(%y[0, 0, 0, 0][1, 1, 1, 1024][0, 0, 0, 1]) {id = 0 : i64, metadata = @out0} : memref<4096xi32>
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 0][1, 1, 1, 1024][0, 0, 0, 1]) {id = 4 : i64, metadata = @in0} : memref<4096xi32>
      aiex.npu.dma_memcpy_nd(%y[0, 0, 0, 1024][1, 1, 1, 1024][0, 0, 0, 1]) {id = 1 : i64, metadata = @out1} : memref<4096xi32>
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 1024][1, 1, 1, 1024][0, 0, 0, 1]) {id = 5 : i64, metadata = @in1} : memref<4096xi32>
      aiex.npu.dma_memcpy_nd(%y[0, 0, 0, 2048][1, 1, 1, 1024][0, 0, 0, 1]) {id = 2 : i64, metadata = @out2} : memref<4096xi32>
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 2048][1, 1, 1, 1024][0, 0, 0, 1]) {id = 6 : i64, metadata = @in2} : memref<4096xi32>
      aiex.npu.dma_memcpy_nd(%y[0, 0, 0, 3072][1, 1, 1, 1024][0, 0, 0, 1]) {id = 3 : i64, metadata = @out3} : memref<4096xi32>
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 3072][1, 1, 1, 1024][0, 0, 0, 1]) {id = 7 : i64, metadata = @in3} : memref<4096xi32>
      aiex.npu.dma_wait {symbol = @out0}
      aiex.npu.dma_wait {symbol = @out1}
      aiex.npu.dma_wait {symbol = @out2}
      aiex.npu.dma_wait {symbol = @out3}
    }
  }
}
