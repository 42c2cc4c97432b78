// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What every stage may use: results, diagnostics, bytes, files.
#pragma once

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "base/file.h"
#include "base/result.h"
