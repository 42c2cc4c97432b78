// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LayerNorm with gamma and beta: the second variant. The parameters come in through an object FIFO
// of their own, gamma before beta, once for each row.
module {
  aie.device(npu1) {
    func.func private @layernorm_512_affine(memref<512xbf16>, memref<1024xbf16>, memref<512xbf16>)

    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)

    aie.objectfifo @rows_in(%shim, {%core}, 2 : i32) : !aie.objectfifo<memref<512xbf16>>
    aie.objectfifo @gamma_beta(%shim, {%core}, 1 : i32) : !aie.objectfifo<memref<1024xbf16>>
    aie.objectfifo @rows_out(%core, {%shim}, 2 : i32) : !aie.objectfifo<memref<512xbf16>>

    %program = aie.core(%core) {
      %first = arith.constant 0 : index
      %step = arith.constant 1 : index
      %forever = arith.constant 9223372036854775807 : index
      scf.for %row = %first to %forever step %step {
        %in_view = aie.objectfifo.acquire @rows_in(Consume, 1) : !aie.objectfifosubview<memref<512xbf16>>
        %in = aie.objectfifo.subview.access %in_view[0] : !aie.objectfifosubview<memref<512xbf16>> -> memref<512xbf16>
        %params_view = aie.objectfifo.acquire @gamma_beta(Consume, 1) : !aie.objectfifosubview<memref<1024xbf16>>
        %params = aie.objectfifo.subview.access %params_view[0] : !aie.objectfifosubview<memref<1024xbf16>> -> memref<1024xbf16>
        %out_view = aie.objectfifo.acquire @rows_out(Produce, 1) : !aie.objectfifosubview<memref<512xbf16>>
        %out = aie.objectfifo.subview.access %out_view[0] : !aie.objectfifosubview<memref<512xbf16>> -> memref<512xbf16>
        func.call @layernorm_512_affine(%in, %params, %out) : (memref<512xbf16>, memref<1024xbf16>, memref<512xbf16>) -> ()
        aie.objectfifo.release @rows_in(Consume, 1)
        aie.objectfifo.release @gamma_beta(Consume, 1)
        aie.objectfifo.release @rows_out(Produce, 1)
      }
      aie.end
    } {link_with = "layernorm.o"}

    aie.runtime_sequence @sequence(%in : memref<512xbf16>, %params : memref<1024xbf16>, %out : memref<512xbf16>) {
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 512][0, 0, 0, 1]) {id = 0 : i64, metadata = @rows_in} : memref<512xbf16>
      aiex.npu.dma_memcpy_nd(%params[0, 0, 0, 0][1, 1, 1, 1024][0, 0, 0, 1]) {id = 1 : i64, metadata = @gamma_beta} : memref<1024xbf16>
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 512][0, 0, 0, 1]) {id = 2 : i64, issue_token = true, metadata = @rows_out} : memref<512xbf16>
      aiex.npu.dma_wait {symbol = @rows_out}
    }
  }
}
