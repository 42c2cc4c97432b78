// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The resource folder is found beside the executable, so that a tree can be moved or installed
// anywhere without a configured path.
#include "cli/resources.h"

#include <cstdlib>
#include <filesystem>

namespace ashlar::cli {

std::string resourceDir() {
  if (const char *dir = std::getenv("ASHLAR_RESOURCE_DIR")) return dir;
  std::error_code failed;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failed);
  return (self.parent_path().parent_path() / "lib" / "ashlar" / "aie2").string();
}

std::string reproducerPath(const std::string &source) {
  std::error_code failed;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(failed);
  return (folder / ("ashlar-" + std::filesystem::path(source).stem().string() + ".ll")).string();
}

} // namespace ashlar::cli
