// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Chained BDs of the shim, started and awaited from the sequence with tokens: the output comes back in
// two pieces whose order is exchanged by the chain.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    aie.objectfifo @in(%shim, {%core}, 2 : i32) : !aie.objectfifo<memref<64xi32>>
    aie.objectfifo @out(%core, {%shim}, 2 : i32) : !aie.objectfifo<memref<64xi32>>
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c64 = arith.constant 64 : index
      %forever = arith.constant 4294967295 : index
      %mask = arith.constant 1431655765 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %is = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<64xi32>>
        %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<64xi32>> -> memref<64xi32>
        %os = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<64xi32>>
        %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<64xi32>> -> memref<64xi32>
        scf.for %i = %c0 to %c64 step %c1 {
          %v = memref.load %x[%i] : memref<64xi32>
          %s = arith.xori %v, %mask : i32
          memref.store %s, %y[%i] : memref<64xi32>
        }
        aie.objectfifo.release @in(Consume, 1)
        aie.objectfifo.release @out(Produce, 1)
      }
      aie.end
    }
    aiex.runtime_sequence(%x : memref<256xi32>, %y : memref<256xi32>) {
      %receive = aiex.dma_configure_task_for @out {
        aie.dma_bd(%y : memref<256xi32>, 128, 128)
        aie.next_bd ^rest
      ^rest:
        aie.dma_bd(%y : memref<256xi32>, 0, 128)
        aie.end
      } {issue_token = true}
      %send = aiex.dma_configure_task_for @in {
        aie.dma_bd(%x : memref<256xi32>, 0, 256)
        aie.end
      } {issue_token = true}
      aiex.dma_start_task(%receive)
      aiex.dma_start_task(%send)
      aiex.dma_await_task(%send)
      aiex.dma_await_task(%receive)
    }
  }
}
