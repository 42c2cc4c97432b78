// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// POSIX calls rather than iostreams: they say why they failed.
#include "base/file.h"

#include <cerrno>
#include <fcntl.h>
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
  const std::string temporary = fmt::format("{}.tmp{}", path, ::getpid());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return writeError(path, errno);
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
  if (!failure && ::rename(temporary.c_str(), path.c_str()) != 0) failure = errno;
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
