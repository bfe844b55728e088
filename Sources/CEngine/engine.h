// What the parts of the engine share.
#pragma once
#include "CEngine.h"
#include "frame.h"
#include "table.h"

enum { BATCH = 64, EVENTS = 5, STATES = 16, NEEDS_CHECKSUM = 1, NO_NEIGHBOR = 0xffff };

/// States that the frames of the benchmark reach.
enum { NONE = 0, ESTABLISHED = 1, SYN_RECEIVED = 3, CLOSE = 6, UDP_STATE = 11 };

/// One server of one service: what every frame needs in the first cache line, the rest behind it.
struct __attribute__((aligned(64))) destination {
  /// The real server's endpoint, as replies have it, and the virtual one, as requests do.
  uint64_t peers[2];
  /// What rewriting adds to the IP checksum, the transport checksum and a partial one.
  struct changes {
    uint16_t ip, transport, partial;
  } changes[2];
  uint16_t neighbor, weight;
  struct traffic {
    uint64_t packets, bytes;
  } traffic[2];
  uint64_t opened;
  int32_t active, inactive;
};

struct service {
  uint64_t key;
  uint16_t first, count;
  /// Weighted round robin: the place chosen last, the threshold, its step and its start.
  int32_t last, threshold, step, highest;
};

struct route {
  uint32_t address, mask;
  uint16_t neighbor;
  uint8_t port;
};

struct adjacency {
  uint64_t mac;
  uint8_t port, was_used;
};

/// A frame as the first pass saw it; `key` is 0 when it is not forwarded.
struct candidate {
  uint64_t key, peer;
  uint32_t home;
  uint16_t total_length, header_length;
  uint8_t is_inbound, is_tcp, tcp_flags;
};

struct cengine {
  struct table table;
  struct wheel wheel;
  struct candidate candidates[BATCH];
  uint64_t port_macs[16];
  /// Each at its hash by `own_multiplier`, which is chosen so that no two have the same.
  uint32_t own_addresses[256];
  uint32_t own_multiplier;
  struct adjacency *adjacencies;
  struct route *routes;
  struct destination *destinations;
  struct service *services;
  /// Open addressing: the place of a service and one more, or 0.
  uint16_t *service_places;
  uint32_t service_mask;
  uint16_t route_count, service_count;
  uint32_t mtu;
  uint64_t received, transmitted, opened, ended;
  uint32_t timeouts[STATES];
  /// Direction, event, state.
  uint8_t transitions[2][8][STATES];
};

static inline uint32_t hash_service(uint64_t key) { return (uint32_t)(key * 0x9e3779b97f4a7c15 >> 32); }

static inline int owns(const struct cengine *engine, uint32_t address) {
  return engine->own_addresses[address * engine->own_multiplier >> 24] == address;
}

/// The key of an endpoint: address, port and protocol in 56 bits.
static inline uint64_t key_of(uint32_t address, uint16_t port, uint8_t protocol) {
  return (uint64_t)address << 24 | (uint64_t)port << 8 | protocol;
}

/// An endpoint for comparison.
static inline uint64_t endpoint(uint32_t address, uint16_t port) {
  return (uint64_t)address | (uint64_t)port << 32;
}

static inline int is_active(uint8_t state) {
  return state == ESTABLISHED || state == 2 || state == SYN_RECEIVED || state == 10;
}

static inline void count_state(struct destination *destination, uint8_t state, int change) {
  if (is_active(state))
    destination->active += change;
  else
    destination->inactive += change;
}
