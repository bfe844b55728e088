import CMnl
import Glibc
import Wire

extension Route {
  /// The length of the fixed part of a route's message.
  private static var headerLength: Int { MemoryLayout<rtmsg>.size }

  /// Reads the payload of an RTM_NEWROUTE message; `nil` if it is malformed or not of IPv4.
  package init?(_ payload: [UInt8]) {
    guard payload.count >= Self.headerLength, payload[0] == UInt8(AF_INET), payload[1] <= 32,
      let flags = payload.nativeUInt32(at: 8),
      let all = NetlinkAttribute.attributes(in: payload, from: Self.headerLength)
    else { return nil }
    var destination = IPv4Prefix.everything
    if let attribute = all.first(where: { $0.type == Kind.destination }) {
      guard let address = attribute.ipv4Address else { return nil }
      destination = IPv4Prefix(address, length: Int(payload[1]))
    } else if payload[1] != 0 {
      return nil
    }
    let named = all.first { $0.type == Kind.table }?.number
    let hasObject = all.contains { $0.type == Kind.nextHopObject }
    let kept = all.filter { attribute in
      switch attribute.type {
      case Kind.destination, Kind.table, Kind.cacheInformation: false
      // What a next hop object says is told besides, but may not be said again.
      case Kind.gateway, Kind.device, Kind.multipath, Kind.via: !hasObject
      default: true
      }
    }
    self.init(
      destination: destination, typeOfService: payload[3], table: named ?? UInt32(payload[4]),
      origin: payload[5], scope: payload[6], kind: payload[7], flags: flags & Self.keptFlags,
      attributes: kept.map { $0.type == Kind.multipath ? $0.withoutStates : $0 })
  }

  private static var keptFlags: UInt32 { UInt32(RTNH_F_ONLINK) }

  /// The message's fixed part; the table is an attribute of its own.
  var header: [UInt8] {
    let small = UInt8(exactly: table) ?? UInt8(RT_TABLE_UNSPEC.rawValue)
    return [
      UInt8(AF_INET), UInt8(destination.length), 0, typeOfService, small, origin, scope, kind,
    ] + [UInt8](native: flags)
  }

  /// The message's attributes, destination and table included.
  var wholeAttributes: [NetlinkAttribute] {
    var all = [NetlinkAttribute(Kind.table, number: table)]
    if destination.length > 0 {
      all.append(NetlinkAttribute(Kind.destination, destination.network.octets))
    }
    return all + attributes
  }
}

extension IPv4Address {
  /// The four bytes in network order.
  var octets: [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: rawValue >> UInt32($0)) }
  }
}

/// One of a route's several next hops.
struct RouteNextHop {
  let linkIndex: Int32
  /// Where in the attribute's payload its flags stand.
  let flagsOffset: Int

  /// The next hops in the payload of an RTA_MULTIPATH attribute, up to what is malformed.
  static func all(in payload: [UInt8]) -> [Self] {
    var found: [Self] = []
    var place = 0
    while payload.count - place >= 8, let head = payload.nativeUInt32(at: place),
      let index = payload.nativeUInt32(at: place + 4)
    {
      let length = Int(head.littleEndian & 0xffff)
      guard length >= 8, length <= payload.count - place else { break }
      found.append(Self(linkIndex: Int32(bitPattern: index), flagsOffset: place + 2))
      place += (length + 3) & ~3
    }
    return found
  }
}

extension NetlinkAttribute {
  /// The next hops without the flags that only tell their devices' state, which the kernel would not
  /// take back.
  fileprivate var withoutStates: Self {
    var changed = payload
    for hop in RouteNextHop.all(in: payload) { changed[hop.flagsOffset] &= UInt8(RTNH_F_ONLINK) }
    return Self(type, changed)
  }
}
