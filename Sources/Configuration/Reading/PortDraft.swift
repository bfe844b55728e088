import Director
import LinkIO
import Wire

/// A port as read, each value with its place; what could not be read is `nil`.
struct PortDraft {
  let name: Located<String>
  var tap: Located<String>?
  var namespace: Located<String>?
  var macAddress: Located<MACAddress>?
  var mtu: Located<Int>?
  var addresses: [Located<IPv4InterfaceAddress>] = []
  var gateway: Located<IPv4Address>?
  var routes: [RouteDraft] = []
  var creation: CreationDraft?
  var offloads: OffloadLevel?

  /// Whether the MTU could be read, or was left out.
  var isMTUKnown = true
  /// Whether all addresses could be read: what lies outside them can be told only then.
  var hasAllAddresses = true
  /// Whether the gateway and all routes could be read.
  var hasAllRoutes = true

  init(name: Located<String>) {
    self.name = name
  }

  /// The MTU that holds.
  var effectiveMTU: Int { mtu?.value ?? Self.defaultMTU }

  static let defaultMTU = 1500
}

/// A route as read.
struct RouteDraft {
  let destination: Located<IPv4Prefix>
  /// `nil` for a part of the port's own segment.
  let via: Located<IPv4Address>?
  /// `nil` for the port's.
  let mtu: Located<Int>?
}

/// `create` as read.
struct CreationDraft {
  var bridge: String?
  /// `nil` for the port's.
  var mtu: Int?
  /// Where the MTU was given, or else all of it.
  let position: Position
}
