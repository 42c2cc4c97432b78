// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A chain of two BDs on the memtile sends its two halves swapped; a task started by the sequence
// repeats the chain. Everything is configured by hand, there is no object FIFO.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %half = aie.buffer(%mem) {sym_name = "halves"} : memref<128xi32>
    %empty = aie.lock(%mem, 0) {init = 1 : i32, sym_name = "empty"}
    %full = aie.lock(%mem, 1) {init = 0 : i32, sym_name = "full"}
    aie.flow(%shim, DMA : 0, %mem, DMA : 0)
    aie.flow(%mem, DMA : 0, %shim, DMA : 0)
    aie.shim_dma_allocation @to_mem(MM2S, 0, 0)
    aie.shim_dma_allocation @from_mem(S2MM, 0, 0)
    %dma = aie.memtile_dma(%mem) {
      %0 = aie.dma_start(S2MM, 0, ^fill, ^done)
    ^fill:
      aie.use_lock(%empty, AcquireGreaterEqual, 1)
      aie.dma_bd(%half : memref<128xi32>, 0, 128)
      aie.use_lock(%full, Release, 1)
      aie.next_bd ^fill
    ^done:
      aie.end
    }
    aiex.runtime_sequence(%x : memref<512xi32>, %y : memref<512xi32>) {
      %drain = aiex.dma_configure_task(%mem, MM2S, 0) {
        aie.use_lock(%full, AcquireGreaterEqual, 1)
        aie.dma_bd(%half : memref<128xi32>, 64, 64) {bd_id = 2 : i32}
        aie.next_bd ^second
      ^second:
        aie.dma_bd(%half : memref<128xi32>, 0, 64) {bd_id = 3 : i32}
        aie.use_lock(%empty, Release, 1)
        aie.end
      } {repeat_count = 3 : i32}
      aiex.dma_start_task(%drain)
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 0][1, 1, 1, 512][0, 0, 0, 1]) {id = 1 : i64, metadata = @to_mem} : memref<512xi32>
      aiex.npu.dma_memcpy_nd(%y[0, 0, 0, 0][1, 1, 1, 512][0, 0, 0, 1]) {id = 0 : i64, metadata = @from_mem} : memref<512xi32>
      aiex.npu.dma_wait {symbol = @from_mem}
    }
  }
}
