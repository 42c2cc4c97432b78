// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The instruction stream of a runtime sequence.
#include "device/host_address.h"
#include "format/txn.h"
#include "package/configure.h"

namespace ashlar::package {
namespace {

using namespace format;

struct SequenceWriter {
  std::vector<txn::Operation> &out;
  void add(txn::Op op) const { out.push_back({std::move(op), 0}); }

  void operator()(const plan::Write32 &o) const { add(txn::Write32{o.address, o.value}); }
  void operator()(const plan::MaskWrite32 &o) const {
    add(txn::MaskWrite32{o.address, o.value, o.mask});
  }
  void operator()(const plan::BlockWrite &o) const { add(txn::BlockWrite{o.address, o.words}); }
  void operator()(const plan::AddressPatch &o) const {
    const uint64_t base = o.argument < device::kTranslatedArguments ? 0 : device::kHostBase;
    add(txn::AddressPatch{o.address, o.argument, o.offset + base, 0});
  }
  void operator()(const plan::Sync &o) const {
    const auto byte = [](int v) { return static_cast<uint8_t>(v); };
    add(txn::Sync{static_cast<uint8_t>(o.direction), byte(o.row), byte(o.column), byte(o.rows),
                  byte(o.columns), byte(o.channel)});
  }
  void operator()(const plan::LoadPdi &o) const {
    add(txn::LoadPdi{static_cast<uint16_t>(o.id), o.size, o.address});
  }
  void operator()(const plan::Preempt &o) const {
    add(txn::Preempt{static_cast<uint8_t>(o.level)});
  }
};

} // namespace

Bytes makeStream(const plan::Plan &plan, const plan::RuntimeSequence &sequence) {
  txn::File file;
  file.header.columns = static_cast<uint8_t>(plan.columns);
  file.header.rows = device::kRows;
  for (const plan::SequenceOp &o : sequence.ops) {
    const auto *load = std::get_if<plan::LoadPdi>(&o.op);
    if (load && load->loaded) continue;
    std::visit(SequenceWriter{file.operations}, o.op);
  }
  return txn::write(file);
}

} // namespace ashlar::package
