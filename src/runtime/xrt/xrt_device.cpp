// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The NPU through the real XRT: register the XCLBIN, make a hardware context, take the kernel, keep
// the instruction buffer in the device heap and data in host memory, start with opcode 3. XRT
// reports by exceptions; none leaves this file. The kernel is the one that the package names for a
// configuration, whatever its name, so that no prefix has to be guessed.
#include "runtime/runtime.h"

#ifdef ASHLAR_HAS_XRT

#include <chrono>
#include <deque>
#include <xrt/experimental/xrt_kernel.h>
#include <xrt/experimental/xrt_xclbin.h>
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_hw_context.h>
#include <xrt/xrt_kernel.h>

namespace ashlar::runtime {
namespace {

constexpr int kInstructionArgument = 1, kFirstBufferArgument = 3;
constexpr uint64_t kOpcodeTxn = 3;
/// Streams that stay in the device heap of 64 MiB.
constexpr size_t kMostPrograms = 32;

Diagnostic xrtError(const std::string &what, const std::exception &e) {
  return error("xrt", {}, fmt::format("{}: {}", what, e.what()),
               "`ashlar explain` says what XRT's message means, `ashlar devices` what is missing");
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
                        const RunOptions &options) override {
    try {
      if (programs_.size() >= kMostPrograms) programs_.clear();
      Program &program = programOf(stream);
      if (!program.run) program.run = makeRun(program);
      ASHLAR_CHECK(setArguments(*program.run, arguments));
      RunReport report;
      const auto start = std::chrono::steady_clock::now();
      program.run->start();
      const ert_cmd_state state = wait(*program.run, options.milliseconds);
      report.milliseconds = since(start);
      for (const auto &b : arguments)
        if (b) ASHLAR_CHECK(b->syncFromDevice());
      judge(state, report);
      // The driver overwrites the packet of a command that failed, and XRT ends the process when a
      // run is destroyed that has not ended.
      if (state != ERT_CMD_STATE_COMPLETED) {
        if (!ended(state)) unfinished_.push_back(std::move(*program.run));
        program.run.reset();
      }
      return report;
    } catch (const std::exception &e) {
      return xrtError("cannot run the kernel", e);
    }
  }

  Result<RunReport> runList(std::span<const Launch> launches, const RunOptions &options) override {
    RunReport report;
    if (launches.empty()) return report;
    try {
      List list{xrt::runlist(context_), {}};
      for (const Launch &l : launches) {
        list.runs.push_back(makeRun(programOf(*l.stream)));
        ASHLAR_CHECK(setArguments(list.runs.back(), l.arguments));
        list.commands.add(list.runs.back());
      }
      const auto start = std::chrono::steady_clock::now();
      list.commands.execute();
      const ert_cmd_state state = wait(list, options.milliseconds);
      report.launches = state == ERT_CMD_STATE_COMPLETED ? list.runs.size()
                        : ended(state)                   ? list.completed()
                                                         : 0;
      report.milliseconds = since(start);
      for (const Launch &l : launches)
        for (const auto &b : l.arguments)
          if (b) ASHLAR_CHECK(b->syncFromDevice());
      judge(state, report);
      if (!ended(state)) unfinishedLists_.push_back(std::move(list));
      return report;
    } catch (const std::exception &e) {
      return xrtError("cannot run the list", e);
    }
  }

  Statistics statistics() override { return {}; }

  ~XrtContext() override {
    for (xrt::run &r : unfinished_) {
      try {
        r.wait(std::chrono::milliseconds(0));
      } catch (const std::exception &) { // it has ended, badly
      }
    }
    for (List &l : unfinishedLists_) wait(l, 0);
  }

private:
  /// A stream in the device heap, and a run that is used again and again.
  struct Program {
    Bytes bytes;
    xrt::bo code;
    std::optional<xrt::run> run;
  };

  /// Runs as one command. None of them may be destroyed before the command has ended.
  struct List {
    xrt::runlist commands;
    std::vector<xrt::run> runs;

    /// Those before the one that failed, after wait() told XRT of the failure.
    size_t completed() const {
      size_t n = 0;
      while (n < runs.size() && runs[n].state() == ERT_CMD_STATE_COMPLETED) ++n;
      return n;
    }
  };

  Program &programOf(const load::Stream &stream) {
    for (Program &p : programs_)
      if (p.bytes == stream.bytes) return p;
    Program p{stream.bytes,
              xrt::bo(device_, stream.bytes.size(), XCL_BO_FLAGS_CACHEABLE,
                      kernel_.group_id(kInstructionArgument)),
              std::nullopt};
    p.code.write(stream.bytes.data());
    p.code.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    return programs_.emplace_back(std::move(p));
  }

  xrt::run makeRun(const Program &program) {
    xrt::run run(kernel_);
    run.set_arg(0, kOpcodeTxn);
    run.set_arg(1, program.code);
    run.set_arg(2, static_cast<uint32_t>(program.bytes.size() / 4));
    return run;
  }

  static Status setArguments(xrt::run &run, std::span<const std::shared_ptr<Buffer>> arguments) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (!arguments[i]) continue;
      auto &buffer = static_cast<XrtBuffer &>(*arguments[i]);
      ASHLAR_CHECK(buffer.syncToDevice());
      run.set_arg(kFirstBufferArgument + static_cast<int>(i), buffer.bo());
    }
    return Ok{};
  }

  static bool ended(ert_cmd_state state) {
    return state == ERT_CMD_STATE_COMPLETED || state == ERT_CMD_STATE_ERROR ||
           state == ERT_CMD_STATE_ABORT || state == ERT_CMD_STATE_TIMEOUT;
  }
  /// XRT 2.25 throws when the time is over, and says TIMEOUT in its other way of waiting; only the
  /// packet tells whether the driver has ended the command.
  static ert_cmd_state wait(xrt::run &run, uint32_t milliseconds) {
    if (milliseconds == 0) return run.wait(std::chrono::milliseconds(0));
    try {
      run.wait(std::chrono::milliseconds(milliseconds));
    } catch (const std::exception &) {
      return run.state();
    }
    return run.state();
  }
  static ert_cmd_state wait(List &list, uint32_t milliseconds) {
    try {
      list.commands.wait(std::chrono::milliseconds(milliseconds));
    } catch (const xrt::runlist::command_error &e) {
      return e.get_command_state();
    } catch (const std::exception &) {
    }
    return list.commands.state();
  }
  static double since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
        .count();
  }

  static void judge(ert_cmd_state state, RunReport &report) {
    switch (state) {
    case ERT_CMD_STATE_COMPLETED:
      if (report.launches == 0) report.launches = 1;
      return;
    case ERT_CMD_STATE_TIMEOUT:
      report.state = State::TimedOut;
      report.diagnostics.push_back(
          error("device-timeout", {}, "the driver ended the command: it made no progress",
                "run it with --device emulator, which says who waits for what"));
      return;
    case ERT_CMD_STATE_ERROR:
    case ERT_CMD_STATE_ABORT:
      report.state = State::Faulted;
      report.diagnostics.push_back(error(
          "device-error", {},
          state == ERT_CMD_STATE_ABORT ? "the command was aborted (state 6): its context was reset"
                                       : "the firmware refused the command (state 5)",
          "run it with --device emulator; `dmesg` may hold the firmware's reason"));
      return;
    default:
      report.state = State::TimedOut;
      report.diagnostics.push_back(
          error("device-wait", {}, "the time to wait is over and the command still runs",
                "give it more time; the context stays busy until it ends"));
    }
  }

  xrt::device device_;
  xrt::hw_context context_;
  xrt::kernel kernel_;
  std::deque<Program> programs_; ///< references into it stay
  std::vector<xrt::run> unfinished_;
  std::vector<List> unfinishedLists_;
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
    Diagnostic d = xrtError("cannot open the NPU", e);
    d.remedy =
        "`ashlar devices` says what is missing; without an NPU: ashlar with -- ashlar run ...";
    return d;
  }
}

} // namespace ashlar::runtime

#else

namespace ashlar::runtime {

Result<std::unique_ptr<Device>> xrtDevice() {
  return error(
      "device-unavailable", {}, "this build of ashlar has no XRT",
      "use --device emulator, or build ashlar where XRT's headers are (libxrt-dev of Debian "
      "13's backports)");
}

} // namespace ashlar::runtime

#endif
