// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// C = A * B on all sixteen cores: A 512 x 256 and B 256 x 256 of i8, C 512 x 256 of i32, in tiles of
// 64 x 64. Column j of the array holds column block j of B and of C; row i takes the row tiles i, i +
// 4 of A. Each memtile broadcasts A along a row of cores, B along its column, and joins the four
// tiles of C. On the way to the cores the tiles are cut into blocks of 4 x 8 and 8 x 8, which is what
// the vector unit multiplies, and on the way out the blocks become lines again.
module {
  aie.device(npu1) {
    %shim0 = aie.tile(0, 0)
    %shim1 = aie.tile(1, 0)
    %shim2 = aie.tile(2, 0)
    %shim3 = aie.tile(3, 0)
    %mem0 = aie.tile(0, 1)
    %mem1 = aie.tile(1, 1)
    %mem2 = aie.tile(2, 1)
    %mem3 = aie.tile(3, 1)
    %core00 = aie.tile(0, 2)
    %core01 = aie.tile(0, 3)
    %core02 = aie.tile(0, 4)
    %core03 = aie.tile(0, 5)
    %core10 = aie.tile(1, 2)
    %core11 = aie.tile(1, 3)
    %core12 = aie.tile(1, 4)
    %core13 = aie.tile(1, 5)
    %core20 = aie.tile(2, 2)
    %core21 = aie.tile(2, 3)
    %core22 = aie.tile(2, 4)
    %core23 = aie.tile(2, 5)
    %core30 = aie.tile(3, 2)
    %core31 = aie.tile(3, 3)
    %core32 = aie.tile(3, 4)
    %core33 = aie.tile(3, 5)

    // A: from the shim of column i to the cores of row i.
    aie.objectfifo @a0_in(%shim0, {%mem0}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo @a0(%mem0 dimensionsToStream [<size = 16, stride = 256>, <size = 8, stride = 8>, <size = 4, stride = 64>, <size = 8, stride = 1>], {%core00, %core10, %core20, %core30}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo.link [@a0_in] -> [@a0] ([] [])
    aie.objectfifo @a1_in(%shim1, {%mem1}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo @a1(%mem1 dimensionsToStream [<size = 16, stride = 256>, <size = 8, stride = 8>, <size = 4, stride = 64>, <size = 8, stride = 1>], {%core01, %core11, %core21, %core31}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo.link [@a1_in] -> [@a1] ([] [])
    aie.objectfifo @a2_in(%shim2, {%mem2}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo @a2(%mem2 dimensionsToStream [<size = 16, stride = 256>, <size = 8, stride = 8>, <size = 4, stride = 64>, <size = 8, stride = 1>], {%core02, %core12, %core22, %core32}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo.link [@a2_in] -> [@a2] ([] [])
    aie.objectfifo @a3_in(%shim3, {%mem3}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo @a3(%mem3 dimensionsToStream [<size = 16, stride = 256>, <size = 8, stride = 8>, <size = 4, stride = 64>, <size = 8, stride = 1>], {%core03, %core13, %core23, %core33}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo.link [@a3_in] -> [@a3] ([] [])

    // B: from the shim of column j to the cores of column j.
    aie.objectfifo @b0_in(%shim0, {%mem0}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo @b0(%mem0 dimensionsToStream [<size = 8, stride = 512>, <size = 8, stride = 8>, <size = 8, stride = 64>, <size = 8, stride = 1>], {%core00, %core01, %core02, %core03}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo.link [@b0_in] -> [@b0] ([] [])
    aie.objectfifo @b1_in(%shim1, {%mem1}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo @b1(%mem1 dimensionsToStream [<size = 8, stride = 512>, <size = 8, stride = 8>, <size = 8, stride = 64>, <size = 8, stride = 1>], {%core10, %core11, %core12, %core13}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo.link [@b1_in] -> [@b1] ([] [])
    aie.objectfifo @b2_in(%shim2, {%mem2}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo @b2(%mem2 dimensionsToStream [<size = 8, stride = 512>, <size = 8, stride = 8>, <size = 8, stride = 64>, <size = 8, stride = 1>], {%core20, %core21, %core22, %core23}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo.link [@b2_in] -> [@b2] ([] [])
    aie.objectfifo @b3_in(%shim3, {%mem3}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo @b3(%mem3 dimensionsToStream [<size = 8, stride = 512>, <size = 8, stride = 8>, <size = 8, stride = 64>, <size = 8, stride = 1>], {%core30, %core31, %core32, %core33}, 2 : i32) : !aie.objectfifo<memref<64x64xi8>>
    aie.objectfifo.link [@b3_in] -> [@b3] ([] [])

    // C: four tiles of a column are joined and leave by its shim.
    aie.objectfifo @c00(%core00, {%mem0}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c01(%core01, {%mem0}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c02(%core02, {%mem0}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c03(%core03, {%mem0}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c0(%mem0 dimensionsToStream [<size = 64, stride = 256>, <size = 4, stride = 8>, <size = 8, stride = 32>, <size = 8, stride = 1>], {%shim0}, 2 : i32) : !aie.objectfifo<memref<256x64xi32>>
    aie.objectfifo.link [@c00, @c01, @c02, @c03] -> [@c0] ([0, 4096, 8192, 12288] [])
    aie.objectfifo @c10(%core10, {%mem1}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c11(%core11, {%mem1}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c12(%core12, {%mem1}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c13(%core13, {%mem1}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c1(%mem1 dimensionsToStream [<size = 64, stride = 256>, <size = 4, stride = 8>, <size = 8, stride = 32>, <size = 8, stride = 1>], {%shim1}, 2 : i32) : !aie.objectfifo<memref<256x64xi32>>
    aie.objectfifo.link [@c10, @c11, @c12, @c13] -> [@c1] ([0, 4096, 8192, 12288] [])
    aie.objectfifo @c20(%core20, {%mem2}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c21(%core21, {%mem2}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c22(%core22, {%mem2}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c23(%core23, {%mem2}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c2(%mem2 dimensionsToStream [<size = 64, stride = 256>, <size = 4, stride = 8>, <size = 8, stride = 32>, <size = 8, stride = 1>], {%shim2}, 2 : i32) : !aie.objectfifo<memref<256x64xi32>>
    aie.objectfifo.link [@c20, @c21, @c22, @c23] -> [@c2] ([0, 4096, 8192, 12288] [])
    aie.objectfifo @c30(%core30, {%mem3}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c31(%core31, {%mem3}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c32(%core32, {%mem3}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c33(%core33, {%mem3}, 2 : i32) : !aie.objectfifo<memref<64x64xi32>>
    aie.objectfifo @c3(%mem3 dimensionsToStream [<size = 64, stride = 256>, <size = 4, stride = 8>, <size = 8, stride = 32>, <size = 8, stride = 1>], {%shim3}, 2 : i32) : !aie.objectfifo<memref<256x64xi32>>
    aie.objectfifo.link [@c30, @c31, @c32, @c33] -> [@c3] ([0, 4096, 8192, 12288] [])

    func.func private @zero(%c : memref<64x64xi32>)
    func.func private @multiply_add(%a : memref<64x64xi8>, %b : memref<64x64xi8>, %c : memref<64x64xi32>)
    aie.core(%core00) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c00(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a0(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b0(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a0(Consume, 1)
          aie.objectfifo.release @b0(Consume, 1)
        }
        aie.objectfifo.release @c00(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core01) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c01(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a1(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b0(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a1(Consume, 1)
          aie.objectfifo.release @b0(Consume, 1)
        }
        aie.objectfifo.release @c01(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core02) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c02(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a2(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b0(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a2(Consume, 1)
          aie.objectfifo.release @b0(Consume, 1)
        }
        aie.objectfifo.release @c02(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core03) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c03(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a3(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b0(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a3(Consume, 1)
          aie.objectfifo.release @b0(Consume, 1)
        }
        aie.objectfifo.release @c03(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core10) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c10(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a0(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b1(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a0(Consume, 1)
          aie.objectfifo.release @b1(Consume, 1)
        }
        aie.objectfifo.release @c10(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core11) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c11(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a1(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b1(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a1(Consume, 1)
          aie.objectfifo.release @b1(Consume, 1)
        }
        aie.objectfifo.release @c11(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core12) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c12(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a2(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b1(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a2(Consume, 1)
          aie.objectfifo.release @b1(Consume, 1)
        }
        aie.objectfifo.release @c12(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core13) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c13(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a3(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b1(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a3(Consume, 1)
          aie.objectfifo.release @b1(Consume, 1)
        }
        aie.objectfifo.release @c13(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core20) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c20(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a0(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b2(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a0(Consume, 1)
          aie.objectfifo.release @b2(Consume, 1)
        }
        aie.objectfifo.release @c20(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core21) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c21(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a1(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b2(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a1(Consume, 1)
          aie.objectfifo.release @b2(Consume, 1)
        }
        aie.objectfifo.release @c21(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core22) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c22(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a2(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b2(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a2(Consume, 1)
          aie.objectfifo.release @b2(Consume, 1)
        }
        aie.objectfifo.release @c22(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core23) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c23(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a3(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b2(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a3(Consume, 1)
          aie.objectfifo.release @b2(Consume, 1)
        }
        aie.objectfifo.release @c23(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core30) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c30(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a0(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b3(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a0(Consume, 1)
          aie.objectfifo.release @b3(Consume, 1)
        }
        aie.objectfifo.release @c30(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core31) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c31(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a1(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b3(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a1(Consume, 1)
          aie.objectfifo.release @b3(Consume, 1)
        }
        aie.objectfifo.release @c31(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core32) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c32(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a2(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b3(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a2(Consume, 1)
          aie.objectfifo.release @b3(Consume, 1)
        }
        aie.objectfifo.release @c32(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}
    aie.core(%core33) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %forever = arith.constant 4294967295 : index
      scf.for %tile = %c0 to %forever step %c1 {
        %sums = aie.objectfifo.acquire @c33(Produce, 1) : !aie.objectfifosubview<memref<64x64xi32>>
        %sum = aie.objectfifo.subview.access %sums[0] : !aie.objectfifosubview<memref<64x64xi32>> -> memref<64x64xi32>
        func.call @zero(%sum) : (memref<64x64xi32>) -> ()
        scf.for %k = %c0 to %c4 step %c1 {
          %as = aie.objectfifo.acquire @a3(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %a = aie.objectfifo.subview.access %as[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          %bs = aie.objectfifo.acquire @b3(Consume, 1) : !aie.objectfifosubview<memref<64x64xi8>>
          %b = aie.objectfifo.subview.access %bs[0] : !aie.objectfifosubview<memref<64x64xi8>> -> memref<64x64xi8>
          func.call @multiply_add(%a, %b, %sum) : (memref<64x64xi8>, memref<64x64xi8>, memref<64x64xi32>) -> ()
          aie.objectfifo.release @a3(Consume, 1)
          aie.objectfifo.release @b3(Consume, 1)
        }
        aie.objectfifo.release @c33(Produce, 1)
      }
      aie.end
    } {link_with = "multiply.o"}

    // Two rounds, one for each half of A's lines: both are queued, then all of C is awaited.
    aiex.runtime_sequence(%A : memref<512x256xi8>, %B : memref<256x256xi8>, %C : memref<512x256xi32>) {
      aiex.npu.dma_memcpy_nd(%C[0, 0, 0, 0][1, 1, 256, 64][0, 0, 256, 1]) {id = 2 : i64, metadata = @c0} : memref<512x256xi32>
      aiex.npu.dma_memcpy_nd(%A[0, 0, 0, 0][1, 4, 64, 64][0, 64, 256, 1]) {id = 0 : i64, metadata = @a0_in} : memref<512x256xi8>
      aiex.npu.dma_memcpy_nd(%B[0, 0, 0, 0][1, 4, 64, 64][0, 16384, 256, 1]) {id = 1 : i64, metadata = @b0_in} : memref<256x256xi8>
      aiex.npu.dma_memcpy_nd(%C[0, 0, 0, 64][1, 1, 256, 64][0, 0, 256, 1]) {id = 2 : i64, metadata = @c1} : memref<512x256xi32>
      aiex.npu.dma_memcpy_nd(%A[0, 0, 64, 0][1, 4, 64, 64][0, 64, 256, 1]) {id = 0 : i64, metadata = @a1_in} : memref<512x256xi8>
      aiex.npu.dma_memcpy_nd(%B[0, 0, 0, 64][1, 4, 64, 64][0, 16384, 256, 1]) {id = 1 : i64, metadata = @b1_in} : memref<256x256xi8>
      aiex.npu.dma_memcpy_nd(%C[0, 0, 0, 128][1, 1, 256, 64][0, 0, 256, 1]) {id = 2 : i64, metadata = @c2} : memref<512x256xi32>
      aiex.npu.dma_memcpy_nd(%A[0, 0, 128, 0][1, 4, 64, 64][0, 64, 256, 1]) {id = 0 : i64, metadata = @a2_in} : memref<512x256xi8>
      aiex.npu.dma_memcpy_nd(%B[0, 0, 0, 128][1, 4, 64, 64][0, 16384, 256, 1]) {id = 1 : i64, metadata = @b2_in} : memref<256x256xi8>
      aiex.npu.dma_memcpy_nd(%C[0, 0, 0, 192][1, 1, 256, 64][0, 0, 256, 1]) {id = 2 : i64, metadata = @c3} : memref<512x256xi32>
      aiex.npu.dma_memcpy_nd(%A[0, 0, 192, 0][1, 4, 64, 64][0, 64, 256, 1]) {id = 0 : i64, metadata = @a3_in} : memref<512x256xi8>
      aiex.npu.dma_memcpy_nd(%B[0, 0, 0, 192][1, 4, 64, 64][0, 16384, 256, 1]) {id = 1 : i64, metadata = @b3_in} : memref<256x256xi8>
      aiex.npu.dma_memcpy_nd(%C[0, 0, 256, 0][1, 1, 256, 64][0, 0, 256, 1]) {id = 5 : i64, metadata = @c0} : memref<512x256xi32>
      aiex.npu.dma_memcpy_nd(%A[0, 0, 256, 0][1, 4, 64, 64][0, 64, 256, 1]) {id = 3 : i64, metadata = @a0_in} : memref<512x256xi8>
      aiex.npu.dma_memcpy_nd(%B[0, 0, 0, 0][1, 4, 64, 64][0, 16384, 256, 1]) {id = 4 : i64, metadata = @b0_in} : memref<256x256xi8>
      aiex.npu.dma_memcpy_nd(%C[0, 0, 256, 64][1, 1, 256, 64][0, 0, 256, 1]) {id = 5 : i64, metadata = @c1} : memref<512x256xi32>
      aiex.npu.dma_memcpy_nd(%A[0, 0, 320, 0][1, 4, 64, 64][0, 64, 256, 1]) {id = 3 : i64, metadata = @a1_in} : memref<512x256xi8>
      aiex.npu.dma_memcpy_nd(%B[0, 0, 0, 64][1, 4, 64, 64][0, 16384, 256, 1]) {id = 4 : i64, metadata = @b1_in} : memref<256x256xi8>
      aiex.npu.dma_memcpy_nd(%C[0, 0, 256, 128][1, 1, 256, 64][0, 0, 256, 1]) {id = 5 : i64, metadata = @c2} : memref<512x256xi32>
      aiex.npu.dma_memcpy_nd(%A[0, 0, 384, 0][1, 4, 64, 64][0, 64, 256, 1]) {id = 3 : i64, metadata = @a2_in} : memref<512x256xi8>
      aiex.npu.dma_memcpy_nd(%B[0, 0, 0, 128][1, 4, 64, 64][0, 16384, 256, 1]) {id = 4 : i64, metadata = @b2_in} : memref<256x256xi8>
      aiex.npu.dma_memcpy_nd(%C[0, 0, 256, 192][1, 1, 256, 64][0, 0, 256, 1]) {id = 5 : i64, metadata = @c3} : memref<512x256xi32>
      aiex.npu.dma_memcpy_nd(%A[0, 0, 448, 0][1, 4, 64, 64][0, 64, 256, 1]) {id = 3 : i64, metadata = @a3_in} : memref<512x256xi8>
      aiex.npu.dma_memcpy_nd(%B[0, 0, 0, 192][1, 4, 64, 64][0, 16384, 256, 1]) {id = 4 : i64, metadata = @b3_in} : memref<256x256xi8>
      aiex.npu.dma_wait {symbol = @c0}
      aiex.npu.dma_wait {symbol = @c1}
      aiex.npu.dma_wait {symbol = @c2}
      aiex.npu.dma_wait {symbol = @c3}
      aiex.npu.dma_wait {symbol = @c0}
      aiex.npu.dma_wait {symbol = @c1}
      aiex.npu.dma_wait {symbol = @c2}
      aiex.npu.dma_wait {symbol = @c3}
    }
  }
}
