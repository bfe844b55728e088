import Director
import Frames
import TestSupport
import Wire

/// Frames of conversations that a program chooses.
enum Composition {
  private static let clients = [
    ExampleNetwork.client, IPv4Address(203, 0, 113, 9), IPv4Address(192, 0, 2, 33),
    IPv4Address(10, 0, 0, 77),
  ]

  private static let lengths = [0, 1, 5, 64, 333, 1340, 1360, 1400, 1448, 1460, 1480, 4000]

  private static let flags: [TCPFlags] = [
    .ack, .syn, [.syn, .ack], [.fin, .ack], .rst, [.psh, .ack], [], [.syn, .rst], [.fin, .syn],
    TCPFlags(rawValue: 0xff),
  ]

  /// A segment or datagram of a client or of a server.
  static func frame(_ reader: inout InputReader) -> SeedFrame {
    let kind = reader.octet()
    let client = reader.pick(clients)
    let port = UsualFrames.clientPort + UInt16(reader.below(8))
    var builder: FrameBuilder
    if kind & 1 == 0 {
      builder = UsualFrames.request(from: client)
      builder =
        kind & 2 == 0
        ? builder.tcp(
          from: port, to: reader.pick(ExampleDirector.ports), reader.pick(flags))
        : builder.udp(from: port, to: reader.pick(ExampleDirector.datagramPorts))
    } else {
      let server = reader.pick([ExampleNetwork.server1, ExampleNetwork.server2])
      builder = UsualFrames.reply(from: server, to: client)
      builder =
        kind & 2 == 0
        ? builder.tcp(from: reader.pick([8080, 8081]), to: port, reader.pick(flags))
        : builder.udp(from: 5353, to: port)
    }
    builder = builder.payload(count: reader.pick(lengths))
    if kind & 0x10 != 0 { builder.ip.dontFragment = false }
    if kind & 0x20 != 0 { builder.ip.timeToLive = reader.pick([0, 1, 2, 255]) }
    if kind & 0x40 != 0 { builder.ip.options = [7, 7, 4, 0, 0, 0, 0, 1] }
    switch kind >> 2 & 3 {
    case 1: builder = builder.partialChecksum()
    case 2: builder = builder.segmented(reader.pick([500, 1300, 1348, 1400, 1448, 1472]))
    case 3: (builder.udp.checksum, builder.minimumLength) = (0, 60)
    default: break
    }
    if kind & 0x80 != 0 {
      builder.tcp.options = [2, 4, 5, 180, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]
    }
    return SeedFrame(port: kind & 1 == 0 ? .wan : .lan, frame: builder.frame())
  }

  /// What the other end may answer to a frame that was sent to it: the ARP reply, or the packet with
  /// its ends exchanged.
  static func answer(to sent: SeedFrame, _ reader: inout InputReader) -> SeedFrame {
    if let reply = reply(to: sent) { return reply }
    var answer = sent
    answer.frame.exchangeEnds()
    guard answer.frame.bytes.count >= 54, answer.frame.bytes[14] == 0x45 else { return answer }
    answer.frame.bytes[22] = 64
    FrameMending.mend(&answer.frame, wholly: false)
    if answer.frame.bytes[23] == IPProtocol.tcp.rawValue {
      setFlags(reader.pick(flags), of: &answer.frame)
    }
    return answer
  }

  /// Sets the flags of a segment behind an IP header without options, and keeps its checksum.
  private static func setFlags(_ flags: TCPFlags, of frame: inout TestFrame) {
    let kind = frame.offload.transportChecksum
    frame.bytes.withMutableRawSpan { bytes in
      var bytes = bytes
      let old = bytes.bytes.networkUInt16(at: 46)
      let new = old & 0xff00 | UInt16(flags.rawValue)
      bytes.storeNetwork(new, at: 46)
      guard kind == .complete else { return }
      let change = InternetChecksum.change(from: old, to: new)
      let checksum = InternetChecksum.updated(bytes.bytes.networkUInt16(at: 50), by: change)
      bytes.storeNetwork(checksum, at: 50)
    }
  }

  /// The reply to an ARP request for another's address.
  private static func reply(to sent: SeedFrame) -> SeedFrame? {
    guard let ethernet = EthernetFrame(sent.frame.bytes.rawSpan), ethernet.etherType == .arp,
      let request = ARPPacket(ethernet.payload), request.operation == .request,
      !request.isGratuitous
    else { return nil }
    let mac = MACAddress(rawValue: 0x0200_0000_0100 + UInt64(request.targetAddress.rawValue & 0xff))
    let frame = FrameBuilder.ethernet(from: mac, to: request.senderMAC).arp(
      ARPFields(
        operation: .reply, senderMAC: mac, senderAddress: request.targetAddress,
        targetMAC: request.senderMAC, targetAddress: request.senderAddress))
    return SeedFrame(port: sent.port, frame: frame.frame())
  }
}
