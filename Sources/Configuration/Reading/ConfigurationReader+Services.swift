package import Director
import Wire

extension ConfigurationReader {
  /// The most servers of all services together.
  static let serverLimit = 131_072

  /// The value of `services`.
  mutating func services(_ node: YAMLNode) -> [ServiceDraft] {
    guard let elements = elements(of: node, "`services`") else { return [] }
    var services: [ServiceDraft] = []
    var serverCount = 0
    for element in elements {
      if let service = service(element, serverCount: &serverCount) { services.append(service) }
    }
    return services
  }

  private mutating func service(_ node: YAMLNode, serverCount: inout Int) -> ServiceDraft? {
    let fields = fields(
      of: node, "a service", required: ["address", "port", "servers"],
      optional: ["protocol", "scheduler", "method", "mss-clamp", "when-removed"] + Self.methodKeys
        + Self.serviceHealthKeys)
    guard let fields else { return nil }
    let address = fields["address"].flatMap { hostAddress($0, "address") }
    let port = fields["port"].flatMap { portNumber($0) }
    let transport = value(of: fields["protocol"], default: .tcp) {
      $0.choice($1, "protocol", of: ServiceProtocol.self)
    }
    let scheduler = value(of: fields["scheduler"], default: .weightedLeastConnection) {
      $0.choice($1, "scheduler", of: SchedulerKind.self)
    }
    let method = value(of: fields["method"], default: .nat) { $0.method($1) }
    let clamp = fields["mss-clamp"].flatMap { segmentSizeClamp($0) }
    let whenRemoved = value(of: fields["when-removed"], default: .reset) {
      $0.choice($1, "when-removed", of: RemovalPolicy.self)
    }
    let tunnel = fields["tunnel"].flatMap { self.tunnel($0) }
    let fullNAT = fullNAT(fields)
    let strips = fields["strip-client-toa"].map {
      Located(truth($0, "strip-client-toa"), at: $0.position)
    }
    let health = serviceHealth(fields, defaultPort: port, method: method)
    let servers = fields["servers"].flatMap {
      self.servers($0, defaultPort: port, method: method, count: &serverCount)
    }
    guard let address else { return nil }
    return ServiceDraft(
      position: node.position, address: address, port: port, protocol: transport,
      scheduler: scheduler, servers: servers?.known ?? [],
      methods: servers.flatMap { methods(of: $0, default: method) }, segmentSizeClamp: clamp,
      whenRemoved: whenRemoved ?? .reset, tunnel: tunnel, fullNAT: fullNAT,
      stripsClientOption: strips, health: health)
  }

  /// Those of `servers`, or `default` when there are none; `nil` if one is not known.
  private func methods(
    of servers: ServerListDraft, default: ForwardingMethod?
  ) -> Set<ForwardingMethod>? {
    guard servers.isComplete else { return nil }
    if servers.known.isEmpty { return `default`.map { [$0] } }
    let methods = servers.known.compactMap(\.method)
    return methods.count == servers.known.count ? Set(methods) : nil
  }

  /// What `read` makes of `node`; `default` if there is none.
  mutating func value<Value>(
    of node: YAMLNode?, default: Value, read: (inout Self, YAMLNode) -> Value?
  ) -> Value? {
    guard let node else { return `default` }
    return read(&self, node)
  }

  /// The servers that could be read, and whether these are all.
  private struct ServerListDraft {
    var known: [ServerDraft] = []
    var isComplete = true
  }

  /// The value of `servers`; `defaultPort` is `nil` if the service's could not be read.
  private mutating func servers(
    _ node: YAMLNode, defaultPort: Located<UInt16>?, method: ForwardingMethod?, count: inout Int
  ) -> ServerListDraft? {
    guard let elements = elements(of: node, "`servers`") else { return nil }
    var servers = ServerListDraft()
    for element in elements {
      count += 1
      if count == Self.serverLimit + 1 {
        refuse(
          "more than \(Self.serverLimit) servers in all", at: element.position,
          wanted: "at most \(Self.serverLimit) are wanted")
      }
      if let server = server(element, defaultPort: defaultPort, method: method) {
        servers.known.append(server)
      } else {
        servers.isComplete = false
      }
    }
    return servers
  }

  private mutating func server(
    _ node: YAMLNode, defaultPort: Located<UInt16>?, method: ForwardingMethod?
  ) -> ServerDraft? {
    let fields = fields(
      of: node, "a server", required: ["address"],
      optional: ["port", "weight", "method", "tunnel"] + Self.serverHealthKeys)
    guard let fields else { return nil }
    var draft = server(fields, defaultPort: defaultPort, method: method)
    draft?.health = serverHealth(fields)
    return draft
  }

  /// What servers and sorry servers have in common.
  mutating func server(
    _ fields: Fields, defaultPort: Located<UInt16>?, method: ForwardingMethod?
  ) -> ServerDraft? {
    let address = fields["address"].flatMap { hostAddress($0, "address") }
    let port = value(of: fields["port"], default: defaultPort) { $0.portNumber($1) }
    let weight = value(of: fields["weight"], default: 1) {
      $0.integer($1, "weight", in: DirectorConfiguration.Server.weightRange)?.value
    }
    let method = value(of: fields["method"], default: method) { $0.method($1) }
    let tunnel = fields["tunnel"].flatMap { self.tunnel($0) }
    guard let address else { return nil }
    return ServerDraft(
      address: address, port: port ?? nil, weight: weight, method: method ?? nil, tunnel: tunnel)
  }

  mutating func portNumber(_ node: YAMLNode) -> Located<UInt16>? {
    integer(node, "port", in: 1...65_535).map { Located(UInt16($0.value), at: $0.position) }
  }

  private mutating func method(_ node: YAMLNode) -> ForwardingMethod? {
    choice(node, "method", of: ForwardingMethod.self)
  }

  private mutating func segmentSizeClamp(_ node: YAMLNode) -> Located<SegmentSizeClamp>? {
    if case .scalar("auto", _) = node.content { return Located(.automatic, at: node.position) }
    let size = integer(node, "mss-clamp", in: SegmentSizeClamp.range, reason: ", or `auto`")
    return size.map { Located(.size($0.value), at: $0.position) }
  }
}

extension SegmentSizeClamp {
  /// The clamp as in a file.
  package var configurationText: String {
    switch self {
    case .size(let size): "\(size)"
    case .automatic: "auto"
    }
  }
}
