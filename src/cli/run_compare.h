// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A run's outputs against files (--expect) and against the same run on another device (--compare).
#pragma once

#include "cli/run_arguments.h"
#include "report/compare.h"
#include "runtime/runtime.h"

namespace ashlar::cli {

struct Compared {
  size_t argument;
  report::Comparison result;
  report::Element element;
  std::vector<int64_t> shape;
  std::string first, worst; ///< "got 1.5, expected 2"
  std::string with;         ///< the other device; empty: a file
};

/// The type and shape that an argument's data are written and compared with.
report::Element elementOf(const RunArgument &a);
std::vector<int64_t> shapeOf(const RunArgument &a, report::Element e);

/// "emulator" or "xrt".
Result<std::unique_ptr<runtime::Device>> openDevice(const std::string &name);

/// That what a run leaves can be written and compared: a mistake in it should not cost the run.
/// `others`: more files that will be written, "" for none.
Status checkResultFiles(const std::vector<RunArgument> &arguments,
                        std::initializer_list<std::string> others);

/// Against the files of --expect.
Result<std::vector<Compared>>
compareOutputs(const std::vector<RunArgument> &arguments,
               std::span<const std::shared_ptr<runtime::Buffer>> buffers,
               const report::Tolerance &tolerance);

/// Runs the same on `device` and compares every argument, because what a stream may write it is
/// not known to write without its design.
Result<std::vector<Compared>>
compareDevices(const std::string &device, const load::Package &package, size_t configuration,
               const load::Stream &stream, const std::vector<RunArgument> &arguments,
               std::span<const FileData> inputs,
               std::span<const std::shared_ptr<runtime::Buffer>> buffers, int runs,
               const runtime::RunOptions &options, const report::Tolerance &tolerance);

} // namespace ashlar::cli
