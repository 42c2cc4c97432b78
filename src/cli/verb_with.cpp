// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar with -- COMMAND`: runs any XRT program on an emulated Phoenix. The program's exit status
// is ours.
#include "accel/launch.h"
#include "cli/resources.h"
#include "cli/verbs.h"

#include <filesystem>
#include <memory>

namespace ashlar::cli {

std::function<int()> setupWith(CLI::App &command) {
  auto words = std::make_shared<std::vector<std::string>>();
  command.add_option("command", *words, "the program and its arguments, after --")->required();
  command.footer("ASHLAR_EXPLAIN=1 tells on standard error why the device refuses something\n"
                 "(the default on a terminal); ASHLAR_TDR_MS sets the watchdog's time.");
  return [words] {
    const std::filesystem::path resources = resourceDir();
    const Result<int> status =
        accel::launch(*words, (resources.parent_path() / "libashlar-accel.so").string());
    return status.ok() ? *status : fail(status);
  };
}

} // namespace ashlar::cli
