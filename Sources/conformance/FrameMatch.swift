import Frames
import Wire

/// How the frames that were sent compare to one list of expected ones.
struct FrameMatch {
  /// What is wrong, in words and tables; empty when the lists agree.
  private(set) var differences: [String] = []

  init(
    _ sent: [EngineRun.SentFrame], _ expected: [Vector.Element], _ topology: Topology
  ) throws(VectorError) {
    if sent.count != expected.count {
      differences.append("\(sent.count) frames sent, \(expected.count) expected")
    }
    for (index, pair) in zip(sent, expected).enumerated() {
      try compare(pair.0, pair.1, "frame \(index + 1) of \(expected.count)", topology)
    }
    for missing in expected.dropFirst(sent.count) {
      let description = FrameDescription(missing.frame.rawSpan)
      differences.append("not sent, out of \(missing.port):\n\(description)")
    }
    for extra in sent.dropFirst(expected.count) {
      let port = topology.ports[extra.port.index].name
      let description = FrameDescription(extra.bytes.rawSpan, offload: extra.offload)
      differences.append("sent beyond what was expected, out of \(port):\n\(description)")
    }
  }

  private mutating func compare(
    _ sent: EngineRun.SentFrame, _ expected: Vector.Element, _ title: String, _ topology: Topology
  ) throws(VectorError) {
    let port = try topology.portIndex(named: expected.port)
    if sent.port != port {
      let found = topology.ports[sent.port.index].name
      differences.append("\(title) went out of \(found), expected \(expected.port)")
    }
    let ignored = expected.ignored + Self.checksumOfMaskedHeader(expected)
    let hasOffload = sent.offload != VirtioNetHeader() || expected.offload != VirtioNetHeader()
    let bytes = Self.withoutPadding(sent.bytes, expected.frame)
    let comparison = FrameComparison(
      expected: expected.frame.rawSpan, hasOffload ? expected.offload : nil,
      actual: bytes.rawSpan, hasOffload ? sent.offload : nil, ignoring: ignored)
    if !comparison.isEqual {
      differences.append("\(title) differs:\n\(comparison)")
    } else if !ignored.isEmpty, !Self.hasRightHeaderChecksum(bytes) {
      differences.append(
        "\(title) has a wrong IPv4 header checksum:\n\(FrameDescription(bytes.rawSpan))")
    }
  }

  /// A vector that leaves the IP identification open leaves the header checksum open, too.
  private static func checksumOfMaskedHeader(_ expected: Vector.Element) -> [Range<Int>] {
    expected.ignored.contains { $0.contains(18) || $0.contains(19) } ? [24..<26] : []
  }

  /// Whether what is IPv4 in `frame` has a right header checksum.
  static func hasRightHeaderChecksum(_ frame: [UInt8]) -> Bool {
    guard let ethernet = EthernetFrame(frame.rawSpan), ethernet.etherType == .ipv4 else {
      return true
    }
    return IPv4Packet.malformation(of: ethernet.payload) == nil
  }

  /// ARP may be padded with zeros to the length of the shortest Ethernet frame, and need not be.
  private static func withoutPadding(_ sent: [UInt8], _ expected: [UInt8]) -> [UInt8] {
    guard let ethernet = EthernetFrame(expected.rawSpan), ethernet.etherType == .arp,
      sent.count == 60, expected.count < 60, sent[expected.count...].allSatisfy({ $0 == 0 })
    else { return sent }
    return Array(sent[..<expected.count])
  }
}
