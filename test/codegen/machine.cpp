// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The loader and the one core of codegen's tests.
#include "codegen/machine.h"
#include "codegen/codegen.h"
#include "format/elf.h"
#include "isa/encode.h"
#include "isa/relocs.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Support/SourceMgr.h"

#include <gtest/gtest.h>

namespace codegen_test {
using namespace ashlar;

namespace {
constexpr uint32_t kStack = 0x71000, kObjects = 0x74000;
constexpr uint32_t kCode = 0x40, kStop = 0x20; // `done` stands at kStop
constexpr uint32_t kProgramBytes = 0x4000;
} // namespace

Machine::Machine(const std::string &ir, unsigned optLevel) : ir_(ir) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic problem;
  auto module = llvm::parseIR(llvm::MemoryBufferRef(ir, "test"), problem, context);
  if (!module) {
    ADD_FAILURE() << "IR line " << problem.getLineNo() << ": " << problem.getMessage().str();
    return;
  }
  codegen::prepare(*module);
  codegen::Options options;
  options.optLevel = optLevel;
  options.verifyMachine = true;
  Diagnostics warnings;
  auto output = codegen::compile(*module, options, warnings);
  if (!output) {
    for (const Diagnostic &e : output.errors()) ADD_FAILURE() << e.str();
    return;
  }
  Status loaded = loadObject(output->object);
  if (!loaded) {
    ADD_FAILURE() << loaded.errors().front().str();
    return;
  }
  ok_ = true;
}

Status Machine::loadObject(ByteView object) {
  ASHLAR_TRY(format::elf::File file, format::elf::read(object, "test.o"));
  std::vector<uint32_t> at(file.sections.size());
  uint32_t code = kCode, data = kObjects;
  for (size_t i = 0; i < file.sections.size(); ++i) {
    const auto &s = file.sections[i];
    if (!(s.flags & format::elf::kAlloc)) continue;
    uint32_t &next = s.flags & format::elf::kExec ? code : data;
    next = (next + s.align - 1) / s.align * s.align;
    at[i] = next;
    next += s.size;
  }
  fits_ = code <= kProgramBytes && data <= 0x80000;
  if (!fits_) return Ok{};
  program_.assign(kProgramBytes, 0);
  isa::Inst done{isa::Opcode::DONE, {}};
  ASHLAR_TRY(isa::Bundle bundle, isa::makeBundle({&done, 1}));
  ASHLAR_TRY(isa::EncodedBundle stop, isa::encode(bundle));
  std::copy_n(stop.bytes.begin(), stop.size, program_.begin() + kStop);
  ASHLAR_TRY(isa::EncodedBundle nop, isa::encode(isa::nopBundle(2)));
  for (uint32_t a = kStop + stop.size; a + 2 <= kCode; a += 2)
    std::copy_n(nop.bytes.begin(), 2, program_.begin() + a);
  auto value = [&](const format::elf::Symbol &s) {
    return s.section >= 0 ? at[static_cast<size_t>(s.section)] + s.value : s.value;
  };
  for (const auto &s : file.symbols)
    if (s.defined() && !s.name.empty()) symbols_[s.name] = value(s);
  for (size_t i = 0; i < file.sections.size(); ++i) {
    const auto &s = file.sections[i];
    if (!(s.flags & format::elf::kAlloc)) continue;
    bool exec = s.flags & format::elf::kExec;
    if (!exec && at[i] + s.size > 0x80000) return error("test", {}, "data does not fit");
    if (exec && at[i] + s.size > 0x4000) return error("test", {}, "code does not fit");
    uint8_t *to = exec ? &program_[at[i]] : &memory_[at[i] & 0xffff];
    std::copy(s.data.begin(), s.data.end(), to);
    for (const auto &r : s.relocs) {
      auto relocation = isa::relocation(r.type);
      const auto &symbol = file.symbols[r.symbol];
      if (!relocation) return error("test", {}, "relocation");
      if (!symbol.defined()) return error("test", {}, "undefined symbol " + symbol.name);
      isa::applyRelocation(*relocation, {to + r.offset, relocation->bundleBytes},
                           value(symbol) + static_cast<uint32_t>(r.addend));
    }
  }
  return Ok{};
}

Call Machine::call(const std::string &function, const std::vector<uint32_t> &words,
                   const std::vector<uint32_t> &pointers) {
  if (!ok_) return {};
  if (!fits_) {
    ADD_FAILURE() << "the program does not fit in the core's memory";
    return {};
  }
  emulator::Core core(*this);
  core.setControl(false, true);
  Status written = core.writeProgram(0, program_);
  EXPECT_TRUE(written.ok());
  core.setControl(true, false);
  using isa::Reg;
  // `define TYPE @function(`: the result's registers are not for arguments.
  const size_t name = ir_.find("@" + function + "(");
  const size_t end = name == std::string::npos ? 0 : name - 1;
  const size_t begin = end == 0 ? 0 : ir_.rfind(' ', end - 1) + 1;
  const std::string type = ir_.substr(begin, end - begin);
  const size_t firstWord = type == "void" || type == "ptr"     ? 0
                           : type == "i64" || type == "double" ? 2
                                                               : 1;
  const size_t firstPointer = type == "ptr" ? 1 : 0;
  for (size_t i = 0; i < words.size(); ++i)
    core.setScalar(static_cast<Reg>(static_cast<size_t>(Reg::r0) + firstWord + i), words[i]);
  for (size_t i = 0; i < pointers.size(); ++i)
    core.setScalar(static_cast<Reg>(static_cast<size_t>(Reg::p0) + firstPointer + i), pointers[i]);
  core.setScalar(Reg::sp, kStack);
  core.setScalar(Reg::lr, kStop);
  // Callee-saved registers must come back.
  for (size_t i = 16; i < 24; ++i)
    core.setScalar(static_cast<Reg>(static_cast<size_t>(Reg::r0) + i),
                   0xc0de0000u + static_cast<uint32_t>(i));
  core.setScalar(Reg::p6, 0x7abc0);
  core.setScalar(Reg::p7, 0x7abd0);
  core.setPc(address(function));
  core.run(5'000'000);
  Call out;
  if (core.state() != emulator::CoreState::Done) {
    ADD_FAILURE() << function << " ended " << emulator::coreStateName(core.state())
                  << (core.fault() ? ": " + core.fault()->str() : "");
    return out;
  }
  for (size_t i = 16; i < 24; ++i)
    EXPECT_EQ(core.scalar(static_cast<Reg>(static_cast<size_t>(Reg::r0) + i)), 0xc0de0000u + i);
  EXPECT_EQ(core.scalar(Reg::p6), 0x7abc0u);
  EXPECT_EQ(core.scalar(Reg::p7), 0x7abd0u);
  EXPECT_EQ(core.scalar(Reg::sp), kStack);
  EXPECT_EQ(core.stats().unaligned, 0u);
  out.result = core.scalar(Reg::r0);
  out.resultHigh = core.scalar(Reg::r1);
  out.cycles = core.cycles();
  return out;
}

uint32_t Machine::address(const std::string &symbol) const {
  auto it = symbols_.find(symbol);
  if (it == symbols_.end()) {
    ADD_FAILURE() << "no symbol " << symbol;
    return 0;
  }
  return it->second;
}
uint32_t Machine::load(uint32_t address) const { return readU32(&memory_[address & 0xffff]); }
void Machine::store(uint32_t address, uint32_t value) {
  writeU32(&memory_[address & 0xffff], value);
}

emulator::Answer Machine::acquire(int id, int value) {
  locks.push_back({id, value});
  return emulator::Answer::Granted;
}
emulator::Answer Machine::release(int id, int value) {
  locks.push_back({id, value});
  return emulator::Answer::Granted;
}
} // namespace codegen_test
