// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The hooks of libashlar-accel.so. Inside a program that has it preloaded, the paths of an amdxdna
// device lead into a small tree of files that `ashlar with` made (ASHLAR_ACCEL_ROOT), its device
// node opens as a file of ours, and ioctl, mmap and close on that file reach KernelDevice. All else
// goes to libc untouched. XRT uses plain libc calls only, so this is the whole surface.
#include "accel/explain.h"
#include "accel/kernel_device.h"

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <set>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define HOOK extern "C" __attribute__((visibility("default")))

namespace {

using ashlar::accel::explain;
using ashlar::accel::KernelDevice;

template <class F> F next(const char *name) { return reinterpret_cast<F>(dlsym(RTLD_NEXT, name)); }

constexpr const char *kPaths[] = {"/sys/bus/pci/drivers/amdxdna",
                                  "/sys/bus/pci/devices/0000:c5:00.1",
                                  "/sys/devices/pci0000:00/0000:00:08.2/0000:c5:00.1",
                                  "/sys/module/amdxdna",
                                  "/sys/class/accel",
                                  "/dev/accel"};
constexpr const char *kNode = "/dev/accel/accel0";
constexpr unsigned kNodeMajor = 261; ///< of Linux's accel class

const std::string &root() {
  static const std::string path = [] {
    const char *v = std::getenv("ASHLAR_ACCEL_ROOT");
    return std::string(v ? v : "");
  }();
  return path;
}

bool under(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

bool isNode(const char *path) { return path && !root().empty() && !std::strcmp(path, kNode); }

/// A path as libc shall see it; `buffer` keeps the text alive.
const char *redirected(const char *path, std::string &buffer) {
  if (!path || path[0] != '/' || root().empty()) return path;
  for (const char *p : kPaths)
    if (under(path, p)) {
      buffer = root() + path;
      return buffer.c_str();
    }
  return path;
}

/// The device of this process. Never destroyed: threads may still run in it at exit.
struct State {
  std::mutex mutex;
  std::set<int> files;
  KernelDevice device;
  int backing = -1; ///< memfd that the files are duplicates of
};
std::atomic<State *> state{nullptr};
std::once_flag stateOnce;

State &theState() {
  std::call_once(stateOnce, [] {
    state = new State;
    // A forked child has none of the threads: its device is new, and what it does with files and
    // handles of its parent ends in an errno. The lock is held meanwhile so that the set is whole.
    pthread_atfork([] { state.load()->mutex.lock(); }, [] { state.load()->mutex.unlock(); },
                   [] {
                     State *const parents = state.load();
                     auto *child = new State;
                     child->files = parents->files;
                     if (!child->files.empty()) child->device.inherited();
                     state = child;
                   });
  });
  return *state.load();
}

/// The device that `fd` is a file of, or null.
State *deviceOf(int fd) {
  State *const s = state;
  if (!s || fd < 0) return nullptr;
  const std::lock_guard lock(s->mutex);
  return s->files.count(fd) ? s : nullptr;
}

int openNode(int flags) {
  State &s = theState();
  const std::lock_guard lock(s.mutex);
  if (s.backing < 0) s.backing = memfd_create("ashlar-accel", MFD_CLOEXEC);
  if (s.backing < 0) return -1;
  const int fd = fcntl(s.backing, flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, 3);
  if (fd >= 0) s.files.insert(fd);
  return fd;
}

/// What stat says of the node.
template <class S> void makeDeviceNode(S *info) {
  info->st_mode = S_IFCHR | 0666;
  info->st_rdev = makedev(kNodeMajor, 0);
}

void *rawMmap(void *address, size_t bytes, int protection, int flags, int fd, off64_t offset) {
  return reinterpret_cast<void *>(syscall(SYS_mmap, address, bytes, protection, flags, fd, offset));
}

void *mapHook(void *address, size_t bytes, int protection, int flags, int fd, off64_t offset) {
  State *const s = deviceOf(fd);
  if (!s) return rawMmap(address, bytes, protection, flags, fd, offset);
  const auto mapping = s->device.mapping(static_cast<uint64_t>(offset), bytes);
  if (!mapping) {
    errno = EINVAL;
    return MAP_FAILED;
  }
  // XRT asks for locked pages, which an ordinary user may not have 64 MiB of.
  return rawMmap(address, bytes, protection, flags & ~MAP_LOCKED, mapping->memory->fd(),
                 static_cast<off64_t>(mapping->offset));
}

/// Emulation that is still running when the program ends must not outlive the libraries it uses.
void atExit(int status, void *) {
  State *const s = state;
  if (!s || !s->device.busy()) return;
  std::fflush(nullptr);
  _exit(status);
}

__attribute__((constructor)) void start() { on_exit(atExit, nullptr); }

} // namespace

// --- the device file
// --------------------------------------------------------------------------------

HOOK int ioctl(int fd, unsigned long request, ...) {
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  if (_IOC_TYPE(request) == ashlar::accel::uapi::kIoctlType)
    if (State *const s = deviceOf(fd)) {
      const int status = s->device.ioctl(_IOC_NR(request), argument);
      if (status == 0) return 0;
      errno = status;
      return -1;
    }
  static const auto real = next<int (*)(int, unsigned long, ...)>("ioctl");
  return real(fd, request, argument);
}

HOOK void *mmap(void *a, size_t n, int p, int f, int fd, off_t o) {
  return mapHook(a, n, p, f, fd, o);
}
HOOK void *mmap64(void *a, size_t n, int p, int f, int fd, off64_t o) {
  return mapHook(a, n, p, f, fd, o);
}

HOOK int close(int fd) {
  static const auto real = next<int (*)(int)>("close");
  if (State *const s = deviceOf(fd)) {
    bool last = false;
    {
      const std::lock_guard lock(s->mutex);
      s->files.erase(fd);
      last = s->files.empty();
    }
    if (last) s->device.reset();
  }
  return real(fd);
}

// --- paths
// ------------------------------------------------------------------------------------------

#define OPEN_HOOK(name)                                                                            \
  HOOK int name(const char *path, int flags, ...) {                                                \
    va_list list;                                                                                  \
    va_start(list, flags);                                                                         \
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;                  \
    va_end(list);                                                                                  \
    if (isNode(path)) return openNode(flags);                                                      \
    std::string buffer;                                                                            \
    static const auto real = next<int (*)(const char *, int, ...)>(#name);                         \
    return real(redirected(path, buffer), flags, mode);                                            \
  }
#define OPENAT_HOOK(name)                                                                          \
  HOOK int name(int folder, const char *path, int flags, ...) {                                    \
    va_list list;                                                                                  \
    va_start(list, flags);                                                                         \
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;                  \
    va_end(list);                                                                                  \
    if (isNode(path)) return openNode(flags);                                                      \
    std::string buffer;                                                                            \
    static const auto real = next<int (*)(int, const char *, int, ...)>(#name);                    \
    return real(folder, redirected(path, buffer), flags, mode);                                    \
  }
OPEN_HOOK(open)
OPEN_HOOK(open64)
OPENAT_HOOK(openat)
OPENAT_HOOK(openat64)
HOOK int __open_2(const char *path, int flags) { return open(path, flags); }
HOOK int __open64_2(const char *path, int flags) { return open64(path, flags); }

#define FOPEN_HOOK(name)                                                                           \
  HOOK FILE *name(const char *path, const char *mode) {                                            \
    std::string buffer;                                                                            \
    static const auto real = next<FILE *(*)(const char *, const char *)>(#name);                   \
    return real(redirected(path, buffer), mode);                                                   \
  }
FOPEN_HOOK(fopen)
FOPEN_HOOK(fopen64)

#define STAT_HOOK(name, type)                                                                      \
  HOOK int name(const char *path, struct type *info) {                                             \
    std::string buffer;                                                                            \
    static const auto real = next<int (*)(const char *, struct type *)>(#name);                    \
    const int status = real(redirected(path, buffer), info);                                       \
    if (status == 0 && isNode(path)) makeDeviceNode(info);                                         \
    return status;                                                                                 \
  }
STAT_HOOK(stat, stat)
STAT_HOOK(stat64, stat64)
STAT_HOOK(lstat, stat)
STAT_HOOK(lstat64, stat64)

#define FSTATAT_HOOK(name, type)                                                                   \
  HOOK int name(int folder, const char *path, struct type *info, int flags) {                      \
    std::string buffer;                                                                            \
    static const auto real = next<int (*)(int, const char *, struct type *, int)>(#name);          \
    const int status = real(folder, redirected(path, buffer), info, flags);                        \
    if (status == 0 && isNode(path)) makeDeviceNode(info);                                         \
    return status;                                                                                 \
  }
FSTATAT_HOOK(fstatat, stat)
FSTATAT_HOOK(fstatat64, stat64)

// Programs built against glibc before 2.33 call stat through these.
#define XSTAT_HOOK(name, type)                                                                     \
  HOOK int name(int version, const char *path, struct type *info) {                                \
    std::string buffer;                                                                            \
    static const auto real = next<int (*)(int, const char *, struct type *)>(#name);               \
    const int status = real(version, redirected(path, buffer), info);                              \
    if (status == 0 && isNode(path)) makeDeviceNode(info);                                         \
    return status;                                                                                 \
  }
XSTAT_HOOK(__xstat, stat)
XSTAT_HOOK(__xstat64, stat64)
XSTAT_HOOK(__lxstat, stat)
XSTAT_HOOK(__lxstat64, stat64)

HOOK int statx(int folder, const char *path, int flags, unsigned mask, struct statx *info) {
  std::string buffer;
  static const auto real = next<int (*)(int, const char *, int, unsigned, struct statx *)>("statx");
  return real(folder, redirected(path, buffer), flags, mask, info);
}
HOOK int access(const char *path, int mode) {
  std::string buffer;
  static const auto real = next<int (*)(const char *, int)>("access");
  return real(redirected(path, buffer), mode);
}
HOOK int faccessat(int folder, const char *path, int mode, int flags) {
  std::string buffer;
  static const auto real = next<int (*)(int, const char *, int, int)>("faccessat");
  return real(folder, redirected(path, buffer), mode, flags);
}
HOOK DIR *opendir(const char *path) {
  std::string buffer;
  static const auto real = next<DIR *(*)(const char *)>("opendir");
  return real(redirected(path, buffer));
}
HOOK ssize_t readlink(const char *path, char *out, size_t size) {
  std::string buffer;
  static const auto real = next<ssize_t (*)(const char *, char *, size_t)>("readlink");
  return real(redirected(path, buffer), out, size);
}
HOOK char *realpath(const char *path, char *out) {
  std::string buffer;
  static const auto real = next<char *(*)(const char *, char *)>("realpath");
  char *result = real(redirected(path, buffer), out);
  // The tree's own place must not show: XRT expects a path below /sys/devices.
  if (result && !root().empty() && under(result, root()))
    std::memmove(result, result + root().size(), std::strlen(result + root().size()) + 1);
  return result;
}
HOOK char *__realpath_chk(const char *path, char *out, size_t) { return realpath(path, out); }

// --- XRT calls that fail on an NPU without asking the driver
// ----------------------------------------

namespace {
void explainLoad() {
  explain(
      "device.load_xclbin fails on an NPU (\"load_axlf: Operation not supported\"): there is no "
      "device-wide configuration, each hardware context has its own",
      "call device.register_xclbin(xclbin), then hw_context(device, uuid) and "
      "kernel(context, name)");
}
} // namespace

// The C interface, which Python's module uses.
#define LOAD_C_HOOK(name)                                                                          \
  HOOK int name(void *device, const void *argument) {                                              \
    explainLoad();                                                                                 \
    static const auto real = next<int (*)(void *, const void *)>(#name);                           \
    return real ? real(device, argument) : -1;                                                     \
  }
LOAD_C_HOOK(xrtDeviceLoadXclbin)
LOAD_C_HOOK(xrtDeviceLoadXclbinFile)
LOAD_C_HOOK(xrtDeviceLoadXclbinHandle)

#if defined(__x86_64__)
// xrt::device::load_xclbin returns its UUID through memory, so result, object and argument are
// three pointers whatever their types.
#define LOAD_HOOK(function, symbol)                                                                \
  HOOK void *function(void *result, void *object, const void *argument) asm(symbol);               \
  HOOK void *function(void *result, void *object, const void *argument) {                          \
    explainLoad();                                                                                 \
    static const auto real = next<void *(*)(void *, void *, const void *)>(symbol);                \
    return real ? real(result, object, argument) : result;                                         \
  }
LOAD_HOOK(loadXclbinObject, "_ZN3xrt6device11load_xclbinERKNS_6xclbinE")
LOAD_HOOK(loadXclbinData, "_ZN3xrt6device11load_xclbinEPK4axlf")
LOAD_HOOK(loadXclbinFile,
          "_ZN3xrt6device11load_xclbinERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE")
#endif
