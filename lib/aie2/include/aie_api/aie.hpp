// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors, accumulators and block multiplication under the names of the vendor's C++ vector API, so
// that existing kernels compile unchanged; docs/vectors.md lists what is there. The same header
// serves a core and a host, where a kernel is then its own reference: below the API stands one
// function an instruction, executed by the vector unit or computed bit for bit in C++.
#ifndef ASHLAR_AIE_API_AIE_HPP
#define ASHLAR_AIE_API_AIE_HPP

#include <array>
#include <cassert>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>

#include "aie_api/accum.hpp"
#include "aie_api/addressing.hpp"
#include "aie_api/arithmetic.hpp"
#include "aie_api/bits.hpp"
#include "aie_api/compare.hpp"
#include "aie_api/create.hpp"
#include "aie_api/int4.hpp"
#include "aie_api/iterators.hpp"
#include "aie_api/lookup.hpp"
#include "aie_api/mask.hpp"
#include "aie_api/math.hpp"
#include "aie_api/memory.hpp"
#include "aie_api/mmul.hpp"
#include "aie_api/modes.hpp"
#include "aie_api/mul.hpp"
#include "aie_api/native.hpp"
#include "aie_api/operators.hpp"
#include "aie_api/pack.hpp"
#include "aie_api/reduce.hpp"
#include "aie_api/shuffle.hpp"
#include "aie_api/sliding.hpp"
#include "aie_api/tile.hpp"
#include "aie_api/vector.hpp"

#endif
