// Connections in buckets of four, and their timers.
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { LANES = 4, WHEEL_SLOTS = 8192, TICK_SHIFT = 7 };

/// A connection: the key in the upper 56 bits, the state in the lower 8; 0 when the place is free.
struct entry {
  uint64_t key_state;
  uint16_t destination;
  uint8_t flags;
  /// In the first of a bucket: how many connections passed the bucket because it was full.
  uint8_t passed;
  uint32_t stamp;
};

struct table {
  struct entry *entries;
  uint64_t seed;
  uint32_t bucket_count, limit, count;
};

static inline void *zeroed(size_t size) {
  void *memory =
      mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static inline uint32_t home_of(const struct table *table, uint64_t key) {
  unsigned __int128 product =
      (unsigned __int128)(key ^ table->seed) * (0x9e3779b97f4a7c15 ^ table->seed << 1);
  uint64_t hash = (uint64_t)product ^ (uint64_t)(product >> 64);
  return (uint32_t)((unsigned __int128)hash * table->bucket_count >> 64);
}

static inline uint32_t next_bucket(const struct table *table, uint32_t bucket) {
  return bucket + 1 == table->bucket_count ? 0 : bucket + 1;
}

/// Which lanes of `bucket` hold `key`, without a branch.
static inline unsigned lanes_of(const struct table *table, uint64_t key, uint32_t bucket) {
  const struct entry *line = table->entries + (size_t)bucket * LANES;
  return (line[0].key_state >> 8 == key) | (line[1].key_state >> 8 == key) << 1 |
         (line[2].key_state >> 8 == key) << 2 | (line[3].key_state >> 8 == key) << 3;
}

static inline uint32_t insert(struct table *table, uint64_t key, uint32_t home, uint8_t state,
                              uint16_t destination, uint32_t stamp) {
  uint32_t bucket = home;
  for (;;) {
    struct entry *line = table->entries + (size_t)bucket * LANES;
    for (uint32_t lane = 0; lane < LANES; lane++) {
      if (line[lane].key_state != 0) continue;
      line[lane].key_state = key << 8 | state;
      line[lane].destination = destination;
      line[lane].flags = 0;
      line[lane].stamp = stamp;
      table->count++;
      return bucket * LANES + lane;
    }
    if (line->passed < 255) line->passed++;
    bucket = next_bucket(table, bucket);
  }
}

static inline void remove_entry(struct table *table, uint32_t index) {
  struct entry *entry = table->entries + index;
  uint32_t bucket = home_of(table, entry->key_state >> 8);
  while (bucket != index / LANES) {
    struct entry *line = table->entries + (size_t)bucket * LANES;
    if (line->passed < 255) line->passed--;
    bucket = next_bucket(table, bucket);
  }
  entry->key_state = 0;
  table->count--;
}

/// Timers: lists of places, `place + 1` or 0 for none; the first of a slot has the slot as its
/// previous one, with the upper bit set.
struct links {
  uint32_t next, previous;
};

struct wheel {
  struct links *links;
  uint64_t tick;
  uint32_t heads[WHEEL_SLOTS];
};

#define SLOT_MARK 0x80000000u

static inline void add_timer(struct wheel *wheel, uint32_t place, uint64_t due_milliseconds) {
  uint64_t due = (due_milliseconds >> TICK_SHIFT) + 1;
  if (due < wheel->tick) due = wheel->tick;
  if (due > wheel->tick + WHEEL_SLOTS - 1) due = wheel->tick + WHEEL_SLOTS - 1;
  uint32_t slot = due % WHEEL_SLOTS, head = wheel->heads[slot];
  wheel->links[place] = (struct links){head, slot | SLOT_MARK};
  if (head != 0) wheel->links[head - 1].previous = place + 1;
  wheel->heads[slot] = place + 1;
}

static inline void remove_timer(struct wheel *wheel, uint32_t place) {
  struct links link = wheel->links[place];
  if (link.next != 0) wheel->links[link.next - 1].previous = link.previous;
  if (link.previous & SLOT_MARK)
    wheel->heads[link.previous & ~SLOT_MARK] = link.next;
  else
    wheel->links[link.previous - 1].next = link.next;
}

/// Removes a timer that is due: its place, or -1.
static inline int64_t remove_due(struct wheel *wheel, uint64_t milliseconds) {
  uint64_t current = milliseconds >> TICK_SHIFT;
  if (current > wheel->tick + WHEEL_SLOTS) wheel->tick = current - WHEEL_SLOTS;
  for (;; wheel->tick++) {
    uint32_t head = wheel->heads[wheel->tick % WHEEL_SLOTS];
    if (head != 0) {
      remove_timer(wheel, head - 1);
      return head - 1;
    }
    if (wheel->tick >= current) return -1;
  }
}
