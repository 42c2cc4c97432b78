// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two cores of a column, the upper one feeding the lower one through the cascade: partial sums go
// from core to core without memory, locks or streams between.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %lower = aie.tile(0, 2)
    %upper = aie.tile(0, 3)
    aie.cascade_flow(%upper, %lower)
    aie.objectfifo @a(%shim, {%upper}, 2 : i32) : !aie.objectfifo<memref<256xi16>>
    aie.objectfifo @b(%shim, {%lower}, 2 : i32) : !aie.objectfifo<memref<256xi16>>
    aie.objectfifo @out(%lower, {%shim}, 2 : i32) : !aie.objectfifo<memref<256xi16>>
    func.func private @first_half(memref<256xi16>)
    func.func private @second_half(memref<256xi16>, memref<256xi16>)
    aie.core(%upper) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %forever = arith.constant 4294967295 : index
      scf.for %i = %c0 to %forever step %c1 {
        %s = aie.objectfifo.acquire @a(Consume, 1) : !aie.objectfifosubview<memref<256xi16>>
        %x = aie.objectfifo.subview.access %s[0] : !aie.objectfifosubview<memref<256xi16>> -> memref<256xi16>
        func.call @first_half(%x) : (memref<256xi16>) -> ()
        aie.objectfifo.release @a(Consume, 1)
      }
      aie.end
    } {link_with = "kernels.o"}
    aie.core(%lower) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %forever = arith.constant 4294967295 : index
      scf.for %i = %c0 to %forever step %c1 {
        %s = aie.objectfifo.acquire @b(Consume, 1) : !aie.objectfifosubview<memref<256xi16>>
        %x = aie.objectfifo.subview.access %s[0] : !aie.objectfifosubview<memref<256xi16>> -> memref<256xi16>
        %os = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<256xi16>>
        %o = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<256xi16>> -> memref<256xi16>
        func.call @second_half(%x, %o) : (memref<256xi16>, memref<256xi16>) -> ()
        aie.objectfifo.release @b(Consume, 1)
        aie.objectfifo.release @out(Produce, 1)
      }
      aie.end
    } {link_with = "kernels.o"}
    aiex.runtime_sequence(%a : memref<2048xi16>, %b : memref<2048xi16>, %c : memref<2048xi16>) {
      aiex.npu.dma_memcpy_nd(%c[0, 0, 0, 0][1, 1, 1, 2048][0, 0, 0, 1]) {id = 0 : i64, metadata = @out} : memref<2048xi16>
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 2048][0, 0, 0, 1]) {id = 1 : i64, metadata = @a} : memref<2048xi16>
      aiex.npu.dma_memcpy_nd(%b[0, 0, 0, 0][1, 1, 1, 2048][0, 0, 0, 1]) {id = 2 : i64, metadata = @b} : memref<2048xi16>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
