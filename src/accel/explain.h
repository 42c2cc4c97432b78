// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The chip and its driver answer mistakes with an errno or a command state and no word. This says
// the word, on standard error of the program that runs on the emulated device: when ASHLAR_EXPLAIN
// is 1, or is unset and standard error is a terminal.
#pragma once

#include "base/base.h"

#include <functional>

namespace ashlar::accel {

/// One explanation, a full sentence without line end; `remedy` may be empty.
void explain(const std::string &what, const std::string &remedy = {});
void explain(const Diagnostic &diagnostic);
/// Tests listen here instead of standard error; null restores it.
void setExplainer(std::function<void(const std::string &)> listener);

} // namespace ashlar::accel
