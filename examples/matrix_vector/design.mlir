// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// y = A x with A 64 x 64 of i16 and y of i32: two cores take 32 rows each. The memtile deals out the
// tiles of A; x is broadcast to both cores.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %core0 = aie.tile(0, 2)
    %core1 = aie.tile(0, 3)
    aie.objectfifo @a(%shim, {%mem}, 2 : i32) : !aie.objectfifo<memref<1024xi16>>
    aie.objectfifo @a0(%mem, {%core0}, 2 : i32) : !aie.objectfifo<memref<512xi16>>
    aie.objectfifo @a1(%mem, {%core1}, 2 : i32) : !aie.objectfifo<memref<512xi16>>
    aie.objectfifo.link [@a] -> [@a0, @a1] ([] [0, 512])
    aie.objectfifo @x(%shim, {%core0, %core1}, 1 : i32) : !aie.objectfifo<memref<64xi16>>
    aie.objectfifo @y0(%core0, {%mem}, 2 : i32) : !aie.objectfifo<memref<32xi32>>
    aie.objectfifo @y1(%core1, {%mem}, 2 : i32) : !aie.objectfifo<memref<32xi32>>
    aie.objectfifo @y(%mem, {%shim}, 2 : i32) : !aie.objectfifo<memref<64xi32>>
    aie.objectfifo.link [@y0, @y1] -> [@y] ([0, 32] [])
    func.func private @rows_times_vector(memref<512xi16>, memref<64xi16>, memref<32xi32>, i32, i32)
    aie.core(%core0) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      %rows = arith.constant 8 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %xs = aie.objectfifo.acquire @x(Consume, 1) : !aie.objectfifosubview<memref<64xi16>>
        %x = aie.objectfifo.subview.access %xs[0] : !aie.objectfifosubview<memref<64xi16>> -> memref<64xi16>
        %ys = aie.objectfifo.acquire @y0(Produce, 1) : !aie.objectfifosubview<memref<32xi32>>
        %y = aie.objectfifo.subview.access %ys[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        scf.for %i = %c0 to %c4 step %c1 {
          %first = arith.index_cast %i : index to i32
          %row = arith.muli %first, %rows : i32
          %as = aie.objectfifo.acquire @a0(Consume, 1) : !aie.objectfifosubview<memref<512xi16>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<512xi16>> -> memref<512xi16>
          func.call @rows_times_vector(%a, %x, %y, %row, %rows) : (memref<512xi16>, memref<64xi16>, memref<32xi32>, i32, i32) -> ()
          aie.objectfifo.release @a0(Consume, 1)
        }
        aie.objectfifo.release @x(Consume, 1)
        aie.objectfifo.release @y0(Produce, 1)
      }
      aie.end
    } {link_with = "matvec.o"}
    aie.core(%core1) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      %rows = arith.constant 8 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %xs = aie.objectfifo.acquire @x(Consume, 1) : !aie.objectfifosubview<memref<64xi16>>
        %x = aie.objectfifo.subview.access %xs[0] : !aie.objectfifosubview<memref<64xi16>> -> memref<64xi16>
        %ys = aie.objectfifo.acquire @y1(Produce, 1) : !aie.objectfifosubview<memref<32xi32>>
        %y = aie.objectfifo.subview.access %ys[0] : !aie.objectfifosubview<memref<32xi32>> -> memref<32xi32>
        scf.for %i = %c0 to %c4 step %c1 {
          %first = arith.index_cast %i : index to i32
          %row = arith.muli %first, %rows : i32
          %as = aie.objectfifo.acquire @a1(Consume, 1) : !aie.objectfifosubview<memref<512xi16>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<512xi16>> -> memref<512xi16>
          func.call @rows_times_vector(%a, %x, %y, %row, %rows) : (memref<512xi16>, memref<64xi16>, memref<32xi32>, i32, i32) -> ()
          aie.objectfifo.release @a1(Consume, 1)
        }
        aie.objectfifo.release @x(Consume, 1)
        aie.objectfifo.release @y1(Produce, 1)
      }
      aie.end
    } {link_with = "matvec.o"}
    // A tile is eight rows of the upper half of A (core 0) and eight of the lower (core 1): the shim
    // gathers them with a three-dimensional pattern.
    aiex.runtime_sequence(%A : memref<64x64xi16>, %X : memref<64xi16>, %Y : memref<64xi32>) {
      aiex.npu.dma_memcpy_nd(%X[0, 0, 0, 0][1, 1, 1, 64][0, 0, 0, 1]) {id = 0 : i64, metadata = @x} : memref<64xi16>
      aiex.npu.dma_memcpy_nd(%A[0, 0, 0, 0][1, 4, 2, 512][0, 512, 2048, 1]) {id = 1 : i64, metadata = @a} : memref<64x64xi16>
      aiex.npu.dma_memcpy_nd(%Y[0, 0, 0, 0][1, 1, 1, 64][0, 0, 0, 1]) {id = 2 : i64, metadata = @y} : memref<64xi32>
      aiex.npu.dma_wait {symbol = @y}
    }
  }
}
