// The decapsulation program once more, in C and another way: straight from the frame, which it makes
// linear first. Tests compare the two; nothing else uses it. Built by `clang -target bpf -O2`, without
// any header of libbpf: the maps are numbers, which the tests replace by descriptors.
//
// PORT, IPIP, GRE and GUE say what is taken out.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

struct sk_buff {
  u32 length, packet_type, mark, queue, protocol, vlan[3], priority, link[2], index, control[5], hash,
      class_id, data, data_end, others[23], segment_length;
};

struct ipv4 {
  u8 version_and_length, service;
  u16 total, identification, fragment;
  u8 hops, protocol;
  u16 sum;
  u32 source, destination;
} __attribute__((packed));

struct prefix {
  u32 length, address;
};

#define DIRECTORS ((void *)0x7461707600000001)
#define ADDRESSES ((void *)0x7461707600000002)
#define COUNTERS ((void *)0x7461707600000003)

static void *(*const look_up)(void *map, const void *key) = (void *)1;
static long (*const make_linear)(struct sk_buff *, u32 length) = (void *)39;
static long (*const adjust_room)(struct sk_buff *, int by, u32 mode, u64 flags) = (void *)50;

enum { TAKEN, FRAGMENT, STRANGER, NOT_VIRTUAL, UNSUPPORTED, MALFORMED, NESTED, CONGESTED, IMPOSSIBLE };
enum { NEXT = -1, DROP = 2 };

#define swap16 __builtin_bswap16
#define always static inline __attribute__((always_inline))

always int tell(u32 event, int verdict) {
  u64 *count = look_up(COUNTERS, &event);
  if (count) __sync_fetch_and_add(count, 1);
  return verdict;
}

always u32 sum_of(const u16 *words) {
  u32 sum = 0;
#pragma unroll
  for (int place = 0; place < 10; place++) sum += words[place];
  sum = (sum & 0xffff) + (sum >> 16);
  return (sum & 0xffff) + (sum >> 16);
}

// How long GRE, or UDP and GUE, are; 0 for forms that are not supported, -1 for what is broken.
always int tunnel_length(u8 protocol, const u8 *tunnel, const u8 *data_end, u32 *end) {
  if (protocol == 4) return 0;
  if (protocol == 47) {
    if (tunnel + 4 > data_end) return -1;
    u16 flags = *(const u16 *)tunnel, type = *(const u16 *)(tunnel + 2);
    if (type != swap16(0x0800)) return -2;
    return flags == 0 ? 4 : flags == swap16(0x8000) ? 8 : -2;
  }
  if (tunnel + 12 > data_end) return -1;
  u32 length = swap16(*(const u16 *)(tunnel + 4));
  if (length + 34 > *end || length < 12) return -1;
  *end = length + 34;
  return tunnel[8] || tunnel[9] != 4 || tunnel[10] || tunnel[11] ? -2 : 12;
}

__attribute__((section("tc"))) int decapsulate(struct sk_buff *buffer) {
  u32 wanted = 14 + 20 + 12 + 60 + 4;
  if (buffer->protocol != swap16(0x0800)) return NEXT;
  make_linear(buffer, buffer->length < wanted ? buffer->length : wanted);
  u8 *data = (u8 *)(u64)buffer->data, *data_end = (u8 *)(u64)buffer->data_end;
  struct ipv4 *outer = (void *)(data + 14);
  if ((u8 *)(outer + 1) > data_end || outer->version_and_length != 0x45) return NEXT;
  u8 protocol = outer->protocol;
  if (!(IPIP && protocol == 4) && !(GRE && protocol == 47) && !(GUE && protocol == 17)) return NEXT;
  if (sum_of((const u16 *)outer) != 0xffff) return NEXT;
  u32 total = swap16(outer->total), end = total + 14;
  if (total < 20 || end > buffer->length) return NEXT;
  int is_fragment = (outer->fragment & swap16(0x3fff)) != 0;
  u8 *tunnel = data + 34;
  if (protocol == 17 && !is_fragment) {
    if (tunnel + 4 > data_end || *(u16 *)(tunnel + 2) != swap16(PORT)) return NEXT;
  }
  struct prefix key = {32, outer->source};
  if (!look_up(DIRECTORS, &key)) return is_fragment ? NEXT : tell(STRANGER, NEXT);
  if (is_fragment) return tell(FRAGMENT, NEXT);
  int length = tunnel_length(protocol, tunnel, data_end, &end);
  if (length == -1) return tell(MALFORMED, DROP);
  if (length < 0) return tell(UNSUPPORTED, NEXT);

  u32 offset = 34 + length;
  struct ipv4 *inner = (void *)(data + offset);
  if (offset + 20 > end || (u8 *)(inner + 1) > data_end) return tell(MALFORMED, DROP);
  if (inner->version_and_length >> 4 != 4) return tell(UNSUPPORTED, NEXT);
  u32 destination = inner->destination;
  if (!look_up(ADDRESSES, &destination)) return tell(NOT_VIRTUAL, NEXT);
  u32 header = (inner->version_and_length & 15) * 4, inside = swap16(inner->total);
  if (header < 20 || inside < header || offset + inside > end) return tell(MALFORMED, DROP);
  if (buffer->segment_length) {
    if (offset + inside < end || (protocol == 17 && inner->protocol == 17)) return tell(IMPOSSIBLE, NEXT);
  }
  if (inner->protocol == 4 || inner->protocol == 41 || inner->protocol == 47) return tell(NESTED, DROP);
  if (GUE && inner->protocol == 17 && (inner->fragment & swap16(0x1fff)) == 0) {
    u8 *port = data + offset + header + 2;
    if (port + 2 <= data_end && *(u16 *)port == swap16(PORT)) return tell(NESTED, DROP);
  }
  if ((outer->service & 3) == 3) {
    u8 mark = inner->service & 3;
    if (mark == 0) return tell(CONGESTED, DROP);
    if (mark != 3) {
      // Subtracting is adding the complement, end-around.
      u32 sum = swap16(inner->sum) + (u16) ~(3 - mark);
      inner->service |= 3;
      inner->sum = swap16((u16)((sum & 0xffff) + (sum >> 16)));
    }
  }
  if (adjust_room(buffer, 14 - (int)offset, 1, 1)) return tell(IMPOSSIBLE, NEXT);
  return tell(TAKEN, NEXT);
}
