// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lines copied by a kernel: the smallest road through shim, core and back.
// 64 lines of 256 bytes go through two object FIFOs of depth 2.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    aie.objectfifo @lines_in(%shim, {%core}, 2 : i32) : !aie.objectfifo<memref<256xui8>>
    aie.objectfifo @lines_out(%core, {%shim}, 2 : i32) : !aie.objectfifo<memref<256xui8>>
    func.func private @copy_line(memref<256xui8>, memref<256xui8>)
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %forever = arith.constant 9223372036854775807 : index
      scf.for %i = %c0 to %forever step %c1 {
        %is = aie.objectfifo.acquire @lines_in(Consume, 1) : !aie.objectfifosubview<memref<256xui8>>
        %line = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<256xui8>> -> memref<256xui8>
        %os = aie.objectfifo.acquire @lines_out(Produce, 1) : !aie.objectfifosubview<memref<256xui8>>
        %copy = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<256xui8>> -> memref<256xui8>
        func.call @copy_line(%line, %copy) : (memref<256xui8>, memref<256xui8>) -> ()
        aie.objectfifo.release @lines_in(Consume, 1)
        aie.objectfifo.release @lines_out(Produce, 1)
      }
      aie.end
    } {link_with = "kernel.o"}
    aiex.runtime_sequence(%a : memref<16384xui8>, %b : memref<16384xui8>) {
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 16384][0, 0, 0, 1]) {id = 1 : i64, metadata = @lines_in} : memref<16384xui8>
      aiex.npu.dma_memcpy_nd(%b[0, 0, 0, 0][1, 1, 1, 16384][0, 0, 0, 1]) {id = 0 : i64, metadata = @lines_out} : memref<16384xui8>
      aiex.npu.dma_wait {symbol = @lines_out}
    }
  }
}
