// The two passes over a batch, and expiry.
#include "engine.h"

#define likely(condition) __builtin_expect(!!(condition), 1)

static inline int min_int(int a, int b) { return a < b ? a : b; }

/// What the frame may be: plain TCP or UDP that is addressed to us, with every length and the header
/// checksum as they must be.
static inline void classify(const struct cengine *engine, const struct cengine_frame *frame,
                            struct candidate *candidate) {
  const uint64_t mac_mask = 0xffffffffffff;
  const uint8_t *p = frame->bytes;
  candidate->key = 0;
  if (frame->length < TRANSPORT + 8) return;
  uint64_t mac = engine->port_macs[frame->port], from = load64(p + MAC_SOURCE) & mac_mask;
  uint64_t begin = load64(p + ETHER_TYPE), middle = load64(p + FRAGMENT);
  if (!(((load64(p) & mac_mask) == mac) & (from != mac) & (from != 0) & !(from & 1) &
        ((begin & 0xffffff) == 0x450008) & ((middle & 0xff3f) == 0) &
        ((middle & 0xff0000) > 0x010000)))
    return;
  uint32_t total = __builtin_bswap16((uint16_t)(begin >> 32));
  if (!((total <= frame->length - 14) & has_valid_ip_checksum(p))) return;
  uint8_t protocol = (uint8_t)(middle >> 24), flags = 0;
  if (protocol == 6) {
    uint32_t header = (p[TCP_OFFSET] >> 4) * 4u;
    if (!((total >= 40) & (header >= 20) & (header + 20 <= total))) return;
    flags = p[TCP_FLAGS];
    candidate->header_length = (uint16_t)(header + 20);
  } else if (protocol == 17) {
    uint32_t length = __builtin_bswap16(load16(p + UDP_LENGTH));
    if (!((total >= 28) & (length >= 8) & (length + 20 <= total))) return;
    candidate->header_length = 28;
  } else {
    return;
  }
  uint32_t source = load32(p + SOURCE), destination = load32(p + DESTINATION);
  uint32_t ports = load32(p + SOURCE_PORT);
  uint16_t source_port = (uint16_t)ports, destination_port = (uint16_t)(ports >> 16);
  uint64_t key;
  candidate->is_tcp = protocol == 6;
  candidate->tcp_flags = flags;
  candidate->total_length = (uint16_t)total;
  if (owns(engine, destination)) {
    candidate->is_inbound = 1;
    key = key_of(source, source_port, protocol);
    candidate->peer = endpoint(destination, destination_port);
  } else {
    candidate->is_inbound = 0;
    key = key_of(destination, destination_port, protocol);
    candidate->peer = endpoint(source, source_port);
  }
  uint32_t home = home_of(&engine->table, key);
  candidate->key = key;
  candidate->home = home;
  __builtin_prefetch(engine->table.entries + (size_t)home * LANES, 1, 3);
  if (flags & TCP_SYN) __builtin_prefetch(engine->wheel.links + (size_t)home * LANES, 1, 3);
}

/// The index of the candidate's connection, or -1; `is_twin` tells whether the key was seen.
static inline int64_t find(const struct cengine *engine, const struct candidate *candidate,
                           int *is_twin) {
  uint32_t bucket = candidate->home;
  for (;;) {
    unsigned lanes = lanes_of(&engine->table, candidate->key, bucket);
    while (likely(lanes != 0)) {
      uint32_t index = bucket * LANES + (uint32_t)__builtin_ctz(lanes);
      const struct destination *destination =
          engine->destinations + engine->table.entries[index].destination;
      if (destination->peers[candidate->is_inbound] == candidate->peer) return index;
      *is_twin = 1;
      lanes &= lanes - 1;
    }
    if (engine->table.entries[(size_t)bucket * LANES].passed == 0) return -1;
    bucket = next_bucket(&engine->table, bucket);
  }
}

/// The next server's place by weighted round robin, as `ip_vs_wrr.c` chooses it; -1 for none.
static int schedule(struct service *service, const struct destination *destinations) {
  if (service->highest <= 0) return -1;
  int passes = (service->highest + service->step - 1) / service->step + 1;
  int place = service->last + 1;
  for (;;) {
    for (; place < service->count; place++)
      if (destinations[place].weight > 0 && destinations[place].weight >= service->threshold)
        return service->last = place;
    if (--passes <= 0) return -1;
    service->threshold -= service->step;
    if (service->threshold <= 0) service->threshold = service->highest;
    place = 0;
  }
}

/// Opens a connection for the first frame of a flow: its index, or -1.
static __attribute__((noinline)) int64_t open_connection(struct cengine *engine,
                                                         const struct candidate *candidate,
                                                         uint64_t now) {
  uint8_t protocol = candidate->is_tcp ? 6 : 17;
  if (candidate->is_tcp && (candidate->tcp_flags & (TCP_SYN | TCP_RST)) != TCP_SYN) return -1;
  if ((candidate->key >> 8 & 0xffff) == __builtin_bswap16(20)) return -1;
  uint32_t source = (uint32_t)(candidate->key >> 24), octet = source & 0xff;
  if (octet == 0 || octet == 127 || octet >= 0xe0 || owns(engine, source)) return -1;
  uint64_t key = key_of((uint32_t)candidate->peer, (uint16_t)(candidate->peer >> 32), protocol);
  uint32_t place = hash_service(key) & engine->service_mask;
  while (engine->service_places[place] != 0 &&
         engine->services[engine->service_places[place] - 1].key != key)
    place = (place + 1) & engine->service_mask;
  if (engine->service_places[place] == 0) return -1;
  struct service *service = engine->services + engine->service_places[place] - 1;
  if (engine->table.count >= engine->table.limit) return -1;
  int chosen = schedule(service, engine->destinations + service->first);
  if (chosen < 0) return -1;
  uint16_t destination = (uint16_t)(service->first + chosen);
  uint8_t state = candidate->is_tcp ? SYN_RECEIVED : UDP_STATE;
  uint64_t milliseconds = now / 1000000;
  uint32_t index = insert(&engine->table, candidate->key, candidate->home, state, destination,
                          (uint32_t)milliseconds);
  count_state(engine->destinations + destination, state, 1);
  engine->destinations[destination].opened++;
  engine->opened++;
  add_timer(&engine->wheel, index, milliseconds + engine->timeouts[state]);
  return index;
}

static __attribute__((noinline)) void change_state(struct cengine *engine, uint32_t index,
                                                   uint8_t old, uint8_t state,
                                                   uint64_t milliseconds) {
  struct entry *entry = engine->table.entries + index;
  entry->key_state = (entry->key_state & ~0xffull) | state;
  count_state(engine->destinations + entry->destination, old, -1);
  count_state(engine->destinations + entry->destination, state, 1);
  if (engine->timeouts[state] < engine->timeouts[old]) {
    remove_timer(&engine->wheel, index);
    add_timer(&engine->wheel, index, milliseconds + engine->timeouts[state]);
  }
}

static inline int event_of(uint8_t flags) {
  if (likely((flags & (TCP_RST | TCP_SYN | TCP_FIN | TCP_ACK)) == TCP_ACK)) return 3;
  if (flags & TCP_RST) return 0;
  if (flags & TCP_SYN) return 1;
  return flags & TCP_FIN ? 2 : 4;
}

static inline uint16_t next_neighbor(const struct cengine *engine, uint32_t address) {
  for (int index = 0; index < engine->route_count; index++)
    if ((address & engine->routes[index].mask) == engine->routes[index].address)
      return engine->routes[index].neighbor;
  return NO_NEIGHBOR;
}

/// One address, one port, the time to live and both checksums.
static inline void rewrite(struct cengine_frame *frame, const struct candidate *candidate,
                           struct destination *destination, int is_inbound) {
  uint8_t *p = frame->bytes;
  const struct changes *changes = destination->changes + is_inbound;
  uint64_t peer = destination->peers[!is_inbound];
  store32(p + (is_inbound ? DESTINATION : SOURCE), (uint32_t)peer);
  store16(p + (is_inbound ? DESTINATION_PORT : SOURCE_PORT), (uint16_t)(peer >> 32));
  destination->traffic[is_inbound].packets++;
  destination->traffic[is_inbound].bytes += candidate->total_length;
  p[TTL]--;
  store16(p + IP_CHECKSUM, changed(load16(p + IP_CHECKSUM), changes->ip));
  uint8_t *field = p + (likely(candidate->is_tcp) ? TCP_CHECKSUM : UDP_CHECKSUM);
  if (likely(!(frame->flags & NEEDS_CHECKSUM) || frame->checksum_start != TRANSPORT)) {
    uint16_t sum = changed(load16(field), changes->transport);
    store16(field, likely(candidate->is_tcp) || sum != 0 ? sum : 0xffff);
  } else {
    store16(field, changed_partial(load16(field), changes->partial));
  }
}

static inline int forward(struct cengine *engine, struct cengine_frame *frame,
                          const struct candidate *candidate, uint64_t now, uint32_t milliseconds) {
  if (candidate->key == 0) return 0;
  int is_twin = 0;
  int64_t found = find(engine, candidate, &is_twin);
  if (!likely(found >= 0)) {
    if (is_twin || !candidate->is_inbound) return 0;
    found = open_connection(engine, candidate, now);
    if (found < 0) return 0;
  }
  struct entry *entry = engine->table.entries + found;
  struct destination *destination = engine->destinations + entry->destination;
  uint16_t neighbor = candidate->is_inbound
                          ? destination->neighbor
                          : next_neighbor(engine, (uint32_t)(candidate->key >> 24));
  if (neighbor == NO_NEIGHBOR) return 0;
  struct adjacency *adjacency = engine->adjacencies + neighbor;
  if (adjacency->mac == 0) return 0;
  if (candidate->total_length > engine->mtu &&
      (frame->gso_type == 0 || (uint32_t)frame->gso_size + candidate->header_length > engine->mtu))
    return 0;
  if (!candidate->is_tcp && load16(frame->bytes + UDP_CHECKSUM) == 0) return 0;
  adjacency->was_used = 1;
  entry->stamp = milliseconds;
  if (candidate->is_tcp) {
    uint8_t old = (uint8_t)entry->key_state;
    uint8_t state =
        engine->transitions[!candidate->is_inbound][event_of(candidate->tcp_flags)][old & 15];
    if (!likely(state == old))
      change_state(engine, (uint32_t)found, old, state, now / 1000000);
  }
  if (candidate->is_inbound)
    rewrite(frame, candidate, destination, 1);
  else
    rewrite(frame, candidate, destination, 0);
  uint64_t source = engine->port_macs[adjacency->port];
  store64(frame->bytes, adjacency->mac | source << 48);
  store64(frame->bytes + MAC_SOURCE, source | 8ull << 48);
  frame->length = 14u + candidate->total_length;
  frame->flags &= NEEDS_CHECKSUM;
  frame->out_port = adjacency->port;
  return 1;
}

void cengine_process(struct cengine *engine, struct cengine_frame *frames, int count,
                     uint64_t now) {
  count = min_int(count, BATCH);
  for (int index = 0; index < count; index++)
    classify(engine, frames + index, engine->candidates + index);
  uint32_t milliseconds = (uint32_t)(now / 1000000);
  for (int index = 0; index < count; index++) {
    int is_forwarded = forward(engine, frames + index, engine->candidates + index, now, milliseconds);
    frames[index].is_forwarded = (uint8_t)is_forwarded;
    engine->transmitted += (uint64_t)is_forwarded;
  }
  engine->received += (uint64_t)count;
}

int cengine_expire(struct cengine *engine, uint64_t now) {
  uint64_t milliseconds = now / 1000000;
  int looked = 0;
  for (; looked < 8192; looked++) {
    int64_t index = remove_due(&engine->wheel, milliseconds);
    if (index < 0) break;
    struct entry *entry = engine->table.entries + index;
    uint8_t state = (uint8_t)entry->key_state;
    int32_t left = (int32_t)(entry->stamp + engine->timeouts[state & 15] - (uint32_t)milliseconds);
    if (left > 0) {
      add_timer(&engine->wheel, (uint32_t)index, milliseconds + (uint64_t)left);
    } else {
      count_state(engine->destinations + entry->destination, state, -1);
      remove_entry(&engine->table, (uint32_t)index);
      engine->ended++;
    }
  }
  return looked;
}

uint32_t cengine_connection_count(const struct cengine *engine) { return engine->table.count; }
