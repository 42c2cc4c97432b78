// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The plan's text form: JSON that can be printed, read back, diffed and written by hand. Printing
// is deterministic, and what is printed reads back as the same plan. Members that hold their
// default are left out; reading wants nothing but what has no default.
#pragma once

#include "base/base.h"
#include "plan/plan.h"

namespace ashlar::plan {

std::string print(const Plan &plan);
/// `name` is for diagnostics. Errors: `plan-syntax` (with line and column), `plan-value` (with the
/// member's path, as `dmas[0].bds[2].bd.length`).
Result<Plan> parse(std::string_view text, const std::string &name);

} // namespace ashlar::plan
