/// The ports of a director and their neighbours.
package struct PortsReport: Codable, Equatable, Sendable {
  package var ports: [PortReport]
  package var neighbors: [NeighborReport]

  package init(ports: [PortReport], neighbors: [NeighborReport]) {
    self.ports = ports
    self.neighbors = neighbors
  }
}

/// A port and its TAP.
package struct PortReport: Codable, Equatable, Sendable {
  package var name: String
  package var tap: String
  /// As in the configuration; `nil` for the process's own.
  package var netns: String?
  package var mac: String
  package var mtu: Int
  /// Own addresses with their networks' lengths.
  package var addresses: [String]
  package var link: LinkReport
  /// The rung of the ladder of offloads; `nil` while there is no device.
  package var offloads: String?
  package var queues: QueueReport?
  package var framesIn: UInt64
  package var framesOut: UInt64
  package var bytesIn: UInt64
  package var bytesOut: UInt64
  /// Frames that the device refused.
  package var transmitErrors: UInt64

  package init(
    name: String, tap: String, netns: String?, mac: String, mtu: Int, addresses: [String],
    link: LinkReport, offloads: String?, queues: QueueReport?, framesIn: UInt64 = 0,
    framesOut: UInt64 = 0, bytesIn: UInt64 = 0, bytesOut: UInt64 = 0, transmitErrors: UInt64 = 0
  ) {
    self.name = name
    self.tap = tap
    self.netns = netns
    self.mac = mac
    self.mtu = mtu
    self.addresses = addresses
    self.link = link
    self.offloads = offloads
    self.queues = queues
    self.framesIn = framesIn
    self.framesOut = framesOut
    self.bytesIn = bytesIn
    self.bytesOut = bytesOut
    self.transmitErrors = transmitErrors
  }

  private enum CodingKeys: String, CodingKey {
    case name
    case tap
    case netns
    case mac
    case mtu
    case addresses
    case link
    case offloads
    case queues
    case framesIn = "frames-in"
    case framesOut = "frames-out"
    case bytesIn = "bytes-in"
    case bytesOut = "bytes-out"
    case transmitErrors = "transmit-errors"
  }
}

/// Whether a port can pass frames.
package enum LinkReport: String, Codable, CaseIterable, Sendable {
  /// It can.
  case up
  /// The TAP is there, and switched off or without a carrier.
  case down
  /// There is no TAP of that name.
  case missing
}

/// How the TAP was attached.
package enum QueueReport: String, Codable, CaseIterable, Sendable {
  case multi
  case single
}

/// A host that a port has asked for, or heard of.
package struct NeighborReport: Codable, Equatable, Sendable {
  package var address: String
  /// `nil` while it is not known.
  package var mac: String?
  package var state: String
  /// The port's name.
  package var port: String

  package init(address: String, mac: String?, state: String, port: String) {
    self.address = address
    self.mac = mac
    self.state = state
    self.port = port
  }
}
