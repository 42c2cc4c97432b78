// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element types of buffers, by the names that designs use ("bf16", "i32", "ui8").
#pragma once

#include "base/base.h"

namespace ashlar::report {

enum class Element : uint8_t { I8, U8, I16, U16, I32, U32, I64, U64, F16, BF16, F32, F64 };

const char *elementName(Element e);
std::optional<Element> elementFromName(std::string_view name);
size_t elementBytes(Element e);
bool elementIsFloat(Element e);

/// The value of element `index` as a double (64-bit integers may round).
double elementValue(Element e, ByteView data, size_t index);
/// A number whose distances count representable values: floats in order of value, integers
/// themselves.
int64_t elementOrder(Element e, ByteView data, size_t index);
/// How many representable values lie from one to the other; exact for 64 bits too.
uint64_t elementSteps(Element e, ByteView a, ByteView b, size_t index);
/// "1.5", "-3", "nan".
std::string elementText(Element e, ByteView data, size_t index);

} // namespace ashlar::report
