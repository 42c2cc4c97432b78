// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A host program as people write them for a Phoenix: runs examples/layernorm through XRT and
// compares with the CPU. It knows nothing of Ashlar: on a laptop with the NPU it runs as it is,
// elsewhere under `ashlar with -- ./layernorm main.xclbin main.insts.bin`.
// Build: g++ -std=c++17 layernorm.cpp -o layernorm -lxrt_coreutil
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include <xrt/experimental/xrt_xclbin.h>
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_hw_context.h>
#include <xrt/xrt_kernel.h>

namespace {

constexpr int kRow = 512; // bf16 values

float toFloat(uint16_t v) {
  const uint32_t bits = static_cast<uint32_t>(v) << 16;
  float f;
  std::memcpy(&f, &bits, sizeof f);
  return f;
}
uint16_t toBf16(float f) { // to nearest, ties to even
  uint32_t bits;
  std::memcpy(&bits, &f, sizeof bits);
  return static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

/// Largest distance of the result from (x - mean) / sqrt(variance + epsilon).
float worstError(const uint16_t *in, const uint16_t *out) {
  double sum = 0, squares = 0;
  for (int i = 0; i < kRow; ++i) sum += toFloat(in[i]);
  const double mean = sum / kRow;
  for (int i = 0; i < kRow; ++i) squares += (toFloat(in[i]) - mean) * (toFloat(in[i]) - mean);
  const double scale = 1 / std::sqrt(squares / kRow + 1e-5);
  double worst = 0;
  for (int i = 0; i < kRow; ++i)
    worst = std::fmax(worst, std::fabs((toFloat(in[i]) - mean) * scale - toFloat(out[i])));
  return static_cast<float>(worst);
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: layernorm main.xclbin main.insts.bin\n");
    return 2;
  }
  std::ifstream file(argv[2], std::ios::binary);
  const std::vector<char> instructions((std::istreambuf_iterator<char>(file)), {});
  if (instructions.empty()) {
    std::fprintf(stderr, "%s: cannot read\n", argv[2]);
    return 1;
  }
  try {
    xrt::device device(0);
    std::printf("device: %s\n", device.get_info<xrt::info::device::name>().c_str());
    const xrt::xclbin xclbin{std::string(argv[1])};
    const auto uuid = device.register_xclbin(xclbin);
    xrt::hw_context context(device, uuid);
    xrt::kernel kernel(context, "MLIR_AIE");

    xrt::bo code(device, instructions.size(), XCL_BO_FLAGS_CACHEABLE, kernel.group_id(1));
    xrt::bo in(device, 2 * kRow, XRT_BO_FLAGS_HOST_ONLY, kernel.group_id(3));
    xrt::bo out(device, 2 * kRow, XRT_BO_FLAGS_HOST_ONLY, kernel.group_id(4));
    code.write(instructions.data());
    code.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    auto *x = in.map<uint16_t *>();
    auto *y = out.map<uint16_t *>();

    float worst = 0;
    for (int row = 0; row < 4; ++row) {
      for (int i = 0; i < kRow; ++i)
        x[i] = toBf16(std::sin(0.37f * static_cast<float>(i * (row + 1))) * 2 + 0.1f);
      in.sync(XCL_BO_SYNC_BO_TO_DEVICE);
      xrt::run run = kernel(3, code, static_cast<uint32_t>(instructions.size() / 4), in, out);
      const ert_cmd_state state = run.wait(std::chrono::seconds(5));
      if (state != ERT_CMD_STATE_COMPLETED) {
        std::fprintf(stderr, "row %d: the command ended in state %d\n", row, state);
        return 1;
      }
      out.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
      worst = std::fmax(worst, worstError(x, y));
    }
    std::printf("4 rows, largest error %.4f: %s\n", worst, worst < 0.05f ? "PASS" : "FAIL");
    return worst < 0.05f ? 0 : 1;
  } catch (const std::exception &e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
}
