import Wire

/// What a packet of a connection needs to know of its real server, computed once.
struct ForwardingRecord: Sendable {
  /// What the fast path compares, writes and adds: the first cache line.
  let rawVirtual: RawEndpoint
  let rawReal: RawEndpoint
  /// Where replies to the client's own endpoint come from: no endpoint when none pass here, they are
  /// for a local one, or the slow path is to decide about them.
  private(set) var rawReplier: RawEndpoint
  let inboundChange: ChecksumChange
  let outboundChange: ChecksumChange
  var rules: ForwardingRules
  let method: ForwardingMethod
  /// Whether the server is gone and its connections come to an end.
  private(set) var endsConnections = false

  /// What clients connect to.
  let virtual: Endpoint
  /// The real server.
  let real: Endpoint
  let `protocol`: IPProtocol
  /// The service, and the server's place in its list, newest first.
  let service: Int
  var place: Int

  /// What the rewriting adds to a sum over the pseudo-header or the IP header, and to one over the
  /// ports, for requests.
  ///
  /// Replies swap the endpoints.
  let inboundAddresses: UInt64
  let inboundPorts: UInt64
  let outboundAddresses: UInt64
  let outboundPorts: UInt64

  /// What is put before requests, when the method is `tunnel`.
  let outer: OuterHeader
  /// The largest request that is sent whole, as an IP packet, in bytes; 0 when a tunnel leaves too
  /// little room for any.
  private(set) var requestMTU: Int

  /// Whether TCP segments go into the tunnel as one frame: it is GUE, and the next hop's port takes them.
  var carriesSuperframes = false

  /// The next hop towards the real server.
  let nextHop: NextHop
  /// The next hop's place in the neighbour table; -1 when it has none, or the server is gone and
  /// takes no requests, so that they take the slow path.
  private(set) var neighbor: Int
  private let pinnedNeighbor: Int

  /// Whether the virtual service still has the server (`ip_vs.h`, `IP_VS_DEST_F_AVAILABLE`).
  var isAvailable = true

  /// Whether the server is reached in another way now, by another record.
  var isSuperseded = false

  /// What becomes of the connections of a server that is gone; `nil` while it is not.
  var departure: RemovalPolicy? {
    didSet {
      endsConnections = departure?.endsConnections ?? false
      neighbor = departure == nil || departure == .keep ? pinnedNeighbor : -1
      rawReplier = method == .nat && !endsConnections ? rawReal : .none
    }
  }

  /// The pools of local ports, with FullNAT.
  var pools: Range<Int>? {
    didSet { firstPool = pools?.lowerBound ?? 0 }
  }
  /// Where they begin, for the fast path.
  private(set) var firstPool = 0

  /// Packets and IP bytes to the real server and back.
  var inbound = PacketCount()
  var outbound = PacketCount()

  /// From when on another new connection is watched, in milliseconds modulo 2^32.
  var nextSample: UInt32 = 0

  /// The direction of requests: whether replies, too, move the connection on.
  @inline(__always) var requestDirection: Direction {
    method.seesReplies ? .inbound : .inboundOnly
  }

  /// Whether a packet from `source` to a client is a reply of the client's connection.
  func takesReplies(from source: Endpoint) -> Bool {
    method == .nat && rawReal == RawEndpoint(source)
  }

  init(
    virtual: Endpoint, real: Endpoint, protocol: IPProtocol, method: ForwardingMethod,
    service: Int, place: Int, rules: ForwardingRules, nextHop: NextHop, neighbor: Int?,
    outer: OuterHeader? = nil
  ) {
    rawVirtual = RawEndpoint(virtual)
    rawReal = RawEndpoint(real)
    rawReplier = method == .nat ? rawReal : .none
    self.method = method
    self.virtual = virtual
    self.real = real
    self.protocol = `protocol`
    self.service = service
    self.place = place
    self.rules = rules
    inboundAddresses = InternetChecksum.change(from: virtual.address, to: real.address)
    inboundPorts = InternetChecksum.change(from: virtual.port, to: real.port)
    outboundAddresses = InternetChecksum.change(from: real.address, to: virtual.address)
    outboundPorts = InternetChecksum.change(from: real.port, to: virtual.port)
    inboundChange = ChecksumChange(addresses: inboundAddresses, ports: inboundPorts)
    outboundChange = ChecksumChange(addresses: outboundAddresses, ports: outboundPorts)
    self.nextHop = nextHop
    self.outer = outer ?? OuterHeader()
    requestMTU = nextHop.mtu
    pinnedNeighbor = neighbor ?? -1
    self.neighbor = neighbor ?? -1
    if method == .tunnel { setPathMTU(nil) }
  }

  /// Lets requests in a tunnel fit `mtu`, what the way to its end takes as far as is known.
  mutating func setPathMTU(_ mtu: Int?) {
    let room = min(mtu ?? nextHop.mtu, nextHop.mtu) - outer.length
    requestMTU = outer.isPresent && room >= OuterHeader.leastRoom ? room : 0
  }

  /// The next hop for requests as they come: what a tunnel adds has its room.
  var requestHop: NextHop {
    NextHop(
      port: nextHop.port, address: nextHop.address, neighbor: nextHop.neighbor, mtu: requestMTU)
  }
}

/// What a service does to packets beside the rewriting of its method.
struct ForwardingRules: Sendable {
  /// Whether SYNs are changed more than others, which is the slow path's.
  let changesSYN: Bool
  /// The options of TCP that are overwritten in requests.
  let overwrittenOptions: TCPOptionSelection
  /// Those of SYNs, with FullNAT.
  let overwrittenSYNOptions: TCPOptionSelection
  /// Whether timestamps are shifted.
  let shiftsTimestamps: Bool
  /// How the real server hears of the client's address, and the kind of the TCP option if it is one.
  let clientAddress: ClientAddressForm
  let optionKind: UInt8

  init(_ service: DirectorConfiguration.Service, _ method: ForwardingMethod) {
    let isFullNAT = method == .fullnat
    changesSYN = service.segmentSizeClamp != nil || isFullNAT
    optionKind = service.fullNAT.optionKind
    overwrittenOptions =
      (isFullNAT || service.stripsClientOption) && service.protocol == .tcp
      ? .clientAddress(kind: service.fullNAT.optionKind) : []
    shiftsTimestamps = isFullNAT && service.fullNAT.timestamps == .shift
    overwrittenSYNOptions = shiftsTimestamps ? .addressBound : .clientBound
    clientAddress = isFullNAT ? service.fullNAT.clientAddress : .none
  }
}

/// Packets and the bytes of their IP total lengths.
package struct PacketCount: Equatable, Sendable {
  package var packets: UInt64 = 0
  package var bytes: UInt64 = 0

  package init() {}

  @inline(__always)
  mutating func add(_ length: Int) {
    packets &+= 1
    bytes &+= UInt64(truncatingIfNeeded: length)
  }
}
