// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Execution of commands. States and their causes follow the driver: 4 completed, 5 refused by the
// firmware, 6 aborted with its context, 8 ended by the watchdog after two seconds without progress.
#include "accel/hw_context.h"

#include "accel/explain.h"
#include "accel/user_copy.h"
#include "device/host_address.h"
#include "emulator/array/array.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <set>
#include <unistd.h>

namespace ashlar::accel {
namespace {

constexpr size_t kInFlight = 4;
constexpr uint32_t kOpcodeTxn = 3;
constexpr size_t kMostPayloadWords = 19; ///< of EXECUTE_BUFFER_CF

std::chrono::milliseconds watchdog() {
  static const std::chrono::milliseconds time = [] {
    const char *v = std::getenv("ASHLAR_TDR_MS");
    return std::chrono::milliseconds(v ? std::strtol(v, nullptr, 10) : 2000);
  }();
  return time;
}

uint32_t *words(const Bo &packet) { return reinterpret_cast<uint32_t *>(packet.data()); }

} // namespace

HwContext::HwContext(uint32_t id, int columns, uapi::QosInfo qos)
    : id_(id), columns_(columns), qos_(qos) {}

HwContext::~HwContext() = default;

int HwContext::configure(const std::vector<Bytes> &pdis) {
  if (configured() || pdis.empty()) return EINVAL;
  for (size_t i = 0; i < pdis.size(); ++i) {
    Diagnostics warnings;
    const std::string name = fmt::format("context {}, unit {}: PDI", id_, i);
    units_.push_back({load::readPdi(pdis[i], name, warnings)});
    for (const Diagnostic &d : warnings) explain(d);
    if (!units_.back().configuration.ok())
      for (const Diagnostic &d : units_.back().configuration.errors()) explain(d);
  }
  return 0;
}

uint64_t HwContext::submit(Job job) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopping_ || queue_.size() + running_ < kInFlight; });
  if (stopping_) { // destroyed meanwhile by another thread
    finish(job, job.packet, {uapi::kAbort, 0});
    return submitted_++;
  }
  queue_.push_back(std::move(job));
  if (!started_) {
    started_ = true;
    std::thread([self = shared_from_this()] { self->work(); }).detach();
  }
  changed_.notify_all();
  return submitted_++;
}

bool HwContext::submitted(uint64_t sequence) {
  const std::lock_guard lock(mutex_);
  return sequence < submitted_;
}

int HwContext::wait(uint64_t sequence,
                    std::optional<std::chrono::steady_clock::time_point> deadline) {
  std::unique_lock lock(mutex_);
  while (completed_ <= sequence && !stopping_) {
    if (deadline && (hung_ || (!running_ && queue_.empty()))) {
      if (changed_.wait_until(lock, *deadline) == std::cv_status::timeout &&
          completed_ <= sequence && !stopping_)
        return ETIME;
    } else {
      changed_.wait(lock);
    }
  }
  return 0;
}

void HwContext::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

bool HwContext::busy() {
  const std::lock_guard lock(mutex_);
  return running_ && !hung_;
}

uapi::HwctxEntry HwContext::entry() {
  const std::lock_guard lock(mutex_);
  uapi::HwctxEntry e{};
  e.contextId = e.hwctxId = id_;
  e.startColumn = columns_ == device::kMaxColumns ? 0 : 1;
  e.columns = static_cast<uint32_t>(columns_);
  e.pid = getpid();
  e.submissions = submitted_;
  e.completions = completed_;
  e.errors = errors_;
  e.priority = qos_.priority;
  e.state = running_ || !queue_.empty();
  e.gops = qos_.gops;
  e.fps = qos_.fps;
  e.dmaBandwidth = qos_.dmaBandwidth;
  e.latency = qos_.latency;
  e.frameExecTime = qos_.frameExecTime;
  return e;
}

void HwContext::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Job job = std::move(queue_.front());
    queue_.pop_front();
    running_ = true;
    const bool aborted = stopping_;
    lock.unlock();

    const auto start = std::chrono::steady_clock::now();
    Outcome outcome;
    outcome.state = uapi::kAbort;
    if (!aborted) outcome = execute(job, job.packet);

    lock.lock();
    if (outcome.state == uapi::kTimeout) {
      // The program sees what it would see: nothing, until the watchdog bites.
      hung_ = true;
      changed_.notify_all();
      changed_.wait_until(lock, start + watchdog(), [&] { return stopping_; });
      hung_ = false;
      context_.reset(); // the driver resets the columns
      loaded_ = -1;
    }
    errors_ += outcome.state != uapi::kCompleted;
    lock.unlock();
    finish(job, job.packet, outcome);
    lock.lock();
    running_ = false;
    ++completed_;
    changed_.notify_all();
  }
}

/// Data are written by now; the state comes last, because XRT polls it without any lock.
void HwContext::finish(const Job &job, const Bo &packet, const Outcome &outcome) {
  if (outcome.state != uapi::kCompleted) {
    // Health words and the fill of ones go where the failing command's payload was.
    const bool chain = !job.chained.empty();
    const Bo &target = chain ? job.chained.front() : packet;
    uint32_t *w = words(target);
    const size_t count = std::min<size_t>(target.size / 4, (w[0] >> 12 & 0x7FF) + 1);
    if (count > 1) std::memset(w + 1, 0xFF, 4 * (count - 1));
    if (outcome.state == uapi::kTimeout) {
      const uint32_t health[8] = {1, 0, outcome.operation, 0, 0, 0, 0, 0};
      std::copy_n(health, std::min<size_t>(8, count - 1), w + 1);
    }
  }
  std::atomic_ref<uint32_t> header(words(packet)[0]);
  header.store((header.load() & ~15u) | outcome.state, std::memory_order_release);
}

HwContext::Outcome HwContext::fail(uint32_t state, const Diagnostics &why) {
  for (const Diagnostic &d : why) explain(d);
  return {state, 0};
}

HwContext::Outcome HwContext::execute(const Job &job, const Bo &packet) {
  const Result<Command> command = readCommand({packet.data(), packet.size});
  if (!command.ok()) return fail(uapi::kError, command.errors());
  switch (command->kind) {
  case Command::Kind::StartCu: return startCu(job, *command);
  case Command::Kind::StartNpu:
    return executeStream(job, command->startNpu.cu, command->startNpu.instructions,
                         command->startNpu.instructionBytes, {}, device::kHostBase);
  case Command::Kind::Chain:
    for (size_t i = 0; i < job.chained.size(); ++i) {
      const Result<Command> inner = readCommand({job.chained[i].data(), job.chained[i].size});
      Outcome outcome{uapi::kError, 0};
      if (inner.ok() && inner->kind != Command::Kind::Chain) outcome = execute(job, job.chained[i]);
      if (outcome.state == uapi::kCompleted) continue;
      words(packet)[kChainErrorWord] = static_cast<uint32_t>(i);
      return outcome;
    }
    return {};
  }
  return {};
}

HwContext::Outcome HwContext::startCu(const Job &job, const Command &command) {
  const StartCu &s = command.startCu;
  if (command.payloadWords > kMostPayloadWords)
    explain(fmt::format("this kernel has {} buffer arguments; older firmware takes 7",
                        s.buffers.size()),
            "join buffers, or pass several through one");
  // Python passes 32 bits; the upper half may hold what the packet held before.
  const uint32_t opcode = static_cast<uint32_t>(s.opcode);
  const char *call = "call kernel(3, instructions, words, buffers...)";
  if (opcode != kOpcodeTxn) {
    explain(
        opcode == 0 && !s.instructions
            ? std::string("the kernel was started without opcode and instruction stream: its "
                          "first three arguments are missing")
            : fmt::format("the kernel was started with opcode {}; an instruction stream needs {}",
                          opcode, kOpcodeTxn),
        call);
    return {uapi::kError, 0};
  }
  if (!s.instructions || !s.instructionWords) {
    explain(fmt::format("the kernel was started without {}",
                        s.instructions ? "the length of its instruction stream"
                                       : "an instruction stream"),
            call);
    return {uapi::kError, 0};
  }
  if (job.driverSync)
    for (size_t i = 0; i < s.buffers.size(); ++i)
      for (const Bo &b : job.buffers)
        if (b.type == uapi::kBoShare && s.buffers[i] - b.deviceAddress < b.size &&
            b.memory->known != contentsHash(b))
          explain(fmt::format("argument {} was written and not synced to the device", i),
                  "call bo.sync(XCL_BO_SYNC_BO_TO_DEVICE) after writing it: on the chip it may "
                  "still hold old bytes");
  return executeStream(job, s.cu, s.instructions, 4 * uint64_t{s.instructionWords}, s.buffers, 0);
}

/// The array's DMA reaches buffers of the process and nothing else; what a kernel is given besides
/// is a number that the IOMMU knows nothing of.
void HwContext::explainArguments(const Job &job, const load::Stream &stream,
                                 const std::vector<uint64_t> &arguments) const {
  std::set<uint32_t> used;
  for (const load::Operation &o : stream.operations)
    if (const auto *patch = std::get_if<load::AddressPatch>(&o.op)) used.insert(patch->argument);
  for (const uint32_t i : used) {
    const uint64_t address = i < arguments.size() ? arguments[i] : 0;
    if (std::any_of(job.buffers.begin(), job.buffers.end(),
                    [&](const Bo &b) { return address - b.deviceAddress < b.size; }))
      continue;
    explain(address
                ? fmt::format("argument {} is {:#x}, which lies in no buffer of this process: the "
                              "IOMMU refuses what the array reads or writes there",
                              i, address)
                : fmt::format("the instruction stream uses argument {}, and none was passed", i),
            "pass an xrt::bo for each argument of the sequence, and keep it until the run has "
            "ended; an xrt::ext::bo must be passed as xrt::bo&");
  }
}

runtime::Context *HwContext::load(int cu) {
  if (loaded_ == cu && context_) return context_.get();
  context_.reset();
  loaded_ = -1;
  if (cu < 0 || static_cast<size_t>(cu) >= units_.size()) {
    explain(fmt::format("compute unit {} was never configured in context {}", cu, id_));
    return nullptr;
  }
  const Result<load::Configuration> &configuration = units_[static_cast<size_t>(cu)].configuration;
  if (!configuration.ok()) {
    for (const Diagnostic &d : configuration.errors()) explain(d);
    return nullptr;
  }
  load::Package package;
  package.source = fmt::format("context {}, unit {}", id_, cu);
  package.columns = columns_;
  package.configurations = {*configuration};
  auto context = runtime::emulatedDevice()->createContext(package);
  if (!context.ok()) {
    for (const Diagnostic &d : context.errors()) explain(d);
    return nullptr;
  }
  context_ = std::move(*context);
  loaded_ = cu;
  return context_.get();
}

HwContext::Outcome HwContext::executeStream(const Job &job, int cu, uint64_t address,
                                            uint64_t bytes, std::vector<uint64_t> arguments,
                                            uint64_t bias) {
  const Bo *code = nullptr;
  for (const Bo &b : job.buffers)
    if (b.type == uapi::kBoDev && address >= b.deviceAddress && address - b.deviceAddress < b.size)
      code = &b;
  if (!code) {
    explain(fmt::format("the instructions at {:#x} lie outside the device heap, where the firmware "
                        "cannot fetch them",
                        address),
            "allocate the instruction buffer with XCL_BO_FLAGS_CACHEABLE and group_id(1)");
    return {uapi::kError, 0};
  }
  const uint64_t room = code->size - (address - code->deviceAddress);
  const uint8_t *start = code->data() + (address - code->deviceAddress);
  if (bytes > room) {
    explain(fmt::format("the command names {} bytes of instructions; their buffer holds {}", bytes,
                        room),
            "the length is counted in 32-bit words: pass bytes / 4");
    bytes = room;
  }
  Diagnostics warnings;
  const std::string name = fmt::format("context {}: instructions", id_);
  // The stream's own header says how long it is; words behind it are not executed.
  if (bytes >= 16) bytes = std::min<uint64_t>(bytes, std::max<uint32_t>(readU32(start + 12), 16));
  // A copy, because the program may write there meanwhile.
  const Bytes instructions(start, start + bytes);
  Result<load::Stream> stream = load::readStream(instructions, name, warnings);
  for (const Diagnostic &d : warnings) explain(d);
  if (!stream.ok()) return fail(uapi::kError, stream.errors());
  // XRT has put the addresses into the descriptors; the patches that control code still names have
  // no arguments and nothing left to do.
  if (bias)
    for (load::Operation &o : stream->operations)
      if (std::holds_alternative<load::AddressPatch>(o.op)) o.op = load::Preempt{};
  runtime::Context *context = load(cu);
  if (!context) return {uapi::kError, 0};

  if (bias == 0) explainArguments(job, *stream, arguments);
  const auto isArgument = [&](const Bo &b) {
    return std::any_of(arguments.begin(), arguments.end(),
                       [&](uint64_t a) { return a - b.deviceAddress < b.size; }) ||
           std::find(job.arguments.begin(), job.arguments.end(), b.handle) != job.arguments.end();
  };
  std::vector<emulator::HostRegion> memory;
  std::deque<UserCopy> copies;
  for (const Bo &b : job.buffers) {
    if (b.type != uapi::kBoShare && b.type != uapi::kBoDev) continue;
    std::string what = fmt::format("buffer {}", b.handle);
    for (size_t i = 0; i < arguments.size(); ++i)
      if (arguments[i] - b.deviceAddress < b.size) what = fmt::format("argument {}", i);
    uint8_t *data = b.data();
    if (b.memory->fd() < 0) {
      if (!isArgument(b)) continue;
      data = copies.emplace_back(b).data();
      if (!data) {
        explain(fmt::format("the memory of {} was freed before its command ran", what),
                "keep memory that xrt::bo was made from until the run has ended");
        continue;
      }
    }
    memory.push_back({b.deviceAddress + bias, b.size, data, what});
  }
  const runtime::RunOptions options;
  const Result<runtime::RunReport> report =
      context->runAt(*stream, arguments, std::move(memory), options);
  for (UserCopy &c : copies) c.writeBack();
  if (!report.ok()) return fail(uapi::kError, report.errors());
  for (const Diagnostic &d : report->diagnostics) explain(d);
  if (job.driverSync) // what the device wrote is known to it
    for (const Bo &b : job.buffers)
      if (b.type == uapi::kBoShare && isArgument(b)) b.memory->known = contentsHash(b);
  if (report->state == runtime::State::Completed) return {};
  const uint32_t operation = static_cast<uint32_t>(context->array()->controller().position());
  explain(fmt::format("context {}: the command does not complete ({}, at operation {} of its {}); "
                      "the driver ends it after {} ms with state 8 (TIMEOUT)",
                      id_, runtime::stateName(report->state), operation + 1,
                      stream->operations.size(), watchdog().count()));
  return {uapi::kTimeout, operation};
}

} // namespace ashlar::accel
