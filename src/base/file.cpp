// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// POSIX calls rather than iostreams: they say why they failed.
#include "base/file.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace ashlar {
namespace {
Diagnostic readError(const std::string &path, int code) {
  return error("file-missing", Place::at(path), fmt::format("cannot read: {}", std::strerror(code)),
               "check the path and its permissions");
}
Diagnostic writeError(const std::string &path, int code) {
  return error("file-write", Place::at(path), fmt::format("cannot write: {}", std::strerror(code)),
               "check that the folder exists, is writable and has room");
}

/// Writes and closes; 0 or the reason of failure.
int writeAll(int fd, ByteView data) {
  size_t done = 0;
  int failure = 0;
  while (done < data.size() && !failure) {
    const ssize_t n = ::write(fd, data.data() + done, data.size() - done);
    if (n >= 0)
      done += static_cast<size_t>(n);
    else if (errno != EINTR)
      failure = errno;
  }
  if (::close(fd) != 0 && !failure) failure = errno;
  return failure;
}
} // namespace

Result<Bytes> readFile(const std::string &path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return readError(path, errno);
  struct stat info{};
  if (::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
    ::close(fd);
    return readError(path, EISDIR);
  }
  Bytes data;
  uint8_t chunk[1 << 16];
  for (;;) {
    const ssize_t n = ::read(fd, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int code = errno;
      ::close(fd);
      return readError(path, code);
    }
    if (n == 0) break;
    data.insert(data.end(), chunk, chunk + n);
  }
  ::close(fd);
  return data;
}

Result<std::string> readTextFile(const std::string &path) {
  ASHLAR_TRY(const Bytes data, readFile(path));
  return std::string(data.begin(), data.end());
}

Status writeFile(const std::string &path, ByteView data) {
  struct stat info{};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) return writeError(path, EISDIR);
  if (exists && !S_ISREG(info.st_mode)) {
    // A device or a pipe (/dev/null, /dev/stdout) is written to, never replaced.
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return writeError(path, errno);
    const int failure = writeAll(fd, data);
    return failure ? Status(writeError(path, failure)) : Status(Ok{});
  }
  // A symbolic link stays, what it leads to is replaced.
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  const std::string target = real ? real.get() : path;
  const std::string temporary = fmt::format("{}.tmp{}", target, ::getpid());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return writeError(path, errno);
  if (exists) (void)::fchmod(fd, info.st_mode & 07777);
  int failure = writeAll(fd, data);
  if (!failure && ::rename(temporary.c_str(), target.c_str()) != 0) failure = errno;
  if (failure) {
    ::unlink(temporary.c_str());
    return writeError(path, failure);
  }
  return Ok{};
}

Status writeTextFile(const std::string &path, std::string_view text) {
  return writeFile(path, {reinterpret_cast<const uint8_t *>(text.data()), text.size()});
}

} // namespace ashlar
