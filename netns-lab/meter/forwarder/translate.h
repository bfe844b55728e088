// What the forwarder does to one frame: NAT between one virtual address and one server.
#pragma once
#include <arpa/inet.h>
#include <linux/virtio_net.h>
#include <stdint.h>
#include <string.h>

enum { VNET_HEADER = 10, ETHERNET_HEADER = 14 };

/// The one pair and its neighbours; IPv4 addresses in network order.
struct pair {
  uint32_t virtual_address, gateway_address, server_address;
  uint8_t own_mac[6], server_mac[6], router_mac[6];
};

static inline uint16_t load16(const void *at) {
  uint16_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

static inline uint32_t load32(const void *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

static inline void store16(void *at, uint16_t value) { memcpy(at, &value, sizeof value); }
static inline void store32(void *at, uint32_t value) { memcpy(at, &value, sizeof value); }

static inline uint16_t folded(uint32_t sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)(sum + (sum >> 16));
}

/// What replacing an address adds to a sum of 16-bit words (RFC 1624).
static inline uint32_t address_change(uint32_t from, uint32_t to) {
  return (uint16_t)~from + (uint16_t)~(from >> 16) + (to & 0xffff) + (to >> 16);
}

static inline uint16_t updated(uint16_t checksum, uint32_t change) {
  return (uint16_t)~folded((uint16_t)~checksum + change);
}

/// Answers a request for the virtual address or for the servers' gateway, in place.
static inline int answer_arp(const struct pair *pair, uint8_t *ethernet, int length) {
  uint8_t *arp = ethernet + ETHERNET_HEADER;
  if (length < 42 || load16(arp + 6) != htons(1)) return 0;
  uint32_t wanted = load32(arp + 24);
  if (wanted != pair->virtual_address && wanted != pair->gateway_address) return 0;
  memcpy(ethernet, ethernet + 6, 6);
  memcpy(ethernet + 6, pair->own_mac, 6);
  store16(arp + 6, htons(2));
  memcpy(arp + 18, arp + 8, 10);
  memcpy(arp + 8, pair->own_mac, 6);
  store32(arp + 14, wanted);
  return 1;
}

/// Rewrites the frame at `frame`, whose `length` bytes begin with a virtio-net header, in place.
///
/// Returns whether to send it. Takes ARP requests, and TCP and UDP of the pair; no fragments.
static inline int translate(const struct pair *pair, uint8_t *frame, int length) {
  struct virtio_net_hdr *offload = (struct virtio_net_hdr *)frame;
  int partial = offload->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
  uint8_t *ethernet = frame + VNET_HEADER, *ip = ethernet + ETHERNET_HEADER;
  offload->flags = (uint8_t)partial;
  length -= VNET_HEADER;
  if (length < 34) return 0;
  if (load16(ethernet + 12) == htons(0x0806)) return answer_arp(pair, ethernet, length);
  if (load16(ethernet + 12) != htons(0x0800)) return 0;
  int header = (ip[0] & 15) * 4, protocol = ip[9];
  if (length < ETHERNET_HEADER + header + (protocol == IPPROTO_TCP ? 20 : 8)) return 0;
  if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) return 0;

  uint32_t source = load32(ip + 12), destination = load32(ip + 16), change;
  if (destination == pair->virtual_address) {
    change = address_change(destination, pair->server_address);
    store32(ip + 16, pair->server_address);
    memcpy(ethernet, pair->server_mac, 6);
  } else if (source == pair->server_address) {
    change = address_change(source, pair->virtual_address);
    store32(ip + 12, pair->virtual_address);
    memcpy(ethernet, pair->router_mac, 6);
  } else {
    return 0;
  }
  memcpy(ethernet + 6, pair->own_mac, 6);
  ip[8]--;
  store16(ip + 10, updated(load16(ip + 10), change + (uint16_t)~htons(0x0100)));

  uint8_t *field = ip + header + (protocol == IPPROTO_TCP ? 16 : 6);
  uint16_t checksum = load16(field);
  if (partial) {
    // The field holds the sum of the pseudo-header, not complemented.
    store16(field, folded(checksum + change));
  } else if (protocol == IPPROTO_TCP || checksum != 0) {
    checksum = updated(checksum, change);
    store16(field, protocol == IPPROTO_UDP && checksum == 0 ? 0xffff : checksum);
  }
  return 1;
}
