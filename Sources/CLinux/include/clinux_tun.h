// TUN/TAP ioctls (linux/if_tun.h). Debian 12's header lacks TUN_F_USO4 and TUN_F_USO6 (Linux 6.2)
// and TUN_F_UDP_TUNNEL_GSO (Linux 6.17).
#pragma once
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
  CLINUX_TUN_F_USO4 = 0x20,
  CLINUX_TUN_F_USO6 = 0x40,
  CLINUX_TUN_F_UDP_TUNNEL_GSO = 0x80,
};

/// TUNSETIFF: attaches `fd` to the TAP `name` with `flags` (IFF_*): 0, or -1 with errno set.
static inline int clinux_tun_attach(int fd, const char *name, int flags) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_flags = (short)flags;
  return ioctl(fd, TUNSETIFF, &request);
}

/// TUNSETVNETHDRSZ: the length in bytes of the virtio-net header in front of each frame.
static inline int clinux_tun_set_vnet_header_length(int fd, int length) {
  return ioctl(fd, TUNSETVNETHDRSZ, &length);
}

/// TUNSETOFFLOAD: what the kernel may hand to the reader unfinished (TUN_F_*).
static inline int clinux_tun_set_offload(int fd, unsigned mask) {
  return ioctl(fd, TUNSETOFFLOAD, (unsigned long)mask);
}
