// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// xrt_with LIBRARY COMMAND...: what `ashlar with -- COMMAND` does.
#include "accel/launch.h"

#include <cstdio>

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const auto status =
      ashlar::accel::launch(std::vector<std::string>(argv + 2, argv + argc), argv[1]);
  if (status.ok()) return *status;
  std::fprintf(stderr, "%s\n", status.errors()[0].str().c_str());
  return 1;
}
