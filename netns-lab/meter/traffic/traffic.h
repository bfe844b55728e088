// What the modes of the traffic program share.
#pragma once
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum {
  /// Every request, answer and datagram has so many bytes.
  SMALL = 64,
  /// The server echoes at its port, answers and closes at the next one.
  ANSWER_PORT_AFTER = 1,
};

int serve(int port, const char *counter);
int measure_latency(struct sockaddr_in server, double seconds);
int measure_connections(struct sockaddr_in server, double seconds, int at_once);
int send_datagrams(struct sockaddr_in server, double seconds, double rate, int sockets);

/// Counts datagrams to `port` for ever, on a thread of its own; `counter` always holds how many.
void start_sink(int port, const char *counter);

static inline uint64_t nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static inline _Noreturn void leave(const char *what) {
  perror(what);
  exit(1);
}

/// The bytes that requests, answers and datagrams consist of.
static inline void fill_pattern(uint8_t *bytes, uint64_t number) {
  for (uint64_t index = 0; index < SMALL; index++) bytes[index] = (uint8_t)(number * 7 + index * 3);
}
