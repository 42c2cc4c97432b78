// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The names that the vendor's compilers know without any #include: native vector types, the
// functions over them, events, locks, streams. `ashlar cc` reads this header by itself when a
// kernel uses such a name and does not compile without it (docs/vectors.md).
#ifndef AIEV2INTRIN_H
#define AIEV2INTRIN_H

#include <aie2_core.h>
#include <aie2_types.h>
#ifdef __cplusplus
#include <aie_api/native.hpp>
#endif

#endif
