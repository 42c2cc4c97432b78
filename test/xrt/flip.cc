// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Preloaded into a program it changes byte 20 of every buffer that comes back from the device: a
// chip that computes something else than the emulator, for the test of --compare.
#include <cstdint>
#include <dlfcn.h>
#include <xrt/xrt_bo.h>

void xrt::bo::sync(xclBOSyncDirection direction, size_t bytes, size_t offset) {
  using Sync = void (*)(bo *, xclBOSyncDirection, size_t, size_t);
  static const auto real =
      reinterpret_cast<Sync>(dlsym(RTLD_NEXT, "_ZN3xrt2bo4syncE18xclBOSyncDirectionmm"));
  real(this, direction, bytes, offset);
  if (direction == XCL_BO_SYNC_BO_FROM_DEVICE) map<uint8_t *>()[20] ^= 1;
}
