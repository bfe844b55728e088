// serve: the real server of `latency`, `connections` and `datagrams`.
#include "traffic.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BACKLOG = 8192, EVENTS = 64, ACCEPTED_AT_ONCE = 64 };

/// What a descriptor is for, beside the descriptor in an event's data.
enum role { ECHO_LISTENER, ANSWER_LISTENER, ECHO, ANSWER };

static int waiter;

static void watch(int wire, enum role role) {
  struct epoll_event event = {EPOLLIN, {.u64 = (uint64_t)role << 32 | (uint32_t)wire}};
  if (epoll_ctl(waiter, EPOLL_CTL_ADD, wire, &event)) leave("epoll_ctl");
}

static void start_listening(int port, enum role role) {
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  int wire = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  setsockopt(wire, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(wire, (struct sockaddr *)&own, sizeof own) || listen(wire, BACKLOG)) leave("listen");
  watch(wire, role);
}

static void accept_some(int listener, enum role role) {
  for (int turn = 0; turn < ACCEPTED_AT_ONCE; turn++) {
    int wire = accept4(listener, NULL, NULL, SOCK_NONBLOCK), on = 1;
    if (wire < 0) return;
    setsockopt(wire, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(wire, role);
  }
}

static void answer(int wire, enum role role, const uint8_t *pattern) {
  uint8_t bytes[2048];
  ssize_t got = read(wire, bytes, sizeof bytes);
  if (got > 0 && role == ECHO) {
    // A peer that left is found out by the next read.
    if (send(wire, bytes, (size_t)got, MSG_NOSIGNAL) == got) return;
  } else if (got > 0) {
    send(wire, pattern, SMALL, MSG_NOSIGNAL);
  }
  close(wire);
}

int serve(int port, const char *counter) {
  uint8_t pattern[SMALL];
  fill_pattern(pattern, 0);
  waiter = epoll_create1(0);
  start_sink(port + ANSWER_PORT_AFTER, counter);
  start_listening(port + ANSWER_PORT_AFTER, ANSWER_LISTENER);
  start_listening(port, ECHO_LISTENER);
  for (;;) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(waiter, events, EVENTS, -1);
    for (int index = 0; index < count; index++) {
      int wire = (int)(events[index].data.u64 & UINT32_MAX);
      enum role role = (enum role)(events[index].data.u64 >> 32);
      if (role == ECHO_LISTENER) accept_some(wire, ECHO);
      else if (role == ANSWER_LISTENER) accept_some(wire, ANSWER);
      else answer(wire, role, pattern);
    }
  }
}
