// The receiving end of `datagrams`.
#include "traffic.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BATCH = 64, BUFFER = 32 << 20 };

static uint64_t *received;
static int wire;

/// Takes datagrams in batches, so that the sink needs no wake-up for each of them.
static void *drain(void *unused) {
  static uint8_t bytes[BATCH][SMALL + 1];
  static struct iovec parts[BATCH];
  static struct mmsghdr messages[BATCH];
  uint8_t expected[SMALL];
  fill_pattern(expected, 0);
  for (int index = 0; index < BATCH; index++) {
    parts[index] = (struct iovec){bytes[index], sizeof bytes[index]};
    messages[index].msg_hdr.msg_iov = &parts[index];
    messages[index].msg_hdr.msg_iovlen = 1;
  }
  for (;;) {
    int count = recvmmsg(wire, messages, BATCH, MSG_WAITFORONE, NULL);
    uint64_t right = 0;
    for (int index = 0; index < count; index++)
      right += messages[index].msg_len == SMALL && !memcmp(bytes[index], expected, SMALL);
    *received += right;
    if (count < BATCH) nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
  }
  return unused;
}

void start_sink(int port, const char *counter) {
  int file = open(counter, O_RDWR | O_CREAT | O_TRUNC, 0644), buffer = BUFFER;
  if (file < 0 || ftruncate(file, sizeof *received)) leave(counter);
  received = mmap(NULL, sizeof *received, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (received == MAP_FAILED) leave(counter);

  struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  wire = socket(AF_INET, SOCK_DGRAM, 0);
  if (wire < 0 || bind(wire, (struct sockaddr *)&own, sizeof own)) leave("bind");
  setsockopt(wire, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  pthread_t thread;
  if (pthread_create(&thread, NULL, drain, NULL)) leave("pthread_create");
}
