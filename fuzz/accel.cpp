// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ioctls of careless and hostile programs on the emulated kernel device: wrong sizes, handles,
// offsets, pointers and orders, freed buffers, streams and PDIs that are none.
#include "accel/ioctl_script.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ashlar::accel_test::IoctlScript({data, size}).run();
  return 0;
}
