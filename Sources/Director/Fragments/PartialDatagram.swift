import Frames
import Wire

/// The fragments of one datagram that have come so far.
struct PartialDatagram: Sendable {
  /// The most fragments of one datagram: 64 KiB in pieces of 276 bytes.
  static let fragmentLimit = 256

  private struct Piece: Sendable {
    let range: Range<Int>
    let bytes: [UInt8]
  }

  /// In the order of their places; none overlaps another.
  private var pieces: [Piece] = []
  /// The length in bytes of the datagram's payload, once the last fragment has come.
  private var payloadLength: Int?
  private var receivedLength = 0
  /// The longest fragment as an IP packet, and the longest that must not be fragmented, in bytes.
  private var longest = 0
  private var longestUnfragmentable = 0
  /// Which values of the congestion field came, one bit each.
  private var congestionValues: UInt8 = 0

  /// The frame of the fragment at offset 0, once it has come.
  private(set) var firstFrame: [UInt8] = []
  private var firstHeaderLength = 0

  /// When the first of its fragments came.
  let began: Instant

  var fragmentCount: Int { pieces.count }

  /// What it takes, in bytes, with what keeping a fragment costs.
  var memory: Int { receivedLength + firstFrame.count + pieces.count * Self.fragmentCost }

  private static let fragmentCost = 64

  init(at now: Instant) {
    began = now
  }

  /// Takes note of a fragment whose frame is `frame`; answers why not, and whether the datagram is
  /// spoilt by it.
  mutating func add(_ fragment: FragmentFields, frame: RawSpan) -> Refusal? {
    if covers(fragment.range) { return .duplicate }
    guard !pieces.contains(where: { $0.range.overlaps(fragment.range) }) else { return .overlap }
    guard pieces.count < Self.fragmentLimit else { return .impossible }
    if let payloadLength, fragment.range.upperBound > payloadLength || fragment.isLast {
      return .impossible
    }
    if fragment.isLast {
      guard (pieces.last?.range.upperBound ?? 0) <= fragment.range.lowerBound
      else { return .impossible }
      payloadLength = fragment.range.upperBound
    }
    let payloadStart = EthernetFrame.headerLength + fragment.headerLength
    let payload = frame.extracting(payloadStart..<payloadStart + fragment.range.count)
    let place = pieces.firstIndex { $0.range.lowerBound > fragment.range.lowerBound }
    pieces.insert(
      Piece(range: fragment.range, bytes: [UInt8](copying: payload)), at: place ?? pieces.count)
    receivedLength += fragment.range.count
    longest = max(longest, fragment.totalLength)
    if fragment.dontFragment {
      longestUnfragmentable = max(longestUnfragmentable, fragment.totalLength)
    }
    congestionValues |= 1 << fragment.congestion
    if fragment.range.lowerBound == 0 {
      firstFrame = [UInt8](copying: frame.extracting(first: payloadStart + fragment.range.count))
      firstHeaderLength = fragment.headerLength
    }
    return nil
  }

  /// Why a fragment is not taken.
  enum Refusal {
    /// Its bytes are there already.
    case duplicate
    /// Some of its bytes are; the datagram is spoilt.
    case overlap
    /// It contradicts the others; the datagram is spoilt.
    case impossible
  }

  /// Whether every byte of `range` has come.
  private func covers(_ range: Range<Int>) -> Bool {
    var next = range.lowerBound
    for piece in pieces where piece.range.lowerBound <= next && next < range.upperBound {
      next = max(next, piece.range.upperBound)
    }
    return next >= range.upperBound
  }

  /// Whether everything has come.
  var isComplete: Bool { payloadLength == receivedLength && !firstFrame.isEmpty }

  /// The longest fragment that came, as an IP packet, in bytes.
  var largestFragment: Int { longest }

  /// The frame of the whole datagram; `nil` when it is longer than an IP packet can be, or its
  /// fragments disagree on whether congestion can be noted (RFC 3168 section 5.3).
  ///
  /// It must not be fragmented when the longest fragment must not be (`net/ipv4/ip_fragment.c`).
  func assemble() -> [UInt8]? {
    let totalLength = firstHeaderLength + receivedLength
    guard totalLength <= 65_535, let congestion = mergedCongestion else { return nil }
    var frame = Array(firstFrame[..<(EthernetFrame.headerLength + firstHeaderLength)])
    for piece in pieces { frame += piece.bytes }
    let isUnfragmentable = longestUnfragmentable == longest
    let header = EthernetFrame.headerLength..<EthernetFrame.headerLength + firstHeaderLength
    frame.withMutableRawSpan { bytes in
      var bytes = bytes
      let start = header.lowerBound
      let service = bytes.bytes.octet(at: start + 1)
      bytes.storeOctet(service & ~3 | congestion, at: start + 1)
      bytes.storeNetwork(UInt16(totalLength), at: start + 2)
      bytes.storeNetwork(isUnfragmentable ? 0x4000 as UInt16 : 0, at: start + 6)
      bytes.storeNetwork(0 as UInt16, at: start + 10)
      let checksum = InternetChecksum.checksum(of: bytes.bytes.extracting(header))
      bytes.storeNetwork(checksum, at: start + 10)
    }
    return frame
  }

  /// The congestion field of the whole: experienced if any fragment says so; `nil` when some say so
  /// and others that they cannot.
  private var mergedCongestion: UInt8? {
    let notCapable: UInt8 = 1 << 0
    let experienced: UInt8 = 1 << 3
    if congestionValues & experienced == 0 { return firstFrame[EthernetFrame.headerLength + 1] & 3 }
    return congestionValues & notCapable == 0 ? 3 : nil
  }
}
