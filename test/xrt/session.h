// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the XRT programs of these tests have in common. They are compiled and run inside the Debian
// 13 root, print one line of what happened, and the test knows what should.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include <xrt/experimental/xrt_ext.h>
#include <xrt/experimental/xrt_kernel.h>
#include <xrt/experimental/xrt_xclbin.h>
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_hw_context.h>
#include <xrt/xrt_kernel.h>

namespace xrt_program {

inline constexpr size_t kBytes = 1024;

inline std::vector<char> load(const char *path) {
  std::ifstream file(path, std::ios::binary);
  return std::vector<char>((std::istreambuf_iterator<char>(file)), {});
}

struct Session {
  explicit Session(const char *xclbin)
      : device(0), context(device, device.register_xclbin(xrt::xclbin(std::string(xclbin)))),
        kernel(context, "MLIR_AIE") {}
  xrt::bo code(const std::vector<char> &bytes) {
    xrt::bo b(device, bytes.size(), XCL_BO_FLAGS_CACHEABLE, kernel.group_id(1));
    b.write(bytes.data());
    b.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    return b;
  }
  xrt::bo data(size_t bytes = kBytes) {
    return xrt::bo(device, bytes, XRT_BO_FLAGS_HOST_ONLY, kernel.group_id(3));
  }
  xrt::device device;
  xrt::hw_context context;
  xrt::kernel kernel;
};

/// `rounds` transfers with checked contents.
inline bool work(const char *xclbin, const std::vector<char> &stream, int rounds) {
  Session s(xclbin);
  xrt::bo code = s.code(stream), in = s.data(), out = s.data();
  auto *x = in.map<uint8_t *>();
  const auto *y = out.map<uint8_t *>();
  for (int r = 0; r < rounds; ++r) {
    for (size_t i = 0; i < kBytes; ++i) x[i] = static_cast<uint8_t>(i * 5 + r);
    in.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    auto run = s.kernel(3, code, static_cast<unsigned>(stream.size() / 4), in, out);
    if (run.wait(std::chrono::seconds(10)) != ERT_CMD_STATE_COMPLETED) return false;
    out.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
    if (std::memcmp(x, y, kBytes) != 0) return false;
  }
  return true;
}

/// The stream with the first and last arguments of its sequence; not waited for.
inline xrt::run start(Session &s, const std::vector<char> &stream, const xrt::bo &in,
                      const xrt::bo &out) {
  return s.kernel(3, s.code(stream), static_cast<unsigned>(stream.size() / 4), in, out);
}

} // namespace xrt_program
