// Abstract UNIX sockets, whose names Swift's view of sockaddr_un makes awkward.
#pragma once
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/// Binds `fd` to the abstract name `name` ("@name" in listings): 0, or -1 with errno set.
static inline int clinux_bind_abstract(int fd, const char *name) {
  struct sockaddr_un address;
  size_t length = strlen(name);
  if (length == 0 || length > sizeof address.sun_path - 1) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path + 1, name, length);
  return bind(fd, (struct sockaddr *)&address,
              (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length));
}
