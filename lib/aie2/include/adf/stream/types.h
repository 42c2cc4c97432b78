// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The names of the arguments of kernels written for graphs.
#pragma once
#include "adf.h"
