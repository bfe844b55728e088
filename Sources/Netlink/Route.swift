import CMnl
import Glibc
package import Wire

/// An IPv4 route as the kernel keeps it, whole: it can be put back as it was.
package struct Route: Equatable, Sendable {
  package let destination: IPv4Prefix
  package let typeOfService: UInt8
  /// Which table it is in: 254 is the main one.
  package let table: UInt32
  /// What made it (RTPROT_*).
  package let origin: UInt8
  /// How far off the destination is (RT_SCOPE_*).
  package let scope: UInt8
  /// What it does with packets (RTN_*).
  package let kind: UInt8
  /// RTNH_F_ONLINK or nothing: the others only tell the device's state.
  package let flags: UInt32
  /// All else, by ascending type, without destination and table.
  package private(set) var attributes: [NetlinkAttribute]

  package init(
    destination: IPv4Prefix, typeOfService: UInt8 = 0, table: UInt32 = Self.mainTable,
    origin: UInt8 = UInt8(RTPROT_STATIC), scope: UInt8 = 0, kind: UInt8 = UInt8(RTN_UNICAST),
    flags: UInt32 = 0, attributes: [NetlinkAttribute]
  ) {
    self.destination = destination
    self.typeOfService = typeOfService
    self.table = table
    self.origin = origin
    self.scope = scope
    self.kind = kind
    self.flags = flags
    self.attributes = attributes.sorted { $0.type < $1.type }
  }

  /// A static route to `destination` by the router `gateway` on the link `linkIndex`.
  package init(
    to destination: IPv4Prefix, via gateway: IPv4Address, linkIndex: Int32, priority: UInt32
  ) {
    var attributes = [
      NetlinkAttribute(Kind.device, number: UInt32(bitPattern: linkIndex)),
      NetlinkAttribute(Kind.gateway, gateway.octets),
    ]
    if priority != 0 { attributes.append(NetlinkAttribute(Kind.priority, number: priority)) }
    self.init(destination: destination, attributes: attributes)
  }

  package static var mainTable: UInt32 { RT_TABLE_MAIN.rawValue }

  /// Types of attributes (RTA_*).
  enum Kind {
    static let destination = Int(RTA_DST.rawValue)
    static let device = Int(RTA_OIF.rawValue)
    static let gateway = Int(RTA_GATEWAY.rawValue)
    static let priority = Int(RTA_PRIORITY.rawValue)
    static let metrics = Int(RTA_METRICS.rawValue)
    static let multipath = Int(RTA_MULTIPATH.rawValue)
    static let cacheInformation = Int(RTA_CACHEINFO.rawValue)
    static let table = Int(RTA_TABLE.rawValue)
    static let via = Int(RTA_VIA.rawValue)
    static let nextHopObject = Int(RTA_NH_ID.rawValue)
  }
}

extension Route {
  /// The router; `nil` for a connected network and for several next hops.
  package var gateway: IPv4Address? { attribute(Kind.gateway)?.ipv4Address }

  /// Of two routes to one destination that of the lower priority counts.
  package var priority: UInt32 { attribute(Kind.priority)?.number ?? 0 }

  /// The links that packets leave by.
  package var linkIndices: [Int32] {
    if let index = attribute(Kind.device)?.number { return [Int32(bitPattern: index)] }
    return nextHops.map(\.linkIndex)
  }

  /// Whether packets are forwarded to somewhere, not refused or delivered here.
  package var isUnicast: Bool { kind == UInt8(RTN_UNICAST) }

  /// Whether packets stay on this host.
  package var isLocal: Bool { kind == UInt8(RTN_LOCAL) }

  /// Whether `other` takes the same place in a table, so that there can be only one of both.
  package func replaces(_ other: Self) -> Bool {
    destination == other.destination && typeOfService == other.typeOfService
      && table == other.table && priority == other.priority
  }

  /// The most that connections by this route announce as segment size; `nil` for the MTU's.
  package var announcedSegmentSize: UInt32? { metric(RTAX_ADVMSS) }

  /// The route's own MTU; `nil` for the device's.
  package var mtu: UInt32? { metric(RTAX_MTU) }

  /// The same route with the segment size `size`, all else as it is.
  package func announcing(_ size: UInt32) -> Self {
    let others = metrics.filter { $0.type != RTAX_ADVMSS }
    let changed = (others + [NetlinkAttribute(Int(RTAX_ADVMSS), number: size)])
      .sorted { $0.type < $1.type }
    var route = self
    route.attributes.removeAll { $0.type == Kind.metrics }
    route.attributes.append(NetlinkAttribute(Kind.metrics, NetlinkAttribute.encoded(changed)))
    route.attributes.sort { $0.type < $1.type }
    return route
  }

  private func metric(_ type: Int) -> UInt32? { metrics.first { $0.type == type }?.number }

  private var metrics: [NetlinkAttribute] {
    attribute(Kind.metrics).flatMap { NetlinkAttribute.attributes(in: $0.payload) } ?? []
  }

  private func attribute(_ type: Int) -> NetlinkAttribute? { attributes.first { $0.type == type } }

  private var nextHops: [RouteNextHop] {
    attribute(Kind.multipath).map { RouteNextHop.all(in: $0.payload) } ?? []
  }
}

extension Route: CustomStringConvertible {
  /// As an operator knows it: "default via 10.0.0.1, advmss 1440".
  package var description: String {
    var text = destination == .everything ? "default" : "\(destination)"
    if let gateway { text += " via \(gateway)" }
    if attribute(Kind.multipath) != nil { text += " by several next hops" }
    if priority != 0 { text += ", metric \(priority)" }
    if let size = announcedSegmentSize { text += ", advmss \(size)" }
    return text
  }
}
