// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// process_vm_readv on the own process checks every page. Where a sandbox forbids the call the copy
// is made without the check.
#include "accel/user_memory.h"

#include <cerrno>
#include <cstring>
#include <sys/uio.h>
#include <unistd.h>

namespace ashlar::accel {
namespace {

bool forbidden() { return errno == ENOSYS || errno == EPERM; }

} // namespace

bool copyIn(void *to, const void *user, size_t bytes) {
  if (!user) return false;
  const iovec local = {to, bytes}, remote = {const_cast<void *>(user), bytes};
  const ssize_t n = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
  if (n < 0 && forbidden()) {
    std::memcpy(to, user, bytes);
    return true;
  }
  return n == static_cast<ssize_t>(bytes);
}

bool copyOut(void *user, const void *from, size_t bytes) {
  if (!user) return false;
  const iovec local = {const_cast<void *>(from), bytes}, remote = {user, bytes};
  const ssize_t n = process_vm_writev(getpid(), &local, 1, &remote, 1, 0);
  if (n < 0 && forbidden()) {
    std::memcpy(user, from, bytes);
    return true;
  }
  return n == static_cast<ssize_t>(bytes);
}

} // namespace ashlar::accel
