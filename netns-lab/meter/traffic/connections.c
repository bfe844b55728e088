// connections: how many short ones a second, so many at once.
#include "traffic.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { MOST_AT_ONCE = 1024, EVENTS = 64 };

/// A connection that is not over.
struct connection {
  int wire;
  ssize_t got;
};

static struct connection connections[MOST_AT_ONCE];
static uint64_t done, failed;
static int waiter;
static uint8_t expected[SMALL];

/// Opens a connection in a free place; false if the kernel has none to give.
static int begin(struct connection *connection, const struct sockaddr_in *server) {
  int wire = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (wire < 0) leave("socket");
  if (connect(wire, (const struct sockaddr *)server, sizeof *server) && errno != EINPROGRESS) {
    close(wire);
    failed++;
    return 0;
  }
  *connection = (struct connection){.wire = wire};
  struct epoll_event event = {EPOLLOUT | EPOLLONESHOT, {.ptr = connection}};
  return epoll_ctl(waiter, EPOLL_CTL_ADD, wire, &event) == 0;
}

static void end(struct connection *connection, int well) {
  close(connection->wire);
  connection->wire = -1;
  if (well) done++;
  else failed++;
}

/// Reads what there is; at the end of the stream all is well if the right bytes came and no more.
static void take(struct connection *connection) {
  uint8_t bytes[SMALL + 1];
  ssize_t got = read(connection->wire, bytes, sizeof bytes);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return end(connection, got == 0 && connection->got == SMALL);
  if (connection->got + got > SMALL || memcmp(bytes, expected + connection->got, (size_t)got))
    return end(connection, 0);
  connection->got += got;
}

static void proceed(struct connection *connection, uint32_t events) {
  if (!(events & EPOLLOUT)) return take(connection);
  struct epoll_event event = {EPOLLIN, {.ptr = connection}};
  if (send(connection->wire, "?", 1, MSG_NOSIGNAL) != 1) return end(connection, 0);
  epoll_ctl(waiter, EPOLL_CTL_MOD, connection->wire, &event);
}

int measure_connections(struct sockaddr_in server, double seconds, int at_once) {
  if (at_once < 1 || at_once > MOST_AT_ONCE) return 2;
  fill_pattern(expected, 0);
  waiter = epoll_create1(0);
  for (int index = 0; index < at_once; index++) connections[index].wire = -1;
  uint64_t began = nanoseconds(), deadline = began + (uint64_t)(seconds * 1e9);
  while (nanoseconds() < deadline) {
    for (int index = 0; index < at_once; index++)
      if (connections[index].wire < 0 && !begin(&connections[index], &server)) {
        connections[index].wire = -1;
        break;
      }
    struct epoll_event events[EVENTS];
    int count = epoll_wait(waiter, events, EVENTS, 100);
    for (int index = 0; index < count; index++)
      proceed(events[index].data.ptr, events[index].events);
  }
  printf("{\"connections\": %llu, \"failed\": %llu, \"seconds\": %.6f}\n", (unsigned long long)done,
         (unsigned long long)failed, (double)(nanoseconds() - began) / 1e9);
  return 0;
}
