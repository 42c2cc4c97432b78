// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An application on the installed libashlar: runs a package and says whether the bytes came
// through.
//   consumer FILE.xclbin FILE.bin
#include <runtime/runtime.h>

#include <cstdio>
#include <cstring>

using namespace ashlar;

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  Diagnostics warnings;
  const auto file = readFile(argv[1]), code = readFile(argv[2]);
  if (!file.ok() || !code.ok()) return 3;
  const auto package = load::readPackage(*file, argv[1], warnings);
  const auto stream = load::readStream(*code, argv[2], warnings);
  if (!package.ok() || !stream.ok()) return 4;
  const auto device = runtime::emulatedDevice();
  const auto context = device->createContext(*package);
  if (!context.ok()) return 5;
  const auto in = (*context)->allocate(1024, "in"), out = (*context)->allocate(1024, "out");
  if (!in.ok() || !out.ok()) return 6;
  for (size_t i = 0; i < 1024; ++i) (*in)->data()[i] = static_cast<uint8_t>(i * 7);
  const std::shared_ptr<runtime::Buffer> arguments[] = {*in, *out};
  const auto run = (*context)->run(*stream, arguments);
  if (!run.ok()) return 7;
  std::printf("%s %s %d\n", device->name().c_str(), runtime::stateName(run->state),
              std::memcmp((*in)->data(), (*out)->data(), 1024) == 0);
  return 0;
}
