import Director
import Frames
import Wire

/// What decides whether the fast path may decline a packet of TCP or UDP that has no IP options, is no
/// fragment and neither opens nor ends a connection.
struct PlainPacket {
  private let `protocol`: IPProtocol
  private let source: Endpoint
  private let destination: Endpoint
  private let isGSO: Bool
  /// Of a segment; 0 for a datagram.
  private var acknowledgement: UInt32 = 0
  private var sequence: UInt32 = 0
  private var hasPayload = false
  /// The kinds of its TCP options.
  private var optionKinds: [UInt8] = []

  init?(_ frame: [UInt8], offload: VirtioNetHeader) {
    guard let ethernet = EthernetFrame(frame.rawSpan), ethernet.etherType == .ipv4,
      let packet = IPv4Packet(ethernet.payload), packet.headerLength == 20, !packet.isFragment,
      packet.timeToLive > 1
    else { return nil }
    `protocol` = packet.protocol
    isGSO = offload.isGSO
    switch packet.protocol {
    case .tcp:
      guard let segment = TCPSegment(packet.payload), segment.flags.contains(.ack),
        segment.flags.isDisjoint(with: [.syn, .fin, .rst])
      else { return nil }
      source = Endpoint(packet.source, segment.sourcePort)
      destination = Endpoint(packet.destination, segment.destinationPort)
      acknowledgement = segment.acknowledgmentNumber
      sequence = segment.sequenceNumber
      hasPayload = segment.payload.byteCount > 0
      var options = segment.options
      while let option = options.next() { optionKinds.append(option.kind.rawValue) }
    case .udp:
      guard let datagram = UDPDatagram(packet.payload) else { return nil }
      source = Endpoint(packet.source, datagram.sourcePort)
      destination = Endpoint(packet.destination, datagram.destinationPort)
    default:
      return nil
    }
  }

  /// Whether it belongs to `connection` and is sent on without more than other addresses, ports,
  /// numbers and headers that all packets get.
  func isPlain(
    in connection: VectorConnection, _ service: DirectorConfiguration.Service?
  ) -> Bool {
    let flow = connection.snapshot
    guard `protocol` == flow.protocol.ipProtocol else { return false }
    let isRequest = (source, destination) == (flow.client, flow.virtual)
    switch connection.method {
    case .nat: return isRequest || (source, destination) == (flow.destination, flow.client)
    case .dr: return isRequest
    case .tunnel: return isRequest && !isGSO
    case .fullnat:
      guard let translation = flow.translation, let settings = service?.fullNAT
      else { return false }
      if (source, destination) == (flow.destination, translation.local) { return true }
      return isRequest && !tellsClientAddress(settings, translation)
        && optionKinds.allSatisfy { !FullNATSettings.optionKindRange.contains(Int($0)) }
    }
  }

  /// Whether a request of FullNAT gets the client's address.
  private func tellsClientAddress(
    _ settings: FullNATSettings, _ translation: TranslationSnapshot
  ) -> Bool {
    switch settings.clientAddress {
    case .none: return false
    case .toa: return acknowledgement == translation.serverSequence.map { $0 &+ 1 }
    case .proxyV2: return hasPayload && sequence == translation.clientSequence.map { $0 &+ 1 }
    case .uoaOption, .uoaProtocol: return translation.toldCount < Self.mostTold
    }
  }

  /// How many datagrams of a flow carry the client's address.
  private static let mostTold = 3
}
