import Wire

/// Compares what a director sent in a replay with what the kernel sent, next hop by next hop.
///
/// Between next hops the order is the kernel's affair, which handles frames in batches. ARP requests
/// are a matter of timers and stand apart.
struct FrameStreams {
  private(set) var differences: [String] = []

  /// Identifications that the kernel chose itself and what the director chose in their place.
  private var identifications: [UInt16: UInt16] = [:]

  /// How far a frame's time may be from the recorded one: the kernel's was slow at times.
  private static let tolerance = Duration.milliseconds(250)

  init(_ sent: [ReplayEngine.SentFrame], _ recording: Recording) {
    let expected = recording.sent.filter { !Self.isARPRequest($0.bytes) }
    let actual = sent.filter { !Self.isARPRequest($0.bytes) }
    var nextHops: [MACAddress] = []
    for hop in expected.map({ Self.nextHop($0.bytes) }) + actual.map({ Self.nextHop($0.bytes) })
    where !nextHops.contains(hop) {
      nextHops.append(hop)
    }
    for hop in nextHops {
      compare(
        expected.filter { Self.nextHop($0.bytes) == hop },
        actual.filter { Self.nextHop($0.bytes) == hop }, to: hop,
        differing: recording.notes)
    }
    compareRequests(
      recording.sent.map(\.bytes).filter(Self.isARPRequest),
      sent.map(\.bytes).filter(Self.isARPRequest))
  }

  private mutating func compare(
    _ expected: [Recording.Frame], _ actual: [ReplayEngine.SentFrame], to hop: MACAddress,
    differing notes: RecordingNotes
  ) {
    if expected.count != actual.count {
      differences.append("\(actual.count) frames sent to \(hop), \(expected.count) recorded")
    }
    for (recorded, seen) in zip(expected, actual) {
      let title = "frame \(recorded.number) of the recording, to \(hop),"
      // Bytes that differ on purpose are made the same; fields that they are part of still count.
      var bytes = seen.bytes
      for range in notes.differingBytes[recorded.number] ?? []
      where range.upperBound <= min(bytes.count, recorded.bytes.count) {
        bytes.replaceSubrange(range, with: recorded.bytes[range])
      }
      compare(recorded.bytes, bytes, title, notes.differingFields.keys.sorted())
      if seen.time < recorded.time - Self.tolerance || seen.time > recorded.time + Self.tolerance {
        differences.append("\(title) was sent at \(seen.time), recorded at \(recorded.time)")
      }
    }
    for missing in expected.dropFirst(actual.count) {
      let description = FrameDescription(missing.bytes.rawSpan)
      differences.append("frame \(missing.number) of the recording was not sent:\n\(description)")
    }
    for extra in actual.dropFirst(expected.count) {
      let description = FrameDescription(extra.bytes.rawSpan)
      differences.append("sent at \(extra.time) and not in the recording:\n\(description)")
    }
  }

  private mutating func compare(
    _ expected: [UInt8], _ actual: [UInt8], _ title: String, _ differing: [String]
  ) {
    var ignored: [Range<Int>] = []
    if !differing.isEmpty {
      ignored = FrameDescription(expected.rawSpan).fields
        .filter { differing.contains("\($0.layer) \($0.name)") }.map(\.range)
    }
    if let identification = Self.ownIdentification(expected), actual.count >= expected.count {
      ignored.append(Self.identificationBytes)
      // Fragments of one datagram have one identification, whichever it is.
      let seen = Self.identification(actual)
      let agreed = identifications[identification, default: seen]
      identifications[identification] = agreed
      if seen != agreed { differences.append("\(title) is no fragment of the datagram before") }
    }
    if !ignored.isEmpty { ignored.append(Self.headerChecksumBytes) }
    if expected == actual { return }
    let comparison = FrameComparison(
      expected: expected.rawSpan, nil, actual: actual.rawSpan, nil, ignoring: ignored)
    if !comparison.isEqual {
      differences.append("\(title) differs:\n\(comparison)")
    } else if !ignored.isEmpty, !FrameMatch.hasRightHeaderChecksum(actual) {
      differences.append(
        "\(title) has a wrong IPv4 header checksum:\n\(FrameDescription(actual.rawSpan))")
    }
  }

  /// Every question that the director asks must be the kernel's, and for a neighbour that is not
  /// known as often; questions about known ones come from timers that began before the recording.
  private mutating func compareRequests(_ expected: [[UInt8]], _ actual: [[UInt8]]) {
    for request in Set(actual) where !expected.contains(request) {
      let description = FrameDescription(request.rawSpan)
      differences.append("an ARP request that is not in the recording:\n\(description)")
    }
    for request in Set(expected) where Self.nextHop(request) == .broadcast {
      let counts = (actual.count { $0 == request }, expected.count { $0 == request })
      if counts.0 != counts.1 {
        let description = FrameDescription(request.rawSpan)
        differences.append(
          "an ARP request was sent \(counts.0) times, \(counts.1) recorded:\n\(description)")
      }
    }
  }
}

// MARK: - Fields

extension FrameStreams {
  private static let identificationBytes = 18..<20
  private static let flagsByte = 20
  private static let timeToLiveByte = 22
  private static let protocolByte = 23
  /// The protocol number of IP in IP.
  private static let ipInIP: UInt8 = 4
  private static let headerChecksumBytes = 24..<26

  private static func nextHop(_ frame: [UInt8]) -> MACAddress {
    EthernetFrame(frame.rawSpan)?.destination ?? .zero
  }

  private static func isARPRequest(_ frame: [UInt8]) -> Bool {
    guard let ethernet = EthernetFrame(frame.rawSpan), ethernet.etherType == .arp,
      let packet = ARPPacket(ethernet.payload)
    else { return false }
    return packet.operation == .request
  }

  /// The identification of an IPv4 packet, whatever else it says.
  private static func identification(_ frame: [UInt8]) -> UInt16 {
    frame.rawSpan.networkUInt16(at: identificationBytes.lowerBound)
  }

  /// The identification of a packet that the kernel made itself and lets others fragment; `nil` for
  /// all others, whose identification is stable.
  ///
  /// What hosts of the lab sent has been through the director's decrement of the time to live; a
  /// tunnel's outer header copies the result.
  private static func ownIdentification(_ frame: [UInt8]) -> UInt16? {
    guard let ethernet = EthernetFrame(frame.rawSpan), ethernet.etherType == .ipv4,
      ethernet.payload.byteCount >= IPv4Packet.minimumHeaderLength,
      frame[timeToLiveByte] == 64 || frame[protocolByte] == ipInIP,
      frame[flagsByte] & 0x40 == 0
    else { return nil }
    return identification(frame)
  }
}
