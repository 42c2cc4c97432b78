// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The vendor's second entry header; kernels use it for the same vectors.
#pragma once
#include "adf.h"
