// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The design language: AIE and AIEX operations in MLIR text, in every spelling that users have (it
// changed five times in two years), read into one in-memory form. MLIR stays behind this header;
// lowering looks inside through design/ir.h.
#pragma once

#include "base/result.h"

#include <memory>

namespace ashlar::design {

struct Ir; // design/ir.h
class Design {
public:
  explicit Design(std::unique_ptr<Ir> ir);
  ~Design();
  Design(Design &&) noexcept;
  Design &operator=(Design &&) noexcept;
  Ir &ir() const { return *ir_; }

private:
  std::unique_ptr<Ir> ir_;
};

struct ParseOptions {
  std::string device; ///< fills the placeholder NPUDEVICE in `aie.device(NPUDEVICE)`; may be empty
};

/// Reads a design. `name` is the file name that diagnostics show. Errors: `file-missing`,
/// `design-syntax`, `unknown-op`, `unknown-device`, `old-spelling`, each with file:line:column.
Result<Design> parse(std::string_view text, const std::string &name, const ParseOptions &options,
                     Diagnostics &warnings);
Result<Design> parseFile(const std::string &path, const ParseOptions &options,
                         Diagnostics &warnings);

/// One spelling for all generations; parses back to the same design.
std::string printCanonical(const Design &design);

struct DeviceSummary {
  std::string name;   ///< symbol; "main" when the design names none
  std::string device; ///< "npu1", "npu1_1col", ...
  int columns = 0;
  std::vector<std::string> sequences;
  Place place;
};
std::vector<DeviceSummary> devices(const Design &design);

} // namespace ashlar::design
