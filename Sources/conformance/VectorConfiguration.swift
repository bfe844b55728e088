import Director
import Frames
import Wire

/// What a vector's `config` says.
struct VectorConfiguration {
  private var service: DirectorConfiguration.Service?
  private var virtualAddresses: [IPv4Address] = []
  private var mtu: [String: Int] = [:]
  /// Link addresses that differ from the topology's; `nil` for a station that is not resolved.
  private var neighbors: [IPv4Address: MACAddress?] = [:]
  /// `nat_icmp_send`.
  private let sendsNATUnreachable: Bool
  /// How far the clock moves after the input.
  let clockAdvance: Duration

  private static let keys: Set<String> = [
    "service", "real_servers", "neigh", "mtu", "vips", "vrrp_state", "advance_clock_s", "policy",
    "sysctl",
  ]

  private static let features: [String: String] = [
    "path_mtu": "path MTU discovery", "client_addr": "client addresses",
    "uoa": "client addresses in UDP", "test_cookie": "a SYN proxy",
    "test_local_isn": "FullNAT", "test_lport": "FullNAT", "test_gue_sport": "tunnels",
    "advert_int": "VRRP", "advert_int_cs": "VRRP", "checksum": "VRRP", "interface": "VRRP",
    "priority": "VRRP", "role": "connection sync", "source": "VRRP", "state": "VRRP",
    "syncid": "connection sync", "unicast_peers": "VRRP", "version": "VRRP", "vrid": "VRRP",
  ]

  init(_ object: JSONObject) throws(VectorError) {
    try object.check(known: Self.keys, needing: Self.features)
    let seconds = try object.optional("advance_clock_s", Read.integer) ?? 0
    guard 0...86_400 ~= seconds else {
      throw VectorError.malformed("\(object.path).advance_clock_s is outside of 0-86400")
    }
    clockAdvance = .seconds(seconds)
    let kernel = try object.optional("sysctl", Read.object)
    try kernel?.check(known: ["nat_icmp_send"], needing: Self.kernelFeatures)
    sendsNATUnreachable = try (kernel?.optional("nat_icmp_send", Read.integer) ?? 0) != 0
    let servers = try object.optional("real_servers", Read.list(Self.server))
    service = try object.optional("service") { value, path throws(VectorError) in
      try Self.service(JSONObject(value, at: path), servers: servers ?? [])
    }
    if let policy = try object.optional("policy", Read.object) {
      try policy.check(
        known: ["mss_clamp"], needing: ["strip_client_toa": "client addresses in TCP"])
      service?.segmentSizeClamp = try policy.optional("mss_clamp", Self.segmentSizeClamp)
    }
    if service == nil, servers?.isEmpty == false {
      throw VectorError.malformed("\(object.path).real_servers without a service")
    }
    virtualAddresses = try object.optional("vips", Read.list(Read.address)) ?? []
    if try Self.isBackup(object) { virtualAddresses = [] }
    if let mtu = try object.optional("mtu", Read.object) {
      try mtu.check(known: ["ext", "int"])
      for name in mtu.members.keys.sorted() { self.mtu[name] = try mtu.required(name, Read.mtu) }
    }
    if let neighbors = try object.optional("neigh", Read.object) {
      for text in neighbors.members.keys.sorted() {
        let address = try Read.address(.string(text), neighbors.path)
        self.neighbors[address] = .some(try neighbors.optional(text, Read.mac))
      }
    }
  }

  private static let kernelFeatures: [String: String] = Dictionary(
    uniqueKeysWithValues: [
      "expire_nodest_conn", "expire_quiescent_template", "sloppy_tcp", "sloppy_sctp",
      "schedule_icmp", "pmtu_disc", "secure_tcp", "drop_entry", "drop_packet", "backup_only",
      "conn_reuse_mode", "cache_bypass", "ignore_tunneled",
    ].map { ($0, "the sysctl \($0)") })

  private static func segmentSizeClamp(
    _ value: JSONValue, _ path: String
  ) throws(VectorError) -> SegmentSizeClamp {
    if case .string("auto") = value { return .automatic }
    return .size(try Read.integer(value, path))
  }

  /// Whether the director is one that does not hold its virtual addresses now.
  private static func isBackup(_ object: JSONObject) throws(VectorError) -> Bool {
    switch try object.optional("vrrp_state", Read.string) ?? "MASTER" {
    case "MASTER": return false
    case "BACKUP": return true
    case let other: throw VectorError.needs("VRRP (\(object.path).vrrp_state \(other))")
    }
  }

  private static func service(
    _ object: JSONObject, servers: [DirectorConfiguration.Server]
  ) throws(VectorError) -> DirectorConfiguration.Service {
    try object.check(
      known: ["vip", "vport", "proto", "scheduler"],
      needing: ["laddrs": "FullNAT", "syn_proxy": "a SYN proxy"])
    let name = try object.optional("scheduler", Read.string) ?? SchedulerKind.roundRobin.rawValue
    guard let scheduler = SchedulerKind(rawValue: name) else {
      throw VectorError.needs("scheduler \(name)")
    }
    return DirectorConfiguration.Service(
      address: try object.required("vip", Read.address),
      port: try object.required("vport", Read.servicePort),
      protocol: try object.required("proto", VectorConnection.serviceProtocol),
      scheduler: scheduler, servers: servers)
  }

  private static func weight(_ value: JSONValue, _ path: String) throws(VectorError) -> Int {
    let weight = try Read.integer(value, path)
    guard DirectorConfiguration.Server.weightRange ~= weight else {
      throw VectorError.malformed("\(path) is outside of 0-65535")
    }
    return weight
  }

  private static func server(
    _ value: JSONValue, _ path: String
  ) throws(VectorError) -> DirectorConfiguration.Server {
    let object = try JSONObject(value, at: path)
    try object.check(
      known: ["ip", "port", "weight", "fwd"],
      needing: ["tunnel": "tunnels", "tun_port": "tunnels", "csum": "tunnels"])
    return DirectorConfiguration.Server(
      address: try object.required("ip", Read.address),
      port: try object.required("port", Read.servicePort),
      weight: try object.optional("weight", weight) ?? 1,
      method: try object.optional("fwd", VectorConnection.forwardingMethod) ?? .nat)
  }
}

extension VectorConfiguration {
  /// A small table is made faster, and a vector has one connection.
  private static let connectionLimit = 1024

  /// The director's configuration in `topology`.
  func directorConfiguration(_ topology: Topology) -> DirectorConfiguration {
    let ports = topology.ports.enumerated().map { index, port in
      DirectorConfiguration.Port(
        name: port.name, macAddress: port.mac, mtu: mtu[port.name] ?? port.mtu,
        addresses: [port.address], gateway: index == 0 ? topology.gateway : nil)
    }
    var configuration = DirectorConfiguration(
      ports: ports, services: service.map { [$0] } ?? [], virtualAddresses: virtualAddresses,
      connectionLimit: Self.connectionLimit)
    configuration.sendsNATUnreachable = sendsNATUnreachable
    return configuration
  }

  /// The stations that are resolved before the input, in the order of their addresses.
  ///
  /// Throws when a real server on a connected network has no link address and is not said to be
  /// unresolved.
  func resolvedNeighbors(
    _ topology: Topology
  ) throws(VectorError) -> [(address: IPv4Address, mac: MACAddress, port: PortIndex)] {
    let stations = topology.neighbors.mapValues(Optional.some)
      .merging(neighbors) { _, vectorsOwn in vectorsOwn }
    for server in service?.servers ?? [] where stations[server.address] == nil {
      guard topology.portIndex(reaching: server.address) == nil else {
        throw VectorError.malformed("real server \(server.address) has no link address")
      }
    }
    return stations.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { address, mac in
      guard let mac, let port = topology.portIndex(reaching: address) else { return nil }
      return (address, mac, port)
    }
  }
}
