#define _GNU_SOURCE
#include "clinux_script.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// In the child of vfork(2): only system calls, since the C library's locks and its own idea of
// credentials are the parent's.
static int become(uid_t user, gid_t group) {
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  if (syscall(SYS_setsid) < 0) return errno;
  int nothing = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR);
  if (nothing < 0) return errno;
  for (int descriptor = 0; descriptor < 3; descriptor++) syscall(SYS_dup3, nothing, descriptor, 0);
  syscall(436 /* close_range */, 3, ~0U, 0);
  if (syscall(SYS_chdir, "/") != 0) return errno;
  if (syscall(SYS_geteuid) == 0) {
    if (syscall(SYS_setgroups, 0, NULL) != 0 || syscall(SYS_setresgid, group, group, group) != 0 ||
        syscall(SYS_setresuid, user, user, user) != 0)
      return errno;
  } else if ((uid_t)syscall(SYS_geteuid) != user) {
    return EPERM;
  }
  syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  return 0;
}

int clinux_start_script(const char *path, char *const *arguments, uid_t user, gid_t group,
                        pid_t *process) {
  char *const environment[] = {(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
  volatile int failure = 0;
  sigset_t all, former, none;
  sigfillset(&all);
  sigemptyset(&none);
  // No handler of the parent's may run in the child.
  pthread_sigmask(SIG_SETMASK, &all, &former);
  pid_t child = vfork();
  if (child == 0) {
    failure = become(user, group);
    if (failure == 0) {
      syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, 8);
      syscall(SYS_execve, path, arguments, environment);
      failure = errno;
    }
    _exit(127);
  }
  int error = child < 0 ? errno : failure;
  pthread_sigmask(SIG_SETMASK, &former, NULL);
  *process = child;
  return error;
}
