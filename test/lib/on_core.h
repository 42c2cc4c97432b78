// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs an expression over arrays on one emulated core, by the built `ashlar core`: the compiled
// library where the host-compiled one was tested before.
#pragma once

#include "base/base.h"

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace lib_test {

struct CoreRun {
  ashlar::Bytes output;
  uint64_t cycles = 0;
  std::string message; ///< what went wrong; "" = nothing
};

/// Compiles `source`, which defines `extern "C" void run(const void *in..., void *out, int n)` with
/// one `in` for each of `inputs`, and calls it. `flags`: -O and the like.
inline CoreRun runOnCore(const std::string &source, const std::vector<ashlar::Bytes> &inputs,
                         size_t outputBytes, size_t n, const std::string &flags = "-O 2") {
  namespace fs = std::filesystem;
  static int serial = 0;
  const fs::path dir =
      fs::temp_directory_path() / fmt::format("ashlar_on_core_{}_{}", ::getpid(), serial++);
  fs::create_directories(dir);
  const std::string base = dir.string();
  CoreRun result;
  const auto put = [&](const std::string &name, ashlar::ByteView data) {
    if (!ashlar::writeFile(base + "/" + name, data).ok()) result.message = "cannot write " + name;
  };
  put("k.cc", {reinterpret_cast<const uint8_t *>(source.data()), source.size()});
  std::string arguments;
  for (size_t i = 0; i < inputs.size(); ++i) {
    put(fmt::format("in{}.bin", i), inputs[i]);
    arguments += fmt::format(" --arg @{}/in{}.bin", base, i);
  }
  const std::string command = fmt::format(
      "ulimit -v 8000000; timeout 300 {}/bin/ashlar core {}/k.cc {} --call run{} "
      "--arg @:{} --arg {} --dump arg{}={}/out.bin --stack-size 4096 --json > {}/log 2>&1",
      ASHLAR_BINARY_DIR, base, flags, arguments, outputBytes, n, inputs.size(), base, base);
  const int status = std::system(command.c_str());
  const auto log = ashlar::readTextFile(base + "/log");
  const std::string text = log.ok() ? *log : "";
  const auto report =
      nlohmann::json::parse(text.substr(std::min(text.find('{'), text.size())), nullptr, false);
  if (status != 0 || report.is_discarded()) {
    result.message = command + "\n" + text;
  } else {
    result.cycles = report.value("cycles", uint64_t{0});
    auto output = ashlar::readFile(base + "/out.bin");
    if (output.ok())
      result.output = std::move(*output);
    else
      result.message = "no output\n" + text;
  }
  fs::remove_all(dir);
  return result;
}
inline CoreRun runOnCore(const std::string &source, const ashlar::Bytes &input, size_t outputBytes,
                         size_t n, const std::string &flags = "-O 2") {
  return runOnCore(source, std::vector<ashlar::Bytes>(1, input), outputBytes, n, flags);
}

} // namespace lib_test
