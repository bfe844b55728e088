// Sockets with abstract names (unix(7)), whose addresses Swift's view of sockaddr_un makes awkward.
#pragma once
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/// Fills `address` with the abstract name of `length` bytes (at most 107): its length, or 0.
static inline socklen_t clinux_abstract_address(struct sockaddr_un *address, const char *name,
                                                size_t length) {
  if (length >= sizeof address->sun_path) return 0;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path + 1, name, length);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
}

/// Binds `fd` to the abstract name `name` ("@name" in listings): 0, or -1 with errno set.
static inline int clinux_bind_abstract(int fd, const char *name) {
  struct sockaddr_un address;
  socklen_t size = clinux_abstract_address(&address, name, strlen(name));
  if (size == 0) {
    errno = ENAMETOOLONG;
    return -1;
  }
  return bind(fd, (struct sockaddr *)&address, size);
}

/// A non-blocking socket that listens at the abstract name: its descriptor, or -1 with errno set.
static inline int clinux_listen_abstract(const char *name, size_t length, int backlog) {
  struct sockaddr_un address;
  socklen_t size = clinux_abstract_address(&address, name, length);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, backlog) == 0) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

/// A blocking socket connected to the abstract name, each later call on which waits no longer than
/// `milliseconds`: its descriptor, or -1 with errno set.
static inline int clinux_connect_abstract(const char *name, size_t length, int milliseconds) {
  struct sockaddr_un address;
  socklen_t size = clinux_abstract_address(&address, name, length);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0 &&
      connect(fd, (struct sockaddr *)&address, size) == 0)
    return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

/// The next connection of a listening socket, non-blocking: its descriptor, or -1 with errno set.
static inline int clinux_accept(int fd) {
  return (int)syscall(SYS_accept4, fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
