package import Director
package import Health
package import LinkIO

/// What an appliance is to do: one file, read and checked, immutable from then on.
///
/// ```
/// version: 1
/// ports:                                     # 1-16 network cards of the appliance
///   wan:                                     # a name of your own, at most 15 characters
///     tap: lb1-wan                           # the TAP device
///     netns: tapvs-sw-wan                    # where it is: a name, or a path; default: here
///     mac: "02:76:73:00:01:01"               # the appliance's, never the TAP's own
///     mtu: 1500                              # default 1500
///     addresses: [115.205.4.215/28]          # own addresses, each with its network
///     gateway: 115.205.4.209                 # at most one in the file
///     routes:
///       - { to: 172.16.0.0/16, via: 115.205.4.210, mtu: 1400 }    # mtu: the port's
///       - { to: 115.205.4.212/30, mtu: 1400 }                      # on the port's own segment
///     create: { bridge: br0, mtu: 1500 }     # or true: tapvs makes the TAP; default false
///     offloads: plain                        # the most that is tried; default full
/// services:
///   - address: 115.205.4.214                 # the VIP
///     port: 80
///     protocol: tcp                          # default tcp
///     scheduler: wrr                         # default wlc
///     method: nat                            # or dr, tunnel, fullnat; default nat
///     mss-clamp: 1400                        # or auto; default: SYNs pass as they are
///     when-removed: reschedule               # default reset
///     servers:
///       - { address: 192.168.0.2, port: 8080, weight: 3, method: nat }
///       - { address: 192.168.0.3 }           # port: the service's; weight: 1
///   - address: 115.205.4.214
///     port: 81
///     method: tunnel
///     tunnel: { encapsulation: gue, port: 6080, checksum: true }  # default ipip, 6080, false
///     servers:
///       - { address: 172.16.1.2, tunnel: { encapsulation: gre } } # in place of the service's
///   - address: 115.205.4.214
///     port: 82
///     method: fullnat
///     local-addresses: [192.168.0.200]       # 1-256
///     local-ports: 20000-29999               # default 1025-65535
///     client-address: proxy-v2               # default toa; of udp none
///     option-kind: 253                       # default 254
///     tcp-timestamps: shift                  # default remove
///     servers: [{ address: 172.16.1.2, port: 80 }]
///   - address: 115.205.4.214
///     port: 83
///     strip-client-toa: true                 # default false
///     servers: [{ address: 192.168.0.2 }]
///   - address: 115.205.4.214
///     port: 84
///     checks: [tcp, web]                     # or a mapping; default none
///     inhibit-on-failure: true               # default false
///     quorum: 2                              # default 1
///     hysteresis: 1                          # default 0
///     sorry-server: { address: 192.168.0.9, port: 80, weight: 1, inhibit: false }
///     slow-start: 30s                        # default 0s
///     syn-suspect: off                       # default 300ms
///     servers: [{ address: 192.168.0.2, checks: [], inhibit-on-failure: false }]
/// checks:                                    # names to use in services
///   web: { type: http, path: /health, interval: 2s, timeout: 1s, rise: 2, fall: 3 }
/// connections:
///   limit: 1000000                           # default 1000000
///   timeouts: { established: 15m, udp: 5m }  # by state; defaults: those of ip_vs
/// nat-icmp-send: true                        # default false
/// pmtu-discovery: false                      # default true
/// ```
package struct ApplianceConfiguration: Equatable, Sendable {
  /// What the data path is to do.
  package let director: DirectorConfiguration

  /// Where each port's frames come from, in the order of `director.ports`.
  package let bindings: [PortBinding]

  /// What is checked, and what follows, of the services of `director`, in their order.
  package let health: HealthConfiguration

  /// What is asked by each check, by the text that `health` has for it.
  package let probes: [String: CheckProbe]

  package init(
    director: DirectorConfiguration, bindings: [PortBinding],
    health: HealthConfiguration = HealthConfiguration(), probes: [String: CheckProbe] = [:]
  ) {
    self.director = director
    self.bindings = bindings
    self.health = health
    self.probes = probes
  }
}

/// Where the frames of one port come from and go to.
package struct PortBinding: Equatable, Sendable {
  /// The name of the TAP device, 1-15 bytes.
  package let tap: String

  /// The network namespace of the TAP: a name under /run/netns or an absolute path; `nil` for the
  /// process's own.
  package let namespace: String?

  /// How to make the TAP; `nil` when someone else does.
  package let creation: TAPCreation?

  /// The most offloads that are tried; `nil` leaves it to what the kernel offers.
  package let offloads: OffloadLevel?

  package init(
    tap: String, namespace: String? = nil, creation: TAPCreation? = nil,
    offloads: OffloadLevel? = nil
  ) {
    self.tap = tap
    self.namespace = namespace
    self.creation = creation
    self.offloads = offloads
  }
}
