// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A package's own folder is known by the plan in it; a package elsewhere stands for itself.
#include "cli/subject.h"

#include "format/xclbin.h"
#include "plan/text.h"

#include <algorithm>
#include <filesystem>

namespace ashlar::cli {

namespace fs = std::filesystem;

Result<report::Subject> readSubject(const std::string &path,
                                    const std::vector<std::string> &streams,
                                    Diagnostics &warnings) {
  report::Subject s;
  s.name = path;
  std::error_code failed;
  fs::path package = path;
  if (fs::is_directory(package, failed)) package /= "main.xclbin";
  ASHLAR_TRY(const Bytes bytes, readFile(package.string()));
  ASHLAR_TRY(s.package, load::readPackage(bytes, package.string(), warnings));
  if (format::xclbin::looksLikeXclbin(bytes)) s.xclbin = bytes;
  const fs::path folder = package.has_parent_path() ? package.parent_path() : fs::path(".");
  const fs::path plan = folder / "plan.json";
  std::vector<std::string> files = streams;
  if (fs::exists(plan, failed)) {
    ASHLAR_TRY(const std::string text, readTextFile(plan.string()));
    ASHLAR_TRY(s.plan, plan::parse(text, plan.string()));
    if (streams.empty())
      for (const auto &entry : fs::directory_iterator(folder, failed))
        if (entry.path().filename().string().ends_with(".insts.bin"))
          files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
  }
  for (const std::string &f : files) {
    ASHLAR_TRY(const Bytes data, readFile(f));
    ASHLAR_TRY(load::Stream stream, load::readStream(data, f, warnings));
    s.streams.push_back(std::move(stream));
  }
  return s;
}

} // namespace ashlar::cli
