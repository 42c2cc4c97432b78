// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Text files that the vendor's driver leaves in its temporary folder, which scripts of its users
// look into or hand to bootgen, xclbinutil and a linker.
#pragma once

#include "link/link.h"
#include "package/package.h"
#include "plan/plan.h"

namespace ashlar::cli {

std::string bifText(const std::string &folder, const std::string &device);
std::string partitionJson(const plan::Plan &plan, const std::string &pdiPath,
                          const std::string &uuid, const std::string &kernelId);
std::string memTopologyJson();
std::string kernelsJson(const plan::Plan &plan, const package::Options &options);
std::string linkerScript(const plan::Plan &plan, const plan::Core &core);
/// The run-time sequences as the register operations they became.
std::string npuInstsText(const plan::Plan &plan);

} // namespace ashlar::cli
