// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two cores behind one shim channel: the packet id of each transfer chooses the core. Core 0 adds 10,
// core 1 multiplies by 3; both send back over one channel with a packet id of their own.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %core0 = aie.tile(0, 2)
    %core1 = aie.tile(0, 3)
    %in0 = aie.buffer(%core0) {sym_name = "in0"} : memref<64xi32>
    %out0 = aie.buffer(%core0) {sym_name = "out0"} : memref<64xi32>
    %in1 = aie.buffer(%core1) {sym_name = "in1"} : memref<64xi32>
    %out1 = aie.buffer(%core1) {sym_name = "out1"} : memref<64xi32>
    %in0_free = aie.lock(%core0, 0) {init = 1 : i32}
    %in0_full = aie.lock(%core0, 1) {init = 0 : i32}
    %out0_free = aie.lock(%core0, 2) {init = 1 : i32}
    %out0_full = aie.lock(%core0, 3) {init = 0 : i32}
    %in1_free = aie.lock(%core1, 0) {init = 1 : i32}
    %in1_full = aie.lock(%core1, 1) {init = 0 : i32}
    %out1_free = aie.lock(%core1, 2) {init = 1 : i32}
    %out1_full = aie.lock(%core1, 3) {init = 0 : i32}
    aie.packet_flow(1) {
      aie.packet_source<%shim, DMA : 0>
      aie.packet_dest<%core0, DMA : 0>
    }
    aie.packet_flow(2) {
      aie.packet_source<%shim, DMA : 0>
      aie.packet_dest<%core1, DMA : 0>
    }
    aie.packet_flow(3) {
      aie.packet_source<%core0, DMA : 0>
      aie.packet_dest<%shim, DMA : 0>
    }
    aie.packet_flow(4) {
      aie.packet_source<%core1, DMA : 0>
      aie.packet_dest<%shim, DMA : 1>
    }
    aie.shim_dma_allocation @send(MM2S, 0, 0)
    aie.shim_dma_allocation @receive0(S2MM, 0, 0)
    aie.shim_dma_allocation @receive1(S2MM, 1, 0)
    %mem0 = aie.mem(%core0) {
      %0 = aie.dma_start(S2MM, 0, ^fill, ^send)
    ^fill:
      aie.use_lock(%in0_free, AcquireGreaterEqual, 1)
      aie.dma_bd(%in0 : memref<64xi32>, 0, 64)
      aie.use_lock(%in0_full, Release, 1)
      aie.next_bd ^fill
    ^send:
      %1 = aie.dma_start(MM2S, 0, ^drain, ^done)
    ^drain:
      aie.use_lock(%out0_full, AcquireGreaterEqual, 1)
      aie.dma_bd(%out0 : memref<64xi32>, 0, 64) {packet = #aie.packet_info<pkt_type = 0, pkt_id = 3>}
      aie.use_lock(%out0_free, Release, 1)
      aie.next_bd ^drain
    ^done:
      aie.end
    }
    %mem1 = aie.mem(%core1) {
      %0 = aie.dma_start(S2MM, 0, ^fill, ^send)
    ^fill:
      aie.use_lock(%in1_free, AcquireGreaterEqual, 1)
      aie.dma_bd(%in1 : memref<64xi32>, 0, 64)
      aie.use_lock(%in1_full, Release, 1)
      aie.next_bd ^fill
    ^send:
      %1 = aie.dma_start(MM2S, 0, ^drain, ^done)
    ^drain:
      aie.use_lock(%out1_full, AcquireGreaterEqual, 1)
      aie.dma_bd(%out1 : memref<64xi32>, 0, 64) {packet = #aie.packet_info<pkt_type = 0, pkt_id = 4>}
      aie.use_lock(%out1_free, Release, 1)
      aie.next_bd ^drain
    ^done:
      aie.end
    }
    aie.core(%core0) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c64 = arith.constant 64 : index
      %ten = arith.constant 10 : i32
      cf.br ^loop
    ^loop:
      aie.use_lock(%in0_full, AcquireGreaterEqual, 1)
      aie.use_lock(%out0_free, AcquireGreaterEqual, 1)
      scf.for %i = %c0 to %c64 step %c1 {
        %v = memref.load %in0[%i] : memref<64xi32>
        %s = arith.addi %v, %ten : i32
        memref.store %s, %out0[%i] : memref<64xi32>
      }
      aie.use_lock(%in0_free, Release, 1)
      aie.use_lock(%out0_full, Release, 1)
      cf.br ^loop
    }
    aie.core(%core1) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c64 = arith.constant 64 : index
      %three = arith.constant 3 : i32
      cf.br ^loop
    ^loop:
      aie.use_lock(%in1_full, AcquireGreaterEqual, 1)
      aie.use_lock(%out1_free, AcquireGreaterEqual, 1)
      scf.for %i = %c0 to %c64 step %c1 {
        %v = memref.load %in1[%i] : memref<64xi32>
        %s = arith.muli %v, %three : i32
        memref.store %s, %out1[%i] : memref<64xi32>
      }
      aie.use_lock(%in1_free, Release, 1)
      aie.use_lock(%out1_full, Release, 1)
      cf.br ^loop
    }
    aiex.runtime_sequence(%x : memref<128xi32>, %y : memref<128xi32>) {
      aiex.npu.dma_memcpy_nd(%y[0, 0, 0, 0][1, 1, 1, 64][0, 0, 0, 1]) {id = 0 : i64, metadata = @receive0, issue_token = true} : memref<128xi32>
      aiex.npu.dma_memcpy_nd(%y[0, 0, 0, 64][1, 1, 1, 64][0, 0, 0, 1]) {id = 1 : i64, metadata = @receive1, issue_token = true} : memref<128xi32>
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 64][1, 1, 1, 64][0, 0, 0, 1], packet = <pkt_id = 2, pkt_type = 0>) {id = 2 : i64, metadata = @send} : memref<128xi32>
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 0][1, 1, 1, 64][0, 0, 0, 1], packet = <pkt_id = 1, pkt_type = 0>) {id = 3 : i64, metadata = @send} : memref<128xi32>
      aiex.npu.dma_wait {symbol = @receive0}
      aiex.npu.dma_wait {symbol = @receive1}
    }
  }
}
