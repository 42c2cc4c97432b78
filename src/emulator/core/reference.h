// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The plain core: the same machine as core.h, written to be read and slow. It keeps a list of the
// instructions in flight and, each cycle, asks of every one what it reads, computes, writes or
// requests in this cycle, straight from the description's itineraries. The fast core is tested
// against it on random programs. What the two share is the meaning of single instructions.
//
// Where two instructions write one register in the same cycle (a compiler's mistake) the one that
// computed later wins, then the younger: a choice, since nobody knows what the chip does.
#pragma once

#include "emulator/core/core_port.h"
#include "emulator/core/semantics.h"

#include <array>
#include <vector>

namespace ashlar::emulator {

class ReferenceCore {
public:
  ReferenceCore(CorePort &port, ByteView program);

  void setRegister(isa::Reg reg, ByteView value);
  Bytes getRegister(isa::Reg reg) const;
  void start(uint32_t pc);

  /// One clock. False when the core is done or faulted.
  bool cycle();
  bool done() const { return done_; }
  /// The code of the fault, empty when there is none.
  const std::string &fault() const { return fault_; }
  uint64_t cycles() const { return cycles_; }
  uint64_t bundles() const { return bundles_; }
  uint32_t pc() const { return pc_; }

private:
  struct Operand {
    isa::Reg reg = isa::Reg::None;
    unsigned cycle = 1;
    isa::Bypass bypass = isa::Bypass::None;
    bool sticky = false;
    Bytes value;
    bool ready = false;
    uint64_t computedAt = 0; ///< cycle and phase: of two writes in one cycle the later one stays
  };
  struct Flight {
    isa::Inst inst;
    const Semantics *semantics = nullptr;
    uint64_t issued = 0;
    uint32_t pc = 0;
    std::vector<Operand> inputs, outputs; ///< of the kernel
    std::vector<Operand> addressOutputs;
    uint32_t address = 0;
    std::vector<uint32_t> gather;
    unsigned memoryCycle = 0, writeBackCycle = 0, askCycle = 0;
    Bytes memory;
    bool asked = false, computed = false;
    uint64_t at(unsigned cycle) const { return issued + cycle - 1; }
  };

  Flight prepare(const isa::Inst &inst) const;
  void issueAddress(Flight &f);
  void captureInputs(Flight &f);
  void compute(Flight &f);
  bool ask(Flight &f);
  bool arbitrate();
  void readMemory(Flight &f);
  void writeMemory(Flight &f);
  void writeRegisters();
  void control(Flight &f);
  void reads();
  void writes();
  Bytes read(isa::Reg reg, isa::Bypass bypass) const;
  uint32_t readScalar(isa::Reg reg) const;
  void store(isa::Reg reg, const Bytes &value, bool sticky = false);
  void output(Flight &f, unsigned i, Bytes value);
  uint8_t *at(uint32_t address, unsigned bytes);
  void fail(std::string code) {
    if (fault_.empty()) fault_ = std::move(code);
  }

  CorePort &port_;
  Bytes program_;
  std::array<uint8_t *, 4> windows_;
  std::vector<Bytes> units_; ///< the registers' storage
  std::vector<Flight> flights_;
  std::vector<uint32_t> waitingBanks_;
  bool banksReady_ = false, trailing_ = false, done_ = false;
  uint64_t time_ = 0, cycles_ = 0, bundles_ = 0;
  unsigned phase_ = 0; ///< of the cycle: requests, memory, late operands, the next bundle
  uint32_t pc_ = 0;
  unsigned branchIn_ = 0, doneIn_ = 0;
  uint32_t branchTo_ = 0;
  std::string fault_;
};

} // namespace ashlar::emulator
