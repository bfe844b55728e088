// Programs that are run for what they say by their exit code, as another user.
#pragma once
#include <sys/types.h>

/// Starts the program at `path` in a session of its own, as `user` and `group` and with no other
/// groups, with nothing to read, no ear for what it says, no other descriptors and no signal blocked;
/// it is killed when the calling thread ends. 0, or an error number.
///
/// The caller waits until the program runs: its memory is not copied.
int clinux_start_script(const char *path, char *const *arguments, uid_t user, gid_t group,
                        pid_t *process);
