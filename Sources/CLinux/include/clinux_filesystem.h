// The kernel's own file systems: telling them apart, and mounting the one of bpf(2).
#pragma once
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>

/// Whether the directory or file `fd` is on a file system of the kind `magic` (linux/magic.h).
static inline int clinux_is_on(int fd, unsigned magic) {
  struct statfs status;
  return fstatfs(fd, &status) == 0 && (unsigned)status.f_type == magic;
}

/// Mounts a BPF file system at `path`: 0, or -1 with errno set.
static inline int clinux_mount_bpf(const char *path) {
  return mount("bpf", path, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700");
}
