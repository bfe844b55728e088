import Director
import Frames
import TestSupport
import Wire

private typealias Net = ExampleNetwork

/// An ICMP error about a packet of a connection, on its way through the director.
struct RelayedError: Sendable, CustomStringConvertible {
  enum Direction: CaseIterable {
    /// About a reply, from a router on the client's side.
    case toServer
    /// About a request, from a router or a real server on the inner side.
    case toClient
  }

  var direction: Direction
  var `protocol`: ServiceProtocol
  var type = ICMPv4Type.destinationUnreachable
  var code: UInt8 = 1
  var rest: UInt32 = 0
  /// How many bytes of the packet are quoted.
  var quoteLength = 1000
  /// How the quoted packet differs from a usual one.
  var changeQuoted: @Sendable (inout FrameBuilder) -> Void = { $0.payload = [1, 2, 3] }
  /// How the error's own headers differ.
  var changeOuter: @Sendable (inout FrameBuilder) -> Void = { _ in }

  var description: String { "\(direction), \(self.protocol)" }

  static let all = Direction.allCases.flatMap { direction in
    ServiceProtocol.allCases.map { RelayedError(direction: direction, protocol: $0) }
  }

  private var virtual: Endpoint { `protocol` == .tcp ? .virtual : .virtualDNS }
  private var real: Endpoint { `protocol` == .tcp ? .real : .realDNS }

  /// The packet as who complains saw it.
  var quoted: FrameBuilder {
    var packet: FrameBuilder
    switch direction {
    case .toServer:
      packet = `protocol` == .tcp ? reply(.ack) : response()
      packet = packet.translated(from: virtual)
    case .toClient:
      packet = `protocol` == .tcp ? request(.ack) : query()
      packet = packet.translated(to: real)
    }
    packet.ip.identification = 0x4321
    changeQuoted(&packet)
    return packet
  }

  /// The quoted packet as its sender knows it, but for the transport checksum, which stays.
  private var told: FrameBuilder {
    var packet = quoted.withTransportChecksum(quoted.transportChecksum)
    packet.ip.checksum = nil
    switch direction {
    case .toServer:
      packet.ip.source = real.address
      packet.tcp.source = real.port
      packet.udp.source = real.port
    case .toClient:
      packet.ip.destination = virtual.address
      packet.tcp.destination = virtual.port
      packet.udp.destination = virtual.port
    }
    return packet
  }

  /// The error as it comes in.
  var incoming: FrameBuilder {
    var error: FrameBuilder
    switch direction {
    case .toServer:
      error = FrameBuilder.ethernet(from: Net.gatewayMAC, to: Net.outsideMAC)
        .ipv4(from: IPv4Address(203, 0, 113, 7), to: Net.virtual)
    case .toClient:
      error = FrameBuilder.ethernet(from: Net.server1MAC, to: Net.insideMAC)
        .ipv4(from: IPv4Address(10, 0, 0, 77), to: Net.client)
    }
    error.ip.dontFragment = false
    error.ip.typeOfService = 0xc0
    error.ip.identification = 0x0bad
    changeOuter(&error)
    return error.icmp(type, code: code, rest: rest)
      .payload(Array(quoted.packet.prefix(quoteLength)))
  }

  /// The error as it goes out.
  var outgoing: FrameBuilder {
    var error = incoming.payload(Array(told.packet.prefix(quoteLength)))
    error.ip.timeToLive -= 1
    error.minimumLength = 0
    switch direction {
    case .toServer:
      error.ethernet = FrameBuilder.ethernet(from: Net.insideMAC, to: Net.server1MAC).ethernet
      error.ip.destination = Net.server1
    case .toClient:
      error.ethernet = FrameBuilder.ethernet(from: Net.outsideMAC, to: Net.gatewayMAC).ethernet
      error.ip.source = Net.virtual
    }
    return error
  }

  var portIn: PortIndex { direction == .toServer ? .wan : .lan }
  var portOut: PortIndex { direction == .toServer ? .lan : .wan }

  /// The same with one field set.
  func with<Value>(_ field: WritableKeyPath<Self, Value>, _ value: Value) -> Self {
    var copy = self
    copy[keyPath: field] = value
    return copy
  }

  /// The same with the quoted packet changed.
  func quoting(_ change: @escaping @Sendable (inout FrameBuilder) -> Void) -> Self {
    with(\.changeQuoted, change)
  }

  /// The same with the headers of the error changed.
  func carried(_ change: @escaping @Sendable (inout FrameBuilder) -> Void) -> Self {
    with(\.changeOuter, change)
  }
}
