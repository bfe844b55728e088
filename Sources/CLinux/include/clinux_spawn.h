// Programs that outlive their caller, and processes held by a descriptor so that a number that was
// given anew is never taken for them.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/// Of glibc 2.34 and later, whose header has it only for those who ask for all GNU extensions.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

/// Starts the program at `path` in a session of its own, in the network namespace of the calling
/// thread, with nothing to read and no other descriptors than its three: 0, or an error number.
static inline int clinux_spawn_detached(const char *path, char *const *arguments, int output,
                                        int errors, pid_t *process) {
  char *const environment[] = {(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none;
  sigemptyset(&none);
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, errors, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, 0x80 /* POSIX_SPAWN_SETSID */ | POSIX_SPAWN_SETSIGMASK);
  int error = posix_spawn(process, path, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

/// pipe2(O_CLOEXEC): 0, or -1 with errno set.
static inline int clinux_pipe(int *ends) { return (int)syscall(SYS_pipe2, ends, O_CLOEXEC); }

/// pidfd_open(2): a descriptor that is readable when the process has ended, or -1 with errno set.
static inline int clinux_open_process(pid_t process) {
  return (int)syscall(434 /* pidfd_open */, process, 0);
}

/// pidfd_send_signal(2): 0, or -1 with errno set.
static inline int clinux_signal_process(int descriptor, int number) {
  return (int)syscall(424 /* pidfd_send_signal */, descriptor, number, NULL, 0);
}

/// SO_NETNS_COOKIE of a new socket: what no other network namespace has had or will have until the
/// next boot; 0 where the kernel (before 5.14) does not tell.
static inline uint64_t clinux_network_namespace_cookie(void) {
  uint64_t cookie = 0;
  socklen_t length = sizeof cookie;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  if (getsockopt(fd, SOL_SOCKET, 71 /* SO_NETNS_COOKIE */, &cookie, &length) != 0) cookie = 0;
  close(fd);
  return cookie;
}
