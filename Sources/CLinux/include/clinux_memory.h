// Memory that grows.
#pragma once
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/// mremap(2), which may move the mapping: MAP_FAILED leaves it as it is.
static inline void *clinux_remap(void *address, size_t old_size, size_t new_size) {
  return (void *)syscall(SYS_mremap, address, old_size, new_size, 1 /* MREMAP_MAYMOVE */, 0);
}
