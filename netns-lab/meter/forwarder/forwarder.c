// The floor for a director on a TAP: epoll, the same offloads, one address pair and nothing else.
//
// usage: forwarder TAP OWN-MAC VIP GATEWAY SERVER SERVER-MAC ROUTER-MAC OFFLOADS COUNTS
//
// Attaches one queue of TAP, which is of its own namespace, made with `multi_queue vnet_hdr`.
// OFFLOADS is a mask of TUN_F_* in hexadecimal, COUNTS a file that holds what was done so far.
#include "translate.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LONGEST_FRAME = 69632, DRAINED_AT_ONCE = 64 };

/// The file COUNTS: four numbers in the machine's byte order.
struct counts {
  uint64_t frames_in, bytes_in, frames_out, bytes_out;
};

static _Noreturn void leave(const char *what) {
  fprintf(stderr, "forwarder: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int attach(const char *name, unsigned offloads) {
  int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK), header = VNET_HEADER;
  if (tap < 0) leave("/dev/net/tun");
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(tap, TUNSETIFF, &request)) leave(name);
  if (ioctl(tap, TUNSETVNETHDRSZ, &header)) leave("TUNSETVNETHDRSZ");
  if (ioctl(tap, TUNSETOFFLOAD, (unsigned long)offloads)) leave("TUNSETOFFLOAD");
  return tap;
}

static struct counts *map_counts(const char *path) {
  int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
  if (file < 0 || ftruncate(file, sizeof(struct counts))) leave(path);
  void *page = mmap(NULL, sizeof(struct counts), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (page == MAP_FAILED) leave(path);
  return page;
}

static uint32_t address(const char *text) {
  struct in_addr parsed;
  if (inet_pton(AF_INET, text, &parsed) == 1) return parsed.s_addr;
  fprintf(stderr, "forwarder: '%s' is no IPv4 address\n", text);
  exit(2);
}

static void read_mac(const char *text, uint8_t *mac) {
  int bytes = sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4,
                     mac + 5);
  if (bytes == 6) return;
  fprintf(stderr, "forwarder: '%s' is no MAC address\n", text);
  exit(2);
}

/// Reads until the TAP has no more or the bound is met; each frame goes out before the next comes.
///
/// Returns whether there may be more.
static int drain(int tap, const struct pair *pair, struct counts *counts, uint8_t *frame) {
  for (int turn = 0; turn < DRAINED_AT_ONCE; turn++) {
    ssize_t length = read(tap, frame, LONGEST_FRAME);
    if (length < 0 && errno != EAGAIN && errno != EINTR) leave("read");
    if (length < 0) return 0;
    counts->frames_in++;
    counts->bytes_in += (uint64_t)length;
    // A frame that the queue behind has no room for is lost, as on any switch.
    if (translate(pair, frame, (int)length) && write(tap, frame, (size_t)length) == length) {
      counts->frames_out++;
      counts->bytes_out += (uint64_t)length;
    }
  }
  return 1;
}

int main(int count, char **arguments) {
  if (count != 10) {
    fprintf(stderr, "usage: forwarder TAP OWN-MAC VIP GATEWAY SERVER SERVER-MAC ROUTER-MAC "
                    "OFFLOADS COUNTS\n");
    return 2;
  }
  struct pair pair = {
      .virtual_address = address(arguments[3]),
      .gateway_address = address(arguments[4]),
      .server_address = address(arguments[5]),
  };
  read_mac(arguments[2], pair.own_mac);
  read_mac(arguments[6], pair.server_mac);
  read_mac(arguments[7], pair.router_mac);
  struct counts *counts = map_counts(arguments[9]);
  int tap = attach(arguments[1], (unsigned)strtoul(arguments[8], NULL, 16));
  int waiter = epoll_create1(0);
  uint8_t *frame = aligned_alloc(4096, LONGEST_FRAME);
  struct epoll_event event = {.events = EPOLLIN};
  if (!frame || waiter < 0 || epoll_ctl(waiter, EPOLL_CTL_ADD, tap, &event)) leave("epoll");
  for (;;)
    if (!drain(tap, &pair, counts, frame)) epoll_wait(waiter, &event, 1, -1);
}
