// Making and destroying an engine.
#include "engine.h"

static uint64_t swapped_mac(uint64_t mac) { return __builtin_bswap64(mac) >> 16; }

/// Finds a multiplier that gives every service's address a hash of its own.
static void set_own_addresses(struct cengine *engine, const struct cengine_configuration *from) {
  uint32_t multiplier = 0x9e3779b1;
  for (uint16_t index = 0; index < from->service_count; index++) {
    uint32_t address = __builtin_bswap32(from->services[index].address);
    uint32_t *place = engine->own_addresses + (address * multiplier >> 24);
    if (*place != 0 && *place != address) {
      memset(engine->own_addresses, 0, sizeof engine->own_addresses);
      multiplier += 0x3c6ef362;
      index = (uint16_t)-1;
      continue;
    }
    *place = address;
  }
  engine->own_multiplier = multiplier;
}

static struct destination make_destination(const struct cengine_service *service,
                                           const struct cengine_server *server) {
  uint32_t virtual_address = __builtin_bswap32(service->address);
  uint32_t real_address = __builtin_bswap32(server->address);
  uint16_t virtual_port = __builtin_bswap16(service->port);
  uint16_t real_port = __builtin_bswap16(server->port);
  uint64_t in = (uint64_t)(uint32_t)~virtual_address + real_address;
  uint64_t out = (uint64_t)(uint32_t)~real_address + virtual_address;
  uint64_t in_ports = (uint64_t)(uint16_t)~virtual_port + real_port;
  uint64_t out_ports = (uint64_t)(uint16_t)~real_port + virtual_port;
  // One less in the time to live: the first octet of a word.
  uint64_t time_to_live = 0xfffe;
  return (struct destination){
      .peers = {endpoint(real_address, real_port), endpoint(virtual_address, virtual_port)},
      .changes = {{fold(out + time_to_live), fold(out + out_ports), fold(out)},
                  {fold(in + time_to_live), fold(in + in_ports), fold(in)}},
      .neighbor = server->neighbor,
      .weight = server->weight,
  };
}

static int divisor(int a, int b) {
  while (b != 0) {
    int rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/// Takes note that the last `count` of the service's `service->count` servers are there.
static void destinations_changed(struct service *service, const struct destination *destinations,
                                 int count) {
  int highest = 0, step = 0;
  for (int place = service->count - count; place < service->count; place++) {
    int weight = destinations[place].weight;
    if (weight > highest) highest = weight;
    if (weight > 0) step = divisor(step, weight);
  }
  service->last = -1;
  service->step = step == 0 ? 1 : step;
  service->highest = highest - (service->step - 1);
  if (service->threshold > service->highest || service->threshold == 0)
    service->threshold = service->highest;
  else if (service->step > 1)
    service->threshold = service->threshold / service->step * service->step + 1;
}

static void add_service(struct cengine *engine, uint16_t index, uint16_t first,
                        const struct cengine_service *service) {
  struct service *made = engine->services + index;
  uint32_t address = __builtin_bswap32(service->address);
  made->key = key_of(address, __builtin_bswap16(service->port), service->protocol);
  made->first = first;
  made->count = service->server_count;
  // Newest first.
  for (uint16_t place = 0; place < service->server_count; place++)
    engine->destinations[first + place] =
        make_destination(service, service->servers + service->server_count - 1 - place);
  for (int count = 1; count <= service->server_count; count++)
    destinations_changed(made, engine->destinations + first, count);
  uint32_t place = hash_service(made->key) & engine->service_mask;
  while (engine->service_places[place] != 0) place = (place + 1) & engine->service_mask;
  engine->service_places[place] = (uint16_t)(index + 1);
}

/// The rows of the normal TCP state machine that the benchmark's flags meet.
static void fill_transitions(struct cengine *engine) {
  static const uint8_t ack_inbound[] = {1, 1, 2, 1, 4, 5, 6, 7, 6, 9, 1};
  static const uint8_t ack_outbound[] = {1, 1, 2, 1, 4, 5, 6, 7, 8, 1, 1};
  static const uint8_t syn_inbound[] = {3, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3};
  static const uint8_t syn_outbound[] = {2, 1, 2, 3, 2, 2, 2, 2, 2, 9, 3};
  memset(engine->transitions, CLOSE, sizeof engine->transitions);
  memcpy(engine->transitions[0][3], ack_inbound, sizeof ack_inbound);
  memcpy(engine->transitions[1][3], ack_outbound, sizeof ack_outbound);
  memcpy(engine->transitions[0][1], syn_inbound, sizeof syn_inbound);
  memcpy(engine->transitions[1][1], syn_outbound, sizeof syn_outbound);
}

static int allocate(struct cengine *engine, const struct cengine_configuration *from) {
  uint32_t destination_count = 0;
  for (uint16_t index = 0; index < from->service_count; index++)
    destination_count += from->services[index].server_count;
  engine->service_mask = 15;
  while (engine->service_mask < 4u * from->service_count)
    engine->service_mask = engine->service_mask * 2 + 1;
  engine->table.limit = from->connection_limit;
  engine->table.seed = from->seed | 1;
  engine->table.bucket_count = (from->connection_limit * 3 / 2 + LANES - 1) / LANES;
  if (engine->table.bucket_count < 2) engine->table.bucket_count = 2;
  size_t places = (size_t)engine->table.bucket_count * LANES;
  engine->table.entries = zeroed(places * sizeof(struct entry));
  engine->wheel.links = zeroed(places * sizeof(struct links));
  engine->adjacencies = calloc(from->neighbor_count, sizeof *engine->adjacencies);
  engine->routes = calloc(from->route_count, sizeof *engine->routes);
  engine->destinations = aligned_alloc(64, (destination_count + 1) * sizeof(struct destination));
  engine->services = calloc(from->service_count, sizeof *engine->services);
  engine->service_places = calloc(engine->service_mask + 1, sizeof *engine->service_places);
  return engine->table.entries && engine->wheel.links && engine->adjacencies && engine->routes &&
         engine->destinations && engine->services && engine->service_places;
}

struct cengine *cengine_create(const struct cengine_configuration *from, uint64_t now) {
  struct cengine *engine = calloc(1, sizeof *engine);
  if (engine == NULL) return NULL;
  if (!allocate(engine, from)) {
    cengine_destroy(engine);
    return NULL;
  }
  static const uint32_t seconds[] = {2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120, 300};
  for (size_t state = 0; state < sizeof seconds / sizeof *seconds; state++)
    engine->timeouts[state] = seconds[state] * 1000;
  fill_transitions(engine);
  engine->wheel.tick = now / 1000000 >> TICK_SHIFT;
  engine->mtu = from->mtu;
  for (uint8_t port = 0; port < from->port_count; port++)
    engine->port_macs[port] = swapped_mac(from->port_macs[port]);
  for (uint16_t index = 0; index < from->neighbor_count; index++)
    engine->adjacencies[index].mac = swapped_mac(from->neighbor_macs[index]);
  engine->route_count = from->route_count;
  for (uint16_t index = 0; index < from->route_count; index++) {
    const struct cengine_route *route = from->routes + index;
    uint32_t mask = route->length == 0 ? 0 : ~0u << (32 - route->length);
    engine->routes[index] =
        (struct route){__builtin_bswap32(route->address), __builtin_bswap32(mask),
                       route->neighbor, route->port};
    if (route->neighbor != NO_NEIGHBOR) engine->adjacencies[route->neighbor].port = route->port;
  }
  set_own_addresses(engine, from);
  engine->service_count = from->service_count;
  uint16_t first = 0;
  for (uint16_t index = 0; index < from->service_count; index++) {
    const struct cengine_service *service = from->services + index;
    add_service(engine, index, first, service);
    for (uint16_t place = 0; place < service->server_count; place++)
      engine->adjacencies[service->servers[place].neighbor].port = 1;
    first = (uint16_t)(first + service->server_count);
  }
  return engine;
}

void cengine_destroy(struct cengine *engine) {
  size_t places = (size_t)engine->table.bucket_count * LANES;
  if (engine->table.entries) munmap(engine->table.entries, places * sizeof(struct entry));
  if (engine->wheel.links) munmap(engine->wheel.links, places * sizeof(struct links));
  free(engine->adjacencies);
  free(engine->routes);
  free(engine->destinations);
  free(engine->services);
  free(engine->service_places);
  free(engine);
}
