// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// XRT refuses some things itself, by exceptions whose texts were written for cards, before any
// ioctl is made. They are thrown through the C++ runtime's one function, where their texts are
// seen; the exception goes its way unchanged.
#include "accel/explain.h"

#include <cstring>
#include <dlfcn.h>
#include <exception>
#include <typeinfo>

#if defined(__GLIBCXX__)

namespace {

struct Known {
  const char *text, *what, *remedy;
};
constexpr const char *kFlags =
    "xrt::bo(device, bytes, XRT_BO_FLAGS_HOST_ONLY, kernel.group_id(3)) for data, "
    "XCL_BO_FLAGS_CACHEABLE with group_id(1) for instructions";
constexpr Known kKnown[] = {
    {"unsupported buffer type",
     "a buffer without a flag is refused: it asks for the memory of a card, and an NPU has none",
     kFlags},
    {"Bad BO type",
     "this kind of buffer is refused: device-only, peer-to-peer and SVM memory are a card's",
     kFlags},
    {"No valid DPU kernel found",
     "EMBEDDED_METADATA of the XCLBIN names a kernel id for which AIE_PARTITION has no PDI",
     "give both the same dpu_kernel_id; `ashlar check` of the XCLBIN shows them"}};

/// The object as std::exception, when it is one: what a catch clause finds.
const std::exception *asException(void *object, const std::type_info *type) {
  if (!object || !type || type->__is_pointer_p()) return nullptr;
  return typeid(std::exception).__do_catch(type, &object, 1)
             ? static_cast<const std::exception *>(object)
             : nullptr;
}

} // namespace

extern "C" __attribute__((visibility("default"), noreturn)) void
__cxa_throw(void *object, std::type_info *type, void (*destructor)(void *)) {
  if (const std::exception *e = asException(object, type))
    for (const Known &k : kKnown)
      if (std::strstr(e->what(), k.text)) ashlar::accel::explain(k.what, k.remedy);
  using Throw = void (*)(void *, std::type_info *, void (*)(void *));
  static const auto real = reinterpret_cast<Throw>(dlsym(RTLD_NEXT, "__cxa_throw"));
  real(object, type, destructor);
  __builtin_unreachable();
}

#endif
