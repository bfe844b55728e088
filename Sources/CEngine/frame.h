// Fields of a frame whose IP header has no options, in network order as they stand there.
#pragma once
#include <stdint.h>
#include <string.h>

enum {
  MAC_SOURCE = 6,
  ETHER_TYPE = 12,
  VERSION = 14,
  TOTAL_LENGTH = 16,
  FRAGMENT = 20,
  TTL = 22,
  PROTOCOL = 23,
  IP_CHECKSUM = 24,
  SOURCE = 26,
  DESTINATION = 30,
  SOURCE_PORT = 34,
  DESTINATION_PORT = 36,
  UDP_LENGTH = 38,
  UDP_CHECKSUM = 40,
  TCP_OFFSET = 46,
  TCP_FLAGS = 47,
  TCP_CHECKSUM = 50,
  TRANSPORT = 34,
};

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16 };

static inline uint16_t load16(const uint8_t *p) {
  uint16_t value;
  memcpy(&value, p, 2);
  return value;
}
static inline uint32_t load32(const uint8_t *p) {
  uint32_t value;
  memcpy(&value, p, 4);
  return value;
}
static inline uint64_t load64(const uint8_t *p) {
  uint64_t value;
  memcpy(&value, p, 8);
  return value;
}
static inline void store16(uint8_t *p, uint16_t value) { memcpy(p, &value, 2); }
static inline void store32(uint8_t *p, uint32_t value) { memcpy(p, &value, 4); }
static inline void store64(uint8_t *p, uint64_t value) { memcpy(p, &value, 8); }

/// The one's-complement sum of the 16-bit words of `total`, whose upper half is small.
static inline uint16_t fold(uint64_t total) {
  total = (total & 0xffffffff) + (total >> 32);
  total = (total & 0xffff) + (total >> 16);
  total = (total & 0xffff) + (total >> 16);
  return (uint16_t)((total & 0xffff) + (total >> 16));
}

/// A complemented checksum after `change` (RFC 1624), below 2^16.
static inline uint16_t changed(uint16_t checksum, uint32_t change) {
  uint32_t sum = (uint16_t)~checksum + change;
  return (uint16_t)~((sum & 0xffff) + (sum >> 16));
}

/// A sum that is not complemented after `change`, below 2^16.
static inline uint16_t changed_partial(uint16_t sum, uint32_t change) {
  uint32_t total = sum + change;
  return (uint16_t)((total & 0xffff) + (total >> 16));
}

/// Whether the words of the IP header add up: to a multiple of 0xffff, as it is never all 0.
static inline int has_valid_ip_checksum(const uint8_t *frame) {
  uint64_t sum = (uint64_t)load32(frame + 14) + load32(frame + 18);
  sum += (uint64_t)load32(frame + 22) + load32(frame + 26);
  return (sum + load32(frame + 30)) % 0xffff == 0;
}
