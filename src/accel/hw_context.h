// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A hardware context: a partition of the array with the configurations of its compute units, a
// queue of commands, and a thread that executes them in order on the emulator. It answers as the
// driver and firmware do, and says in words what went wrong.
#pragma once

#include "accel/buffers.h"
#include "accel/command.h"
#include "load/load.h"
#include "runtime/runtime.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace ashlar::accel {

/// A command with everything it can reach, taken when it was submitted.
struct Job {
  Bo packet;
  std::vector<Bo> chained;         ///< the packets of a chain, in order
  std::vector<Bo> buffers;         ///< all BOs of the device's address space
  std::vector<uint32_t> arguments; ///< handles that the program named with the command
  bool driverSync = false;         ///< the program tells the driver of every sync
};

class HwContext : public std::enable_shared_from_this<HwContext> {
public:
  HwContext(uint32_t id, int columns, uapi::QosInfo qos);
  ~HwContext();

  /// 0 or an errno.
  int configure(const std::vector<Bytes> &pdis);
  bool configured() const { return !units_.empty(); }
  /// Queues a command; blocks while four are in flight, as the driver does. Gives its number.
  uint64_t submit(Job job);
  bool submitted(uint64_t sequence);
  /// 0 when command `sequence` has ended; ETIME. The deadline counts only while the emulated device
  /// hangs or has nothing to do: emulation is slower than the chip, and time that the chip would
  /// not take is not charged to the program.
  int wait(uint64_t sequence, std::optional<std::chrono::steady_clock::time_point> deadline);
  /// Aborts what waits and ends after what runs.
  void stop();
  bool busy();

  uapi::HwctxEntry entry();
  uint32_t id() const { return id_; }
  uint32_t syncobj = 0;

private:
  struct Unit {
    Result<load::Configuration> configuration;
  };
  struct Outcome {
    uint32_t state = uapi::kCompleted;
    uint32_t operation = 0; ///< index of the stream's operation, for the health words
  };

  void work();
  void finish(const Job &job, const Bo &packet, const Outcome &outcome);
  Outcome execute(const Job &job, const Bo &packet);
  Outcome executeStream(const Job &job, int cu, uint64_t address, uint64_t bytes,
                        std::vector<uint64_t> arguments, uint64_t bias);
  Outcome startCu(const Job &job, const Command &command);
  runtime::Context *load(int cu);
  void explainArguments(const Job &job, const load::Stream &stream,
                        const std::vector<uint64_t> &arguments) const;
  Outcome fail(uint32_t state, const Diagnostics &why);

  const uint32_t id_;
  const int columns_;
  const uapi::QosInfo qos_;
  std::vector<Unit> units_;
  std::unique_ptr<runtime::Context> context_; ///< of unit loaded_
  int loaded_ = -1;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> queue_;
  uint64_t submitted_ = 0, completed_ = 0, errors_ = 0;
  bool running_ = false, hung_ = false, stopping_ = false, started_ = false;
};

} // namespace ashlar::accel
