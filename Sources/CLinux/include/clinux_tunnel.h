// Sockets that see packets of tunnels, and the addresses of the device that takes what is inside.
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/// A non-blocking socket for IPv4 packets of `protocol`, or, if that is UDP, for datagrams to `port`;
/// its descriptor, or -1 with errno set. `buffer` is the wanted length of its queue in bytes.
static inline int clinux_tunnel_socket(int protocol, uint16_t port, int buffer) {
  int kind = (protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_RAW) | SOCK_NONBLOCK | SOCK_CLOEXEC;
  int fd = socket(AF_INET, kind, protocol);
  if (fd < 0) return -1;
  int one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  if (setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &one, sizeof one) == 0 &&
      (protocol != IPPROTO_UDP || bind(fd, (struct sockaddr *)&address, sizeof address) == 0))
    return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

/// Who sent something, in host order, and the type of service that it came with.
struct clinux_tunnel_sender {
  uint32_t address;
  uint8_t type_of_service;
};

/// Receives up to `length` bytes: how many, or -1 with errno set.
static inline ssize_t clinux_tunnel_receive(int fd, void *bytes, size_t length,
                                            struct clinux_tunnel_sender *sender) {
  struct sockaddr_in address = {0};
  struct iovec part = {bytes, length};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(64)];
  } control;
  struct msghdr message = {.msg_name = &address,
                           .msg_namelen = sizeof address,
                           .msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = &control,
                           .msg_controllen = sizeof control};
  ssize_t count = recvmsg(fd, &message, 0);
  if (count < 0) return -1;
  sender->address = ntohl(address.sin_addr.s_addr);
  sender->type_of_service = 0;
  for (struct cmsghdr *item = CMSG_FIRSTHDR(&message); item; item = CMSG_NXTHDR(&message, item))
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_TOS)
      sender->type_of_service = *(const uint8_t *)CMSG_DATA(item);
  return count;
}

/// SIOCSIFADDR: gives the point-to-point link `name`, or `name:number`, the address, alone: /32.
static inline int clinux_tunnel_set_address(const char *name, uint32_t address) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  struct sockaddr_in value = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
  memcpy(&request.ifr_addr, &value, sizeof value);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  int result = ioctl(fd, SIOCSIFADDR, &request);
  int error = errno;
  close(fd);
  errno = error;
  return result;
}
