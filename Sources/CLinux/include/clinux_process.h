// Namespaces, capabilities and peer credentials.
#pragma once
#include <errno.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/// setns(fd, CLONE_NEWNET) for the calling thread: 0, or -1 with errno set.
static inline int clinux_enter_network_namespace(int fd) {
  return (int)syscall(SYS_setns, fd, 0x40000000 /* CLONE_NEWNET */);
}

/// The credentials of the peer of a UNIX socket.
struct clinux_peer {
  int pid;
  unsigned uid;
  unsigned gid;
};

/// SO_PEERCRED of `fd`: 0, or -1 with errno set.
static inline int clinux_peer_credentials(int fd, struct clinux_peer *peer) {
  int values[3] = {0, 0, 0};
  socklen_t length = sizeof values;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, values, &length) != 0) return -1;
  peer->pid = values[0];
  peer->uid = (unsigned)values[1];
  peer->gid = (unsigned)values[2];
  return 0;
}
