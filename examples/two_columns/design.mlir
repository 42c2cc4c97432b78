// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An image of 4096 bytes thresholded by four cores in two columns. Each core has its own threshold and
// replacement, written as run-time parameters by the sequence; the memtiles deal out and join the image.
module {
  aie.device(npu1_2col) {
    %shim0 = aie.tile(0, 0)
    %mem0 = aie.tile(0, 1)
    %core02 = aie.tile(0, 2)
    %core03 = aie.tile(0, 3)
    %shim1 = aie.tile(1, 0)
    %mem1 = aie.tile(1, 1)
    %core12 = aie.tile(1, 2)
    %core13 = aie.tile(1, 3)
    %rtp02 = aie.buffer(%core02) {sym_name = "rtp02"} : memref<2xi32>
    %rtp03 = aie.buffer(%core03) {sym_name = "rtp03"} : memref<2xi32>
    %rtp12 = aie.buffer(%core12) {sym_name = "rtp12"} : memref<2xi32>
    %rtp13 = aie.buffer(%core13) {sym_name = "rtp13"} : memref<2xi32>
    aie.objectfifo @in0(%shim0, {%mem0}, 2 : i32) : !aie.objectfifo<memref<512xui8>>
    aie.objectfifo @in02(%mem0, {%core02}, 2 : i32) : !aie.objectfifo<memref<256xui8>>
    aie.objectfifo @in03(%mem0, {%core03}, 2 : i32) : !aie.objectfifo<memref<256xui8>>
    aie.objectfifo.link [@in0] -> [@in02, @in03] ([] [0, 256])
    aie.objectfifo @out02(%core02, {%mem0}, 2 : i32) : !aie.objectfifo<memref<256xui8>>
    aie.objectfifo @out03(%core03, {%mem0}, 2 : i32) : !aie.objectfifo<memref<256xui8>>
    aie.objectfifo @out0(%mem0, {%shim0}, 2 : i32) : !aie.objectfifo<memref<512xui8>>
    aie.objectfifo.link [@out02, @out03] -> [@out0] ([0, 256] [])
    aie.objectfifo @in1(%shim1, {%mem1}, 2 : i32) : !aie.objectfifo<memref<512xui8>>
    aie.objectfifo @in12(%mem1, {%core12}, 2 : i32) : !aie.objectfifo<memref<256xui8>>
    aie.objectfifo @in13(%mem1, {%core13}, 2 : i32) : !aie.objectfifo<memref<256xui8>>
    aie.objectfifo.link [@in1] -> [@in12, @in13] ([] [0, 256])
    aie.objectfifo @out12(%core12, {%mem1}, 2 : i32) : !aie.objectfifo<memref<256xui8>>
    aie.objectfifo @out13(%core13, {%mem1}, 2 : i32) : !aie.objectfifo<memref<256xui8>>
    aie.objectfifo @out1(%mem1, {%shim1}, 2 : i32) : !aie.objectfifo<memref<512xui8>>
    aie.objectfifo.link [@out12, @out13] -> [@out1] ([0, 256] [])
    func.func private @threshold(memref<256xui8>, memref<256xui8>, i32, i32, i32)
    aie.core(%core02) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %forever = arith.constant 4294967295 : index
      %n = arith.constant 256 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %is = aie.objectfifo.acquire @in02(Consume, 1) : !aie.objectfifosubview<memref<256xui8>>
        %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<256xui8>> -> memref<256xui8>
        %os = aie.objectfifo.acquire @out02(Produce, 1) : !aie.objectfifosubview<memref<256xui8>>
        %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<256xui8>> -> memref<256xui8>
        %limit = memref.load %rtp02[%c0] : memref<2xi32>
        %value = memref.load %rtp02[%c1] : memref<2xi32>
        func.call @threshold(%x, %y, %n, %limit, %value) : (memref<256xui8>, memref<256xui8>, i32, i32, i32) -> ()
        aie.objectfifo.release @in02(Consume, 1)
        aie.objectfifo.release @out02(Produce, 1)
      }
      aie.end
    } {link_with = "threshold.o"}
    aie.core(%core03) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %forever = arith.constant 4294967295 : index
      %n = arith.constant 256 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %is = aie.objectfifo.acquire @in03(Consume, 1) : !aie.objectfifosubview<memref<256xui8>>
        %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<256xui8>> -> memref<256xui8>
        %os = aie.objectfifo.acquire @out03(Produce, 1) : !aie.objectfifosubview<memref<256xui8>>
        %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<256xui8>> -> memref<256xui8>
        %limit = memref.load %rtp03[%c0] : memref<2xi32>
        %value = memref.load %rtp03[%c1] : memref<2xi32>
        func.call @threshold(%x, %y, %n, %limit, %value) : (memref<256xui8>, memref<256xui8>, i32, i32, i32) -> ()
        aie.objectfifo.release @in03(Consume, 1)
        aie.objectfifo.release @out03(Produce, 1)
      }
      aie.end
    } {link_with = "threshold.o"}
    aie.core(%core12) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %forever = arith.constant 4294967295 : index
      %n = arith.constant 256 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %is = aie.objectfifo.acquire @in12(Consume, 1) : !aie.objectfifosubview<memref<256xui8>>
        %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<256xui8>> -> memref<256xui8>
        %os = aie.objectfifo.acquire @out12(Produce, 1) : !aie.objectfifosubview<memref<256xui8>>
        %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<256xui8>> -> memref<256xui8>
        %limit = memref.load %rtp12[%c0] : memref<2xi32>
        %value = memref.load %rtp12[%c1] : memref<2xi32>
        func.call @threshold(%x, %y, %n, %limit, %value) : (memref<256xui8>, memref<256xui8>, i32, i32, i32) -> ()
        aie.objectfifo.release @in12(Consume, 1)
        aie.objectfifo.release @out12(Produce, 1)
      }
      aie.end
    } {link_with = "threshold.o"}
    aie.core(%core13) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %forever = arith.constant 4294967295 : index
      %n = arith.constant 256 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %is = aie.objectfifo.acquire @in13(Consume, 1) : !aie.objectfifosubview<memref<256xui8>>
        %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<256xui8>> -> memref<256xui8>
        %os = aie.objectfifo.acquire @out13(Produce, 1) : !aie.objectfifosubview<memref<256xui8>>
        %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<256xui8>> -> memref<256xui8>
        %limit = memref.load %rtp13[%c0] : memref<2xi32>
        %value = memref.load %rtp13[%c1] : memref<2xi32>
        func.call @threshold(%x, %y, %n, %limit, %value) : (memref<256xui8>, memref<256xui8>, i32, i32, i32) -> ()
        aie.objectfifo.release @in13(Consume, 1)
        aie.objectfifo.release @out13(Produce, 1)
      }
      aie.end
    } {link_with = "threshold.o"}
    aiex.runtime_sequence(%x : memref<4096xui8>, %y : memref<4096xui8>) {
      aiex.npu.rtp_write(@rtp02, 0, 40)
      aiex.npu.rtp_write(@rtp02, 1, 255)
      aiex.npu.rtp_write(@rtp03, 0, 90)
      aiex.npu.rtp_write(@rtp03, 1, 254)
      aiex.npu.rtp_write(@rtp12, 0, 140)
      aiex.npu.rtp_write(@rtp12, 1, 253)
      aiex.npu.rtp_write(@rtp13, 0, 190)
      aiex.npu.rtp_write(@rtp13, 1, 252)
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 0][1, 1, 1, 2048][0, 0, 0, 1]) {id = 1 : i64, metadata = @in0} : memref<4096xui8>
      aiex.npu.dma_memcpy_nd(%y[0, 0, 0, 0][1, 1, 1, 2048][0, 0, 0, 1]) {id = 0 : i64, metadata = @out0} : memref<4096xui8>
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 2048][1, 1, 1, 2048][0, 0, 0, 1]) {id = 1 : i64, metadata = @in1} : memref<4096xui8>
      aiex.npu.dma_memcpy_nd(%y[0, 0, 0, 2048][1, 1, 1, 2048][0, 0, 0, 1]) {id = 0 : i64, metadata = @out1} : memref<4096xui8>
      aiex.npu.dma_wait {symbol = @out0}
      aiex.npu.dma_wait {symbol = @out1}
    }
  }
}
