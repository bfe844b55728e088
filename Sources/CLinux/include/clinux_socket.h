// Sockets of the Internet: addresses and ports in host order.
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

static inline struct sockaddr_in clinux_address(uint32_t address, uint16_t port) {
  struct sockaddr_in value;
  memset(&value, 0, sizeof value);
  value.sin_family = AF_INET;
  value.sin_port = htons(port);
  value.sin_addr.s_addr = htonl(address);
  return value;
}

/// connect(2): 0, or -1 with errno set.
static inline int clinux_connect(int fd, uint32_t address, uint16_t port) {
  struct sockaddr_in value = clinux_address(address, port);
  return connect(fd, (struct sockaddr *)&value, sizeof value);
}

/// bind(2) to the address alone: the kernel chooses the port when it knows the other end.
static inline int clinux_bind_address(int fd, uint32_t address) {
  int one = 1;
  struct sockaddr_in value = clinux_address(address, 0);
  setsockopt(fd, IPPROTO_IP, 24 /* IP_BIND_ADDRESS_NO_PORT */, &one, sizeof one);
  return bind(fd, (struct sockaddr *)&value, sizeof value);
}

/// Lets the end of a stream be a reset.
static inline int clinux_end_by_reset(int fd) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

/// SO_ERROR of `fd`, or errno if that cannot be asked.
static inline int clinux_take_error(int fd) {
  int code = 0;
  socklen_t length = sizeof code;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno;
}
