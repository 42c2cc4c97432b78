// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The layer below the API: one function an instruction of the vector unit, by hardware or in C++.
#pragma once

#include "aie_api/detail/config.h"

#if ASHLAR_VECTOR_UNIT
#include <aie2_intrinsics.h>
#else
#include "aie_api/detail/host/control.h"
#include "aie_api/detail/host/convert.h"
#include "aie_api/detail/host/float.h"
#include "aie_api/detail/host/integer_mac.h"
#include "aie_api/detail/host/lanes.h"
#include "aie_api/detail/host/moves.h"
#endif
