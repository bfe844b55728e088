import Director
import Frames
import Wire

/// What a vector's `config` says.
struct VectorConfiguration {
  private(set) var service: DirectorConfiguration.Service?
  private(set) var virtualAddresses: [IPv4Address] = []
  /// The MTU of ports, by name.
  private(set) var mtu: [String: Int] = [:]
  /// The MTU of the ways to real servers that have one of their own.
  private(set) var pathMTU: [IPv4Address: Int] = [:]
  /// Link addresses that differ from the topology's; `nil` for a station that is not resolved.
  private(set) var neighbors: [IPv4Address: MACAddress?] = [:]
  /// `nat_icmp_send`.
  let sendsNATUnreachable: Bool
  /// `pmtu_disc`.
  let discoversTunnelMTU: Bool
  /// The first sequence number that FullNAT gives a connection; `nil` for any.
  let localSequence: UInt32?
  /// The outer source port of GUE; `nil` for any.
  let encapsulationSourcePort: UInt16?
  /// How far the clock moves after the input.
  let clockAdvance: Duration

  private static let keys: Set<String> = [
    "service", "real_servers", "neigh", "mtu", "vips", "vrrp_state", "advance_clock_s", "policy",
    "sysctl", "path_mtu", "client_addr", "uoa", "test_lport", "test_local_isn", "test_gue_sport",
  ]

  private static let features: [String: String] = [
    "test_cookie": "a SYN proxy", "advert_int": "VRRP", "advert_int_cs": "VRRP",
    "checksum": "VRRP", "interface": "VRRP", "priority": "VRRP", "role": "connection sync",
    "source": "VRRP", "state": "VRRP", "syncid": "connection sync", "unicast_peers": "VRRP",
    "version": "VRRP", "vrid": "VRRP",
  ]

  init(_ object: JSONObject) throws(VectorError) {
    try object.check(known: Self.keys, needing: Self.features)
    let seconds = try object.optional("advance_clock_s", Read.integer) ?? 0
    guard 0...86_400 ~= seconds else {
      throw VectorError.malformed("\(object.path).advance_clock_s is outside of 0-86400")
    }
    clockAdvance = .seconds(seconds)
    let kernel = try object.optional("sysctl", Read.object)
    try kernel?.check(known: ["nat_icmp_send", "pmtu_disc"], needing: Self.kernelFeatures)
    sendsNATUnreachable = try (kernel?.optional("nat_icmp_send", Read.integer) ?? 0) != 0
    discoversTunnelMTU = try (kernel?.optional("pmtu_disc", Read.integer) ?? 1) != 0
    localSequence = try object.optional("test_local_isn", Read.sequence)
    encapsulationSourcePort = try object.optional("test_gue_sport", Read.port)
    let servers = try object.optional("real_servers", Read.list(VectorServer.server))
    service = try object.optional("service") { value, path throws(VectorError) in
      try Self.service(JSONObject(value, at: path), servers: servers ?? [])
    }
    if let policy = try object.optional("policy", Read.object) {
      try policy.check(known: ["mss_clamp", "strip_client_toa"])
      service?.segmentSizeClamp = try policy.optional("mss_clamp", Self.segmentSizeClamp)
      service?.stripsClientOption = try policy.optional("strip_client_toa", Read.bool) ?? false
    }
    try readClientAddress(object)
    if service == nil, servers?.isEmpty == false {
      throw VectorError.malformed("\(object.path).real_servers without a service")
    }
    virtualAddresses = try object.optional("vips", Read.list(Read.address)) ?? []
    if try Self.isBackup(object) { virtualAddresses = [] }
    if let mtu = try object.optional("mtu", Read.object) {
      try mtu.check(known: ["ext", "int"])
      for name in mtu.members.keys.sorted() { self.mtu[name] = try mtu.required(name, Read.mtu) }
    }
    if let paths = try object.optional("path_mtu", Read.object) {
      for text in paths.members.keys.sorted() {
        let address = try Read.address(.string(text), paths.path)
        pathMTU[address] = try paths.required(text, Read.mtu)
      }
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
      "schedule_icmp", "secure_tcp", "drop_entry", "drop_packet", "backup_only",
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
      known: ["vip", "vport", "proto", "scheduler", "laddrs"],
      needing: ["syn_proxy": "a SYN proxy"])
    let name = try object.optional("scheduler", Read.string) ?? SchedulerKind.roundRobin.rawValue
    guard let scheduler = SchedulerKind(rawValue: name) else {
      throw VectorError.needs("scheduler \(name)")
    }
    var service = DirectorConfiguration.Service(
      address: try object.required("vip", Read.address),
      port: try object.required("vport", Read.servicePort),
      protocol: try object.required("proto", VectorConnection.serviceProtocol),
      scheduler: scheduler, servers: servers)
    // What the vectors tell is recorded of `ip_vs`.
    service.whenRemoved = .ignore
    service.fullNAT.localAddresses = try object.optional("laddrs", Read.list(Read.address)) ?? []
    guard servers.allSatisfy({ $0.method != .fullnat }) || !service.fullNAT.localAddresses.isEmpty
    else { throw VectorError.malformed("\(object.path).laddrs is missing") }
    return service
  }

  /// `client_addr`, `uoa` and `test_lport`: how FullNAT tells the client's address, and the one port
  /// that it may take.
  ///
  /// Servers hear of TCP clients by TOA and of UDP clients not at all, unless a vector says otherwise.
  private mutating func readClientAddress(_ object: JSONObject) throws(VectorError) {
    let form = try object.optional("client_addr", Self.clientAddressForm)
    let datagramForm = try object.optional("uoa", Self.datagramForm)
    let port = try object.optional("test_lport", Read.servicePort)
    let usual = service?.protocol == .udp ? datagramForm ?? .none : .toa
    service?.fullNAT.clientAddress = form ?? usual
    if let port { service?.fullNAT.localPorts = port...port }
  }

  private static func clientAddressForm(
    _ value: JSONValue, _ path: String
  ) throws(VectorError) -> ClientAddressForm {
    switch try Read.string(value, path) {
    case "none": return .none
    case "toa": return .toa
    case "proxy_v2": return .proxyV2
    case let name: throw VectorError.needs("client addresses by \(name) (\(path))")
    }
  }

  private static func datagramForm(
    _ value: JSONValue, _ path: String
  ) throws(VectorError) -> ClientAddressForm {
    switch try Read.string(value, path) {
    case "off": return .none
    case "ipo": return .uoaOption
    case "opp": return .uoaProtocol
    case let name: throw VectorError.needs("client addresses by \(name) (\(path))")
    }
  }
}
