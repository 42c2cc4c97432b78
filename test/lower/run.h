// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lowering a design's text, and its runtime sequence in short words.
#pragma once

#include "lower/lower.h"

#include <gtest/gtest.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

namespace ashlar::lower {

inline std::string wrap(std::string_view body) {
  return fmt::format("module {{\n  aie.device(npu1) {{\n{}\n  }}\n}}\n", body);
}

struct Run {
  llvm::LLVMContext context;
  std::optional<Lowered> lowered;
  Diagnostics errors, warnings;
  const plan::Plan &plan() const { return lowered->plan; }
  std::string text(size_t core = 0) const {
    std::string out;
    llvm::raw_string_ostream stream(out);
    lowered->cores.at(core).module->print(stream, nullptr);
    return out;
  }
};

inline std::unique_ptr<Run> run(const std::string &text, const Options &options = {}) {
  auto out = std::make_unique<Run>();
  auto design = design::parse(text, "design.mlir", {}, out->warnings);
  if (!design.ok()) {
    out->errors = design.errors();
    return out;
  }
  auto lowered = lower(*design, options, out->context, out->warnings);
  if (lowered.ok())
    out->lowered = std::move(lowered).value();
  else
    out->errors = lowered.errors();
  return out;
}
inline std::unique_ptr<Run> good(const std::string &text, const Options &options = {}) {
  auto out = run(text, options);
  EXPECT_TRUE(out->lowered.has_value()) << (out->errors.empty() ? "" : out->errors[0].str());
  if (out->lowered)
    for (const CoreModule &core : out->lowered->cores)
      EXPECT_FALSE(llvm::verifyModule(*core.module, &llvm::errs()));
  return out;
}

inline std::string opText(const plan::SequenceOp &op) {
  return std::visit(
      [](const auto &o) -> std::string {
        using T = std::decay_t<decltype(o)>;
        if constexpr (std::is_same_v<T, plan::Write32>)
          return fmt::format("write {:x} {:x}", o.address, o.value);
        else if constexpr (std::is_same_v<T, plan::MaskWrite32>)
          return fmt::format("mask {:x} {:x} {:x}", o.address, o.value, o.mask);
        else if constexpr (std::is_same_v<T, plan::BlockWrite>)
          return fmt::format("block {:x} {:x}", o.address, fmt::join(o.words, " "));
        else if constexpr (std::is_same_v<T, plan::AddressPatch>)
          return fmt::format("patch {:x} {} {}", o.address, o.argument, o.offset);
        else if constexpr (std::is_same_v<T, plan::Sync>)
          return fmt::format("sync {} {} ({},{})", dmaDirectionName(o.direction), o.channel,
                             o.column, o.row);
        else
          return "other";
      },
      op.op);
}
inline std::vector<std::string> sequence(const Run &r, size_t index = 0) {
  std::vector<std::string> out;
  for (const plan::SequenceOp &op : r.plan().sequences.at(index).ops) out.push_back(opText(op));
  return out;
}

} // namespace ashlar::lower
