// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The NPU through the real XRT: register the XCLBIN, make a hardware context, take the kernel, keep
// the instruction buffer in the device heap and data in host memory, start with opcode 3. XRT
// reports by exceptions; none leaves this file.
#include "runtime/runtime.h"

#ifdef ASHLAR_HAS_XRT

#include <chrono>
#include <cstring>
#include <xrt/experimental/xrt_xclbin.h>
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_hw_context.h>
#include <xrt/xrt_kernel.h>

namespace ashlar::runtime {
namespace {

constexpr int kInstructionArgument = 1, kFirstBufferArgument = 3;
constexpr uint64_t kOpcodeTxn = 3;
/// The driver ends a command that makes no progress after 2 s; this is for those that crawl.
constexpr std::chrono::minutes kPatience{10};

Diagnostic xrtError(const std::string &what, const std::exception &e) {
  return error("xrt", {}, fmt::format("{}: {}", what, e.what()),
               "`ashlar devices` says what is here and what is missing");
}

class XrtBuffer : public Buffer {
public:
  explicit XrtBuffer(xrt::bo bo) : bo_(std::move(bo)), data_(bo_.map<uint8_t *>()) {}
  uint8_t *data() override { return data_; }
  size_t size() const override { return bo_.size(); }
  uint64_t deviceAddress() const override { return bo_.address(); }
  Status syncToDevice() override { return sync(XCL_BO_SYNC_BO_TO_DEVICE); }
  Status syncFromDevice() override { return sync(XCL_BO_SYNC_BO_FROM_DEVICE); }
  xrt::bo &bo() { return bo_; }

private:
  Status sync(xclBOSyncDirection direction) {
    try {
      bo_.sync(direction);
      return Ok{};
    } catch (const std::exception &e) {
      return xrtError("cannot sync a buffer", e);
    }
  }
  xrt::bo bo_;
  uint8_t *data_;
};

class XrtContext : public Context {
public:
  XrtContext(xrt::device device, xrt::hw_context context, xrt::kernel kernel, int columns)
      : device_(std::move(device)), context_(std::move(context)), kernel_(std::move(kernel)),
        columns_(columns) {}

  int columns() const override { return columns_; }

  Result<std::shared_ptr<Buffer>> allocate(size_t bytes, std::string name) override {
    try {
      xrt::bo bo(device_, bytes, XRT_BO_FLAGS_HOST_ONLY, kernel_.group_id(kFirstBufferArgument));
      return std::shared_ptr<Buffer>(std::make_shared<XrtBuffer>(std::move(bo)));
    } catch (const std::exception &e) {
      return xrtError("cannot allocate " + name, e);
    }
  }

  Result<RunReport> run(const load::Stream &stream,
                        std::span<const std::shared_ptr<Buffer>> arguments,
                        const RunOptions &) override {
    try {
      if (!code_ || stream.bytes != loaded_) {
        code_ = xrt::bo(device_, stream.bytes.size(), XCL_BO_FLAGS_CACHEABLE,
                        kernel_.group_id(kInstructionArgument));
        code_.write(stream.bytes.data());
        code_.sync(XCL_BO_SYNC_BO_TO_DEVICE);
        loaded_ = stream.bytes;
      }
      xrt::run run(kernel_);
      run.set_arg(0, kOpcodeTxn);
      run.set_arg(1, code_);
      run.set_arg(2, static_cast<uint32_t>(stream.bytes.size() / 4));
      for (size_t i = 0; i < arguments.size(); ++i) {
        if (!arguments[i]) continue;
        auto &buffer = static_cast<XrtBuffer &>(*arguments[i]);
        ASHLAR_CHECK(buffer.syncToDevice());
        run.set_arg(kFirstBufferArgument + static_cast<int>(i), buffer.bo());
      }
      const auto start = std::chrono::steady_clock::now();
      run.start();
      const ert_cmd_state state = run.wait(kPatience);
      RunReport report;
      report.milliseconds =
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
              .count();
      for (const auto &b : arguments)
        if (b) ASHLAR_CHECK(b->syncFromDevice());
      judge(state, report);
      return report;
    } catch (const std::exception &e) {
      return xrtError("cannot run the kernel", e);
    }
  }

  Statistics statistics() override { return {}; }

private:
  static void judge(ert_cmd_state state, RunReport &report) {
    switch (state) {
    case ERT_CMD_STATE_COMPLETED: return;
    case ERT_CMD_STATE_TIMEOUT:
      report.state = State::TimedOut;
      report.diagnostics.push_back(
          error("device-timeout", {}, "the driver ended the command: it made no progress",
                "run it with --device emulator, which says who waits for what"));
      return;
    default:
      report.state = State::Faulted;
      report.diagnostics.push_back(error(
          "device-error", {}, fmt::format("the command ended in state {}", static_cast<int>(state)),
          "run it with --device emulator; `dmesg` may hold the firmware's reason"));
    }
  }

  xrt::device device_;
  xrt::hw_context context_;
  xrt::kernel kernel_;
  xrt::bo code_;
  Bytes loaded_;
  int columns_;
};

class XrtDevice : public Device {
public:
  explicit XrtDevice(xrt::device device) : device_(std::move(device)) {}

  std::string name() const override {
    try {
      return device_.get_info<xrt::info::device::name>();
    } catch (const std::exception &) {
      return "NPU";
    }
  }

  Result<std::unique_ptr<Context>> createContext(const load::Package &package, size_t configuration,
                                                 const ContextOptions &) override {
    const load::Kernel *kernel = nullptr;
    for (const load::Kernel &k : package.kernels)
      if (k.configuration == configuration && !kernel) kernel = &k;
    if (!kernel)
      return error("package-kernel", Place::at(package.source),
                   "XRT runs kernels of an XCLBIN; this package declares none for this "
                   "configuration",
                   "pass the .xclbin");
    try {
      const xrt::xclbin xclbin(package.source);
      const xrt::uuid uuid = device_.register_xclbin(xclbin);
      xrt::hw_context context(device_, uuid);
      xrt::kernel handle(context, kernel->name);
      return std::unique_ptr<Context>(std::make_unique<XrtContext>(
          device_, std::move(context), std::move(handle), package.columns));
    } catch (const std::exception &e) {
      return xrtError("cannot load " + package.source, e);
    }
  }

private:
  xrt::device device_;
};

} // namespace

Result<std::unique_ptr<Device>> xrtDevice() {
  try {
    return std::unique_ptr<Device>(std::make_unique<XrtDevice>(xrt::device(0)));
  } catch (const std::exception &e) {
    return xrtError("cannot open the NPU", e);
  }
}

} // namespace ashlar::runtime

#else

namespace ashlar::runtime {

Result<std::unique_ptr<Device>> xrtDevice() {
  return error("device-unavailable", {}, "this build of ashlar has no XRT",
               "use --device emulator; `ashlar devices` says what is here");
}

} // namespace ashlar::runtime

#endif
