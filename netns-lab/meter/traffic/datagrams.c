// datagrams: small UDP at a steady rate.
#include "traffic.h"

#include <sys/uio.h>
#include <unistd.h>

enum { MOST_SOCKETS = 64, BATCH = 16, BUFFER = 4 << 20 };

static int connected(const struct sockaddr_in *server) {
  int wire = socket(AF_INET, SOCK_DGRAM, 0), buffer = BUFFER;
  if (wire < 0 || connect(wire, (const struct sockaddr *)server, sizeof *server)) leave("connect");
  setsockopt(wire, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer);
  return wire;
}

/// A rate beyond what the machine can send is what it can send.
int send_datagrams(struct sockaddr_in server, double seconds, double rate, int sockets) {
  if (sockets < 1 || sockets > MOST_SOCKETS) return 2;
  int wires[MOST_SOCKETS], turn = 0;
  for (int index = 0; index < sockets; index++) wires[index] = connected(&server);
  uint8_t bytes[SMALL];
  fill_pattern(bytes, 0);
  struct iovec part = {bytes, SMALL};
  struct mmsghdr messages[BATCH] = {0};
  for (int index = 0; index < BATCH; index++) {
    messages[index].msg_hdr.msg_iov = &part;
    messages[index].msg_hdr.msg_iovlen = 1;
  }

  uint64_t began = nanoseconds(), end = began + (uint64_t)(seconds * 1e9), now, sent = 0;
  while ((now = nanoseconds()) < end) {
    double ahead = (double)sent - (double)(now - began) * rate / 1e9;
    if (ahead <= 0) {
      int count = sendmmsg(wires[turn++ % sockets], messages, BATCH, 0);
      if (count > 0) sent += (uint64_t)count;
    } else if (ahead > rate * 200e-6) {
      // Far enough ahead to sleep, which takes longer than it is told to.
      nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
    }
  }
  printf("{\"sent\": %llu, \"seconds\": %.6f}\n", (unsigned long long)sent,
         (double)(nanoseconds() - began) / 1e9);
  return 0;
}
