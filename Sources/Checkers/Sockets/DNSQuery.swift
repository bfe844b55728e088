import Health

/// A question to a name server (RFC 1035 section 4.1).
struct DNSQuery {
  let bytes: [UInt8]

  init(_ probe: DNSProbe, id: UInt16) {
    // Recursion desired, one question.
    var bytes: [UInt8] = [UInt8(id >> 8), UInt8(id & 0xff), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    for label in probe.name.split(separator: ".") {
      bytes.append(UInt8(truncatingIfNeeded: label.utf8.count))
      bytes += label.utf8
    }
    bytes += [0, 0, UInt8(probe.type.number), 0, 1]
    self.bytes = bytes
  }

  /// What `reply` means; `nil` if it answers another question.
  ///
  /// The header and the question must be there; the answers themselves are not read.
  func result(of reply: [UInt8]) -> CheckResult? {
    guard reply.count >= 12, reply[0] == bytes[0], reply[1] == bytes[1] else { return nil }
    guard reply[2] & 0xf8 == 0x80 else { return .failure(.malformed) }
    let code = Int(reply[3] & 0xf)
    let hasQuestion = reply[4] == 0 && reply[5] == 1
    if hasQuestion {
      let question = bytes.dropFirst(12)
      guard reply.count >= bytes.count,
        zip(reply.dropFirst(12), question).allSatisfy({ Self.folded($0) == Self.folded($1) })
      else { return nil }
    } else if code == 0 {
      return .failure(.malformed)
    }
    return code == 0 ? .success : .failure(.status(code))
  }

  /// Names are the same in upper and lower case.
  private static func folded(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}

extension DNSProbe.RecordType {
  /// The type's number (RFC 1035 section 3.2.2, RFC 3596).
  var number: Int {
    switch self {
    case .a: 1
    case .ns: 2
    case .cname: 5
    case .soa: 6
    case .mx: 15
    case .txt: 16
    case .aaaa: 28
    }
  }
}
