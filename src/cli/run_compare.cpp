// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The element that differs first is what one looks for, so it is named with its index and both
// values.
#include "cli/run_compare.h"

#include <algorithm>
#include <filesystem>

namespace ashlar::cli {
namespace {

void describe(Compared &c, ByteView actual, ByteView expected) {
  const auto pair = [&](size_t index) {
    return fmt::format("{}: got {}, expected {}", report::indexText(index, c.shape),
                       report::elementText(c.element, actual, index),
                       report::elementText(c.element, expected, index));
  };
  if (c.result.first) c.first = pair(*c.result.first);
  if (c.result.inexact) c.worst = pair(c.result.worst);
}

} // namespace

report::Element elementOf(const RunArgument &a) { return a.element.value_or(report::Element::U8); }
std::vector<int64_t> shapeOf(const RunArgument &a, report::Element e) {
  uint64_t n = report::elementBytes(e);
  for (int64_t d : a.shape) n *= static_cast<uint64_t>(d);
  if (!a.shape.empty() && n == a.bytes) return a.shape;
  return {static_cast<int64_t>(a.bytes / report::elementBytes(e))};
}

/// Elements of its kind, and as many bytes as the sequence declares, or as --size gives.
static Status checkExpected(const FileData &expected, const RunArgument &a, size_t index) {
  ASHLAR_CHECK(checkType(expected, a.expect, a, index));
  if (expected.data.size() == a.bytes) return Ok{};
  RunArgument shown = a;
  if (a.declared) shown.bytes = std::min(a.declared, a.bytes);
  return checkSize(expected, a.expect, shown, index);
}

Status checkResultFiles(const std::vector<RunArgument> &arguments,
                        std::initializer_list<std::string> others) {
  std::vector<std::string> written(others);
  for (size_t i = 0; i < arguments.size(); ++i) {
    written.push_back(arguments[i].out);
    if (arguments[i].expect.empty()) continue;
    ASHLAR_TRY(const FileData expected, readData(arguments[i].expect));
    ASHLAR_CHECK(checkExpected(expected, arguments[i], i));
  }
  for (const std::string &file : written) {
    std::error_code ignored;
    const std::filesystem::path folder = std::filesystem::path(file).parent_path();
    if (!folder.empty() && !std::filesystem::is_directory(folder, ignored))
      return error("file-write", Place::at(file),
                   fmt::format("cannot write: there is no folder {}", folder.string()),
                   "make it first; nothing was run");
    if (!file.empty() && std::filesystem::is_directory(file, ignored))
      return error("file-write", Place::at(file), "cannot write: it is a folder",
                   "name a file; nothing was run");
  }
  return Ok{};
}

Result<std::vector<Compared>>
compareOutputs(const std::vector<RunArgument> &arguments,
               std::span<const std::shared_ptr<runtime::Buffer>> buffers,
               const report::Tolerance &tolerance) {
  std::vector<Compared> out;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const RunArgument &a = arguments[i];
    if (a.expect.empty()) continue;
    ASHLAR_TRY(const FileData expected, readData(a.expect));
    Compared c{i, {}, elementOf(a), {}, {}, {}, {}};
    c.shape = shapeOf(a, c.element);
    if (expected.npy) { // it says best what the bytes are, but for bits of floats
      c.shape = expected.npy->shape;
      if (!a.element || !report::elementIsFloat(*a.element)) c.element = expected.npy->element;
    }
    ASHLAR_CHECK(checkExpected(expected, a, i));
    const ByteView actual(buffers[i]->data(), expected.data.size());
    c.result = report::compare(c.element, actual, expected.data, tolerance);
    describe(c, actual, expected.data);
    out.push_back(std::move(c));
  }
  return out;
}

Result<std::unique_ptr<runtime::Device>> openDevice(const std::string &name) {
  if (name == "xrt") return runtime::xrtDevice();
  return runtime::emulatedDevice();
}

Result<std::vector<Compared>>
compareDevices(const std::string &name, const load::Package &package, size_t configuration,
               const load::Stream &stream, const std::vector<RunArgument> &arguments,
               std::span<const FileData> inputs,
               std::span<const std::shared_ptr<runtime::Buffer>> buffers, int runs,
               const runtime::RunOptions &options, const report::Tolerance &tolerance) {
  ASHLAR_TRY(const std::unique_ptr<runtime::Device> device, openDevice(name));
  ASHLAR_TRY(const auto context, device->createContext(package, configuration));
  std::vector<std::shared_ptr<runtime::Buffer>> theirs;
  for (size_t i = 0; i < arguments.size(); ++i) {
    ASHLAR_TRY(auto b, context->allocate(arguments[i].bytes, arguments[i].text(i)));
    theirs.push_back(std::move(b));
  }
  for (int r = 0; r < runs; ++r) {
    for (size_t i = 0; i < inputs.size(); ++i)
      std::copy(inputs[i].data.begin(), inputs[i].data.end(), theirs[i]->data());
    ASHLAR_TRY(runtime::RunReport report, context->run(stream, theirs, options));
    if (report.state != runtime::State::Completed) {
      report.diagnostics.insert(report.diagnostics.begin(),
                                error("compare-device", Place::at(package.source),
                                      fmt::format("the run on {} ended with {}, this one completed",
                                                  name, runtime::stateName(report.state))));
      return std::move(report.diagnostics);
    }
  }
  std::vector<Compared> out;
  for (size_t i = 0; i < arguments.size(); ++i) {
    Compared c{i, {}, elementOf(arguments[i]), {}, {}, {}, name};
    c.shape = shapeOf(arguments[i], c.element);
    const ByteView mine(buffers[i]->data(), buffers[i]->size());
    const ByteView other(theirs[i]->data(), mine.size());
    c.result = report::compare(c.element, mine, other, tolerance);
    describe(c, mine, other);
    out.push_back(std::move(c));
  }
  return out;
}

} // namespace ashlar::cli
