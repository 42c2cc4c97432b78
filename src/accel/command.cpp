// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Header word: [3:0] state, [11:10] further CU mask words, [22:12] words behind the header, [27:23]
// opcode, [31:28] type. The kernel's arguments lie at the offsets that the XCLBIN's metadata gives:
// opcode 0x00, instructions 0x08, their length 0x10, buffers from 0x14 on, 8 bytes each.
#include "accel/command.h"

#include "accel/uapi.h"

namespace ashlar::accel {
namespace {

constexpr size_t kFixedWords = 5; ///< opcode, instruction address, length
constexpr uint32_t kMostCommands = 512;

int lowestBit(uint32_t mask) {
  for (int i = 0; i < 32; ++i)
    if (mask >> i & 1) return i;
  return 0;
}

Diagnostic truncated(std::string what) {
  return error("command-truncated", {}, std::move(what), "pass all arguments of the kernel");
}

} // namespace

Result<Command> readCommand(ByteView packet) {
  const size_t words = packet.size() / 4;
  const auto word = [&](size_t i) { return readU32(&packet[4 * i]); };
  const auto wide = [&](size_t i) { return word(i) | uint64_t{word(i + 1)} << 32; };
  if (words < 2) return truncated("the command buffer holds no packet");
  const uint32_t header = word(0);
  const size_t count = header >> 12 & 0x7FF, extra = header >> 10 & 3;
  if (count + 1 > words)
    return truncated(fmt::format("the packet says {} words, its buffer has {}", count + 1, words));
  Command c;
  switch (header >> 23 & 0x1F) {
  case uapi::kStartCu: {
    const size_t start = 2 + extra;
    if (count + 1 < start + kFixedWords)
      return truncated("the kernel was started without opcode, instructions and their length");
    c.kind = Command::Kind::StartCu;
    c.payloadWords = count + 1 - start;
    c.startCu.cu = lowestBit(word(1));
    c.startCu.opcode = wide(start);
    c.startCu.instructions = wide(start + 2);
    c.startCu.instructionWords = word(start + 4);
    for (size_t i = start + kFixedWords; i + 2 <= count + 1; i += 2)
      c.startCu.buffers.push_back(wide(i));
    return c;
  }
  case uapi::kStartNpu: {
    const size_t start = 2 + extra;
    if (count + 1 < start + 4) return truncated("the packet has no control code address");
    c.kind = Command::Kind::StartNpu;
    c.payloadWords = count + 1 - start;
    c.startNpu.cu = lowestBit(word(1));
    c.startNpu.instructions = wide(start);
    c.startNpu.instructionBytes = word(start + 2);
    return c;
  }
  case uapi::kChain: {
    if (count < 6) return truncated("the chain's packet has no list of commands");
    const uint32_t commands = word(1);
    if (commands > kMostCommands || 7 + 2 * size_t{commands} > count + 1)
      return truncated(fmt::format("a chain of {} commands does not fit its packet of {} words",
                                   commands, count + 1));
    c.kind = Command::Kind::Chain;
    for (uint32_t i = 0; i < commands; ++i) c.chain.handles.push_back(word(7 + 2 * size_t{i}));
    return c;
  }
  default:
    return error("command-unsupported", {},
                 fmt::format("packet opcode {} is not one that an NPU takes", header >> 23 & 0x1F),
                 "start kernels through xrt::kernel or xrt::runlist");
  }
}

} // namespace ashlar::accel
