// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A window of three lines slides over an image of 16 lines: two lines of each step are kept, one is new.
// The first and the last line repeat the border. The window is acquired dynamically in a loop.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    aie.objectfifo @lines(%shim, {%core}, 4 : i32) : !aie.objectfifo<memref<32xi32>>
    aie.objectfifo @blurred(%core, {%shim}, 2 : i32) : !aie.objectfifo<memref<32xi32>>
    func.func private @blur3(memref<32xi32>, memref<32xi32>, memref<32xi32>, memref<32xi32>)
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c14 = arith.constant 14 : index
      %forever = arith.constant 4294967295 : index
      scf.for %image = %c0 to %forever step %c1 {
        // first line: two lines, the upper one twice
        %o0 = aie.objectfifo.acquire @blurred(Produce, 1) : !aie.objectfifosubview<memref<32xi32>>
        %y0 = aie.objectfifo.subview.access %o0[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        %i0 = aie.objectfifo.acquire @lines(Consume, 2) : !aie.objectfifosubview<memref<32xi32>>
        %a0 = aie.objectfifo.subview.access %i0[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        %b0 = aie.objectfifo.subview.access %i0[1] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        func.call @blur3(%a0, %a0, %b0, %y0) : (memref<32xi32>, memref<32xi32>, memref<32xi32>, memref<32xi32>) -> ()
        aie.objectfifo.release @blurred(Produce, 1)
        scf.for %line = %c0 to %c14 step %c1 {
          %o1 = aie.objectfifo.acquire @blurred(Produce, 1) : !aie.objectfifosubview<memref<32xi32>>
          %y1 = aie.objectfifo.subview.access %o1[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
          %i1 = aie.objectfifo.acquire @lines(Consume, 3) : !aie.objectfifosubview<memref<32xi32>>
          %a1 = aie.objectfifo.subview.access %i1[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
          %b1 = aie.objectfifo.subview.access %i1[1] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
          %d1 = aie.objectfifo.subview.access %i1[2] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
          func.call @blur3(%a1, %b1, %d1, %y1) : (memref<32xi32>, memref<32xi32>, memref<32xi32>, memref<32xi32>) -> ()
          aie.objectfifo.release @lines(Consume, 1)
          aie.objectfifo.release @blurred(Produce, 1)
        }
        // last line: the lower one twice
        %o2 = aie.objectfifo.acquire @blurred(Produce, 1) : !aie.objectfifosubview<memref<32xi32>>
        %y2 = aie.objectfifo.subview.access %o2[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        %i2 = aie.objectfifo.acquire @lines(Consume, 2) : !aie.objectfifosubview<memref<32xi32>>
        %a2 = aie.objectfifo.subview.access %i2[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        %b2 = aie.objectfifo.subview.access %i2[1] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        func.call @blur3(%a2, %b2, %b2, %y2) : (memref<32xi32>, memref<32xi32>, memref<32xi32>, memref<32xi32>) -> ()
        aie.objectfifo.release @lines(Consume, 2)
        aie.objectfifo.release @blurred(Produce, 1)
      }
      aie.end
    } {link_with = "blur.o", dynamic_objfifo_lowering = true}
    aiex.runtime_sequence(%x : memref<512xi32>, %y : memref<512xi32>) {
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 0][1, 1, 1, 512][0, 0, 0, 1]) {id = 1 : i64, metadata = @lines} : memref<512xi32>
      aiex.npu.dma_memcpy_nd(%y[0, 0, 0, 0][1, 1, 1, 512][0, 0, 0, 1]) {id = 0 : i64, metadata = @blurred} : memref<512xi32>
      aiex.npu.dma_wait {symbol = @blurred}
    }
  }
}
