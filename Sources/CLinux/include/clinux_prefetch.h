// Cache hints for the data path.
#pragma once

/// Starts loading the cache line at `address` for writing; never faults.
static inline __attribute__((always_inline)) void clinux_prefetch_for_write(const void *address) {
  __builtin_prefetch(address, 1, 3);
}
