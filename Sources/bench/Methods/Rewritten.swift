import Director
import Frames
import Wire

/// The headers of a frame that was sent on.
struct Rewritten {
  let port: PortIndex
  let length: Int
  let destinationMAC: MACAddress
  /// Of the outer packet, where there is one.
  let `protocol`: UInt8
  let source: IPv4Address
  let destination: IPv4Address
  /// Of what follows the IP header; ports only where that is TCP.
  let sourcePort: UInt16
  let destinationPort: UInt16

  var sourceEndpoint: Endpoint { Endpoint(source, sourcePort) }

  init(_ frame: RawSpan, by port: PortIndex) {
    self.port = port
    length = frame.byteCount
    destinationMAC = MACAddress(frame, at: 0)
    `protocol` = frame.octet(at: 23)
    source = IPv4Address(frame, at: 26)
    destination = IPv4Address(frame, at: 30)
    sourcePort = frame.networkUInt16(at: 34)
    destinationPort = frame.networkUInt16(at: 36)
  }

  /// Whether they are what `choice` makes of a template.
  func isRight(_ choice: MethodChoice, receivedBy incoming: PortIndex) -> Bool {
    if incoming == Site.inside {
      return port == Site.outside && destinationMAC == Site.routerMAC && isVirtual(source)
        && sourcePort == Site.servicePort && destination.rawValue >> 24 == 10
    }
    guard port == Site.inside, destinationMAC.rawValue >> 16 == Site.serverMAC(0, 0).rawValue >> 16
    else { return false }
    let isFromClient = source.rawValue >> 24 == 10
    let grown = length - TemplatePool.frameLength
    switch choice {
    case .nat:
      return isServer(destination) && destinationPort == Site.serverPort && isFromClient
    case .dr: return isVirtual(destination) && destinationPort == Site.servicePort && isFromClient
    case .ipip: return isServer(destination) && `protocol` == 4 && grown == 20
    case .gre: return isServer(destination) && `protocol` == 47 && grown == 24
    case .gue: return isServer(destination) && `protocol` == 17 && grown == 32
    case .fullnat:
      return isServer(destination) && destinationPort == Site.serverPort
        && Site.localAddresses.contains(source)
    }
  }

  private func isServer(_ address: IPv4Address) -> Bool {
    address.rawValue >> 16 == 172 << 8 | 16 && !Site.localAddresses.contains(address)
  }

  private func isVirtual(_ address: IPv4Address) -> Bool {
    (0..<Site.serviceCount).contains { Site.virtual($0) == address }
  }
}
