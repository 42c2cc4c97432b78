// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes the seeds of the fuzz targets.
#include "seeds.h"

#include <filesystem>

using namespace ashlar;

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const auto seeds = fuzz::seeds();
  for (const auto &[name, bytes] : seeds) {
    const std::string path = std::string(argv[1]) + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    if (!writeFile(path, bytes).ok()) return 1;
  }
  return seeds.empty();
}
