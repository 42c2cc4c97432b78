// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A vector times a factor: the factor is a second input, taken once for all 16 tiles of the vector.
module {
  aie.device(npu1_1col) @main {
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    aie.objectfifo @in(%shim, {%core}, 2 : i32) : !aie.objectfifo<memref<256xi32>>
    aie.objectfifo @factor(%shim, {%core}, 2 : i32) : !aie.objectfifo<memref<1xi32>>
    aie.objectfifo @out(%core, {%shim}, 2 : i32) : !aie.objectfifo<memref<256xi32>>
    func.func private @scale(memref<256xi32>, memref<256xi32>, memref<1xi32>, i32) attributes {link_with = "scale.o"}
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c16 = arith.constant 16 : index
      %forever = arith.constant 4294967295 : index
      %n = arith.constant 256 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %fs = aie.objectfifo.acquire @factor(Consume, 1) : !aie.objectfifosubview<memref<1xi32>>
        %f = aie.objectfifo.subview.access %fs[0] : !aie.objectfifosubview<memref<1xi32>> -> memref<1xi32>
        scf.for %i = %c0 to %c16 step %c1 {
          %os = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<256xi32>>
          %o = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<256xi32>> -> memref<256xi32>
          %is = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<256xi32>>
          %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<256xi32>> -> memref<256xi32>
          func.call @scale(%x, %o, %f, %n) : (memref<256xi32>, memref<256xi32>, memref<1xi32>, i32) -> ()
          aie.objectfifo.release @in(Consume, 1)
          aie.objectfifo.release @out(Produce, 1)
        }
        aie.objectfifo.release @factor(Consume, 1)
      }
      aie.end
    }
    aie.runtime_sequence @sequence(%x : memref<4096xi32>, %f : memref<1xi32>, %y : memref<4096xi32>) {
      aiex.npu.dma_memcpy_nd(%y[0, 0, 0, 0][1, 1, 1, 4096][0, 0, 0, 1]) {id = 0 : i64, metadata = @out} : memref<4096xi32>
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 0][1, 1, 1, 4096][0, 0, 0, 1]) {id = 1 : i64, metadata = @in} : memref<4096xi32>
      aiex.npu.dma_memcpy_nd(%f[0, 0, 0, 0][1, 1, 1, 1][0, 0, 0, 1]) {id = 2 : i64, metadata = @factor} : memref<1xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
