// A NAT engine in C that does for the benchmark's frames what the director does for them: the
// measure of what the machine allows. It knows no ARP, no ICMP, no fragments and no options; a frame
// that it does not forward is left alone.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// A frame of a batch, filled in by the caller.
struct cengine_frame {
  /// The Ethernet header.
  uint8_t *bytes;
  /// Bytes from the Ethernet header on.
  uint32_t length;
  /// The port that it came in by, and the one that it leaves by.
  uint8_t port, out_port;
  /// Whether it is sent on.
  uint8_t is_forwarded;
  /// The virtio-net header.
  uint8_t flags, gso_type;
  uint16_t gso_size, checksum_start;
};

/// Addresses and ports of IP are in host order.
struct cengine_server {
  uint32_t address;
  uint16_t port, weight;
  /// The place of the server among the neighbours.
  uint16_t neighbor;
};

struct cengine_service {
  uint32_t address;
  uint16_t port;
  uint8_t protocol;
  /// In the order of the configuration.
  const struct cengine_server *servers;
  uint16_t server_count;
};

struct cengine_route {
  uint32_t address;
  uint8_t length, port;
  /// The router's place among the neighbours; 0xffff on a connected network.
  uint16_t neighbor;
};

struct cengine_configuration {
  /// Link addresses in the lower 48 bits, the first octet uppermost.
  const uint64_t *port_macs;
  const uint64_t *neighbor_macs;
  const struct cengine_route *routes;
  const struct cengine_service *services;
  uint8_t port_count;
  uint16_t neighbor_count, route_count, service_count;
  uint32_t mtu, connection_limit;
  uint64_t seed;
};

struct cengine;

/// An engine with an empty connection table; NULL when there is no memory.
///
/// Routes are searched in their order.
struct cengine *cengine_create(const struct cengine_configuration *configuration, uint64_t now);

void cengine_destroy(struct cengine *engine);

/// Decides and rewrites `count` frames (at most 64) at `now`, in nanoseconds.
void cengine_process(struct cengine *engine, struct cengine_frame *frames, int count, uint64_t now);

/// Ends connections whose time is over, at most 8192 at a time: how many timers it looked at.
int cengine_expire(struct cengine *engine, uint64_t now);

/// The number of connections.
uint32_t cengine_connection_count(const struct cengine *engine);

/// Copies `count` templates of 64 bytes, which follow one another, over the frames.
static inline void cengine_fill(struct cengine_frame *frames, const uint8_t *templates, int count) {
  for (int index = 0; index < count; index++)
    __builtin_memcpy(frames[index].bytes, templates + (size_t)index * 64, 64);
}
