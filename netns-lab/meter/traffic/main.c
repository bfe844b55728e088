// Small load for the bench, and the server it goes to. Bytes that come back changed are an error.
//
//   traffic serve PORT COUNTER
//     TCP: echoes at PORT, answers and closes at PORT + 1; UDP: counts at PORT + 1, into COUNTER.
//   traffic latency ADDRESS PORT SECONDS
//     One request after the other on one connection.
//   traffic connections ADDRESS PORT SECONDS AT-ONCE
//     Connects, asks, reads to the end, closes.
//   traffic datagrams ADDRESS PORT SECONDS RATE SOCKETS
//     RATE datagrams a second, spread over SOCKETS.
//
// All but `serve` print one line of JSON.
#include "traffic.h"

#include <string.h>

static struct sockaddr_in endpoint(const char *address, const char *port) {
  struct sockaddr_in endpoint = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  if (inet_pton(AF_INET, address, &endpoint.sin_addr) == 1) return endpoint;
  fprintf(stderr, "traffic: '%s' is no IPv4 address\n", address);
  exit(2);
}

int main(int count, char **words) {
  const char *mode = count > 1 ? words[1] : "";
  if (count == 4 && !strcmp(mode, "serve")) return serve(atoi(words[2]), words[3]);
  if (count == 5 && !strcmp(mode, "latency"))
    return measure_latency(endpoint(words[2], words[3]), atof(words[4]));
  if (count == 6 && !strcmp(mode, "connections"))
    return measure_connections(endpoint(words[2], words[3]), atof(words[4]), atoi(words[5]));
  if (count == 7 && !strcmp(mode, "datagrams"))
    return send_datagrams(
        endpoint(words[2], words[3]), atof(words[4]), atof(words[5]), atoi(words[6]));
  fprintf(stderr, "usage: traffic serve|latency|connections|datagrams ...; main.c has the rest\n");
  return 2;
}
