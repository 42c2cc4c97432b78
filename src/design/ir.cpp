// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading attributes without caring how wide the writer made them.
#include "design/ir.h"

#include "device/geometry.h"

#include <mlir/IR/Location.h>

using namespace mlir;

namespace ashlar::design {

Place placeOf(Location location) {
  if (auto at = location->findInstanceOf<FileLineColRange>())
    return Place::at(at.getFilename().str(), at.getStartLine(), at.getStartColumn());
  return {};
}

std::optional<int64_t> intAttr(Operation *op, StringRef name) {
  Attribute value = op->getAttr(name);
  if (auto integer = dyn_cast_or_null<IntegerAttr>(value)) {
    const llvm::APInt &bits = integer.getValue();
    if (bits.getBitWidth() == 1) return bits.getZExtValue();
    if (bits.getSignificantBits() > 64) return std::nullopt;
    return integer.getType().isUnsignedInteger() ? static_cast<int64_t>(bits.getZExtValue())
                                                 : bits.getSExtValue();
  }
  return std::nullopt;
}

std::string strAttr(Operation *op, StringRef name) {
  Attribute value = op->getAttr(name);
  if (auto text = dyn_cast_or_null<StringAttr>(value)) return text.getValue().str();
  if (auto symbol = dyn_cast_or_null<SymbolRefAttr>(value))
    return symbol.getRootReference().getValue().str();
  return {};
}

std::vector<int64_t> intsAttr(Operation *op, StringRef name) {
  Attribute value = op->getAttr(name);
  if (auto dense = dyn_cast_or_null<DenseI64ArrayAttr>(value)) return dense.asArrayRef().vec();
  std::vector<int64_t> out;
  if (auto dense = dyn_cast_or_null<DenseI32ArrayAttr>(value))
    for (int32_t v : dense.asArrayRef()) out.push_back(v);
  if (auto array = dyn_cast_or_null<ArrayAttr>(value))
    for (Attribute element : array)
      if (auto integer = dyn_cast<IntegerAttr>(element))
        out.push_back(integer.getValue().getSExtValue());
  return out;
}

std::vector<std::string> symsAttr(Operation *op, StringRef name) {
  std::vector<std::string> out;
  if (auto array = op->getAttrOfType<ArrayAttr>(name))
    for (Attribute element : array) {
      if (auto symbol = dyn_cast<SymbolRefAttr>(element))
        out.push_back(symbol.getRootReference().getValue().str());
      if (auto text = dyn_cast<StringAttr>(element)) out.push_back(text.getValue().str());
    }
  return out;
}

std::optional<RecordAttr> recordAttr(Operation *op, StringRef name) {
  if (auto record = dyn_cast_or_null<RecordAttr>(op->getAttr(name))) return record;
  return std::nullopt;
}

ArrayRef<DeviceName> deviceNames() {
  static const std::vector<DeviceName> names = [] {
    std::vector<DeviceName> all;
    // npu and npu1_4col are the names of 2024 for the whole array.
    for (const char *name : {"npu1", "npu1_1col", "npu1_2col", "npu1_3col"})
      all.push_back({name, device::deviceColumns(name).value_or(0)});
    const int whole = device::deviceColumns("npu1").value_or(0);
    all.push_back({"npu1_4col", whole});
    all.push_back({"npu", whole});
    for (const char *name :
         {"npu2", "npu2_1col", "npu2_2col", "npu2_3col", "npu2_4col", "npu2_5col", "npu2_6col",
          "npu2_7col", "xcvc1902", "xcve2302", "xcve2802"})
      all.push_back({name, 0});
    return all;
  }();
  return names;
}

std::string typeText(mlir::Type type) {
  std::string out;
  llvm::raw_string_ostream stream(out);
  type.print(stream);
  return out;
}

} // namespace ashlar::design
