// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The vendor's header of types alone.
#pragma once
#include "aie_api/aie.hpp"
