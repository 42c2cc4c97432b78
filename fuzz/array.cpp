// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Any package and any instruction stream on the emulated array: the first half of the input is a
// list of register writes, the rest an instruction stream; the run ends in a state.
#include "emulator/array/array.h"
#include "runtime/runtime.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const size_t half = size / 2 / 8 * 8;
  load::Package package;
  package.source = "fuzz";
  package.columns = 1;
  package.configurations.emplace_back();
  for (size_t i = 0; i + 8 <= half; i += 8) {
    // Rows and offsets that exist are found sooner when the column is always 0.
    const uint32_t address = readU32(data + i) & 0x01FFFFFF;
    package.configurations[0].operations.push_back(
        {load::Write32{address, readU32(data + i + 4)}, i});
  }
  Diagnostics warnings;
  const auto stream = load::readStream({data + half, size - half}, "fuzz", warnings);
  auto context = runtime::emulatedDevice()->createContext(package);
  if (!context.ok() || !stream.ok()) return 0;
  std::vector<std::shared_ptr<runtime::Buffer>> buffers = {
      *(*context)->allocate(256, "argument 0"), *(*context)->allocate(256, "argument 1")};
  runtime::RunOptions options;
  options.maxCycles = 20000;
  (void)(*context)->run(*stream, buffers, options);
  return 0;
}
