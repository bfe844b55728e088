import Wire

extension TestFrame {
  /// Swaps link addresses, addresses and ports, as the other end's answer has them; checksums stay as
  /// right as they are.
  package mutating func exchangeEnds() {
    exchange(0..<6, 6..<12)
    guard bytes.count >= 34, bytes[12] == 8, bytes[13] == 0 else { return }
    exchange(26..<30, 30..<34)
    let transport = 14 + Int(bytes[14] & 15) * 4
    if bytes[23] == IPProtocol.tcp.rawValue || bytes[23] == IPProtocol.udp.rawValue {
      exchange(transport..<transport + 2, transport + 2..<transport + 4)
    }
  }

  private mutating func exchange(_ first: Range<Int>, _ second: Range<Int>) {
    guard second.upperBound <= bytes.count else { return }
    let kept = Array(bytes[first])
    bytes.replaceSubrange(first, with: Array(bytes[second]))
    bytes.replaceSubrange(second, with: kept)
  }
}
