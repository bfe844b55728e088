// latency: the time from a small request to its answer.
#include "traffic.h"

#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

enum { MOST_SAMPLES = 4000000 };

static int ascending(const void *left, const void *right) {
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return (a > b) - (a < b);
}

/// One request, one answer: the nanoseconds between.
static uint32_t exchange(int wire, uint64_t number) {
  uint8_t request[SMALL], answer[SMALL];
  fill_pattern(request, number);
  uint64_t asked = nanoseconds();
  if (send(wire, request, SMALL, MSG_NOSIGNAL) != SMALL) leave("send");
  if (recv(wire, answer, SMALL, MSG_WAITALL) != SMALL) leave("no answer");
  uint64_t took = nanoseconds() - asked;
  if (memcmp(request, answer, SMALL)) {
    fprintf(stderr, "answer %llu came back changed\n", (unsigned long long)number);
    exit(1);
  }
  return took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
}

int measure_latency(struct sockaddr_in server, double seconds) {
  int wire = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct timeval patience = {.tv_sec = 2};
  if (connect(wire, (struct sockaddr *)&server, sizeof server)) leave("connect");
  setsockopt(wire, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(wire, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);

  uint32_t *samples = malloc(MOST_SAMPLES * sizeof *samples);
  if (!samples) leave("malloc");
  uint64_t end = nanoseconds() + (uint64_t)(seconds * 1e9), number = 0;
  do samples[number] = exchange(wire, number);
  while (++number < MOST_SAMPLES && nanoseconds() < end);
  close(wire);
  qsort(samples, number, sizeof *samples, ascending);
  printf("{\"requests\": %llu, \"p50\": %.1f, \"p99\": %.1f}\n", (unsigned long long)number,
         samples[number / 2] / 1e3, samples[number * 99 / 100] / 1e3);
  return 0;
}
