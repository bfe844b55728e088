package import BPF
package import Wire

/// A frame that comes in on a real server, and what has to become of it.
package struct TunnelCase: Sendable, CustomStringConvertible {
  package let name: String
  package let frame: [UInt8]
  /// `nil` for what is none of ours: left alone, and not counted.
  package let event: DecapsulationEvent?
  /// The frame that has to come out; the same, unless the event is `taken`.
  package let result: [UInt8]

  package var description: String { name }
}

/// Frames of tunnels, good and bad, for a server that believes 10.2.0.0/24 and has 10.9.9.9.
package enum TunnelFrames {
  package static let directors = [IPv4Prefix(IPv4Address(10, 2, 0, 0), length: 24)]
  package static let addresses = [IPv4Address(10, 9, 9, 9)]
  package static let port: UInt16 = 6080
  package static let rules = DecapsulationRules(Set(Encapsulation.allCases), port: port)

  static let director = IPv4Address(10, 2, 0, 1)
  static let server = IPv4Address(172, 16, 1, 2)
  static let client = IPv4Address(198, 51, 100, 7)
  static let virtual = IPv4Address(10, 9, 9, 9)
  private static let ethernet: [UInt8] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]

  /// An IPv4 packet; `total` is what its length field says, if not the truth.
  static func packet(
    _ number: UInt8, from source: IPv4Address = client, to destination: IPv4Address = virtual,
    service: UInt8 = 0, fragment: UInt16 = 0x4000, options: [UInt8] = [], total: Int? = nil,
    _ payload: [UInt8]
  ) -> [UInt8] {
    let length = total ?? 20 + options.count + payload.count
    var header: [UInt8] = [
      0x40 | UInt8(5 + options.count / 4), service, UInt8(length >> 8), UInt8(length & 0xff), 0, 7,
      UInt8(fragment >> 8), UInt8(fragment & 0xff), 63, number, 0, 0,
    ]
    header += source.networkBytes + destination.networkBytes + options
    let sum = InternetChecksum.checksum(of: header.rawSpan)
    header[10] = UInt8(sum >> 8)
    header[11] = UInt8(sum & 0xff)
    return header + payload
  }

  /// A datagram; `length` is what its length field says, if not the truth.
  static func datagram(to port: UInt16, length: Int? = nil, _ payload: [UInt8]) -> [UInt8] {
    let length = length ?? 8 + payload.count
    return [
      0xc0, 0x01, UInt8(port >> 8), UInt8(port & 0xff), UInt8(length >> 8), UInt8(length & 0xff),
      0, 0,
    ] + payload
  }

  /// A segment of TCP with ten bytes of data; nobody looks at it.
  static let segment: [UInt8] = [0x9c, 0x40, 0, 80] + [UInt8](repeating: 0x50, count: 26)

  static let inner = packet(6, segment)

  /// How each form wraps `inside`.
  static let wrappings: [(name: String, number: UInt8, wrap: @Sendable ([UInt8]) -> [UInt8])] = [
    ("ipip", 4, { $0 }),
    ("gre", 47, { [0, 0, 8, 0] + $0 }),
    ("gre-checksum", 47, { [0x80, 0, 8, 0, 0x12, 0x34, 0, 0] + $0 }),
    ("gue", 17, { datagram(to: port, [0, 4, 0, 0] + $0) }),
  ]

  static func tunnelCase(
    _ name: String, _ event: DecapsulationEvent?, _ outer: [UInt8], result: [UInt8]? = nil
  ) -> TunnelCase {
    let frame = ethernet + outer
    return TunnelCase(
      name: name, frame: frame, event: event, result: result.map { ethernet + $0 } ?? frame)
  }

  /// All of them.
  package static let all: [TunnelCase] =
    wrappings.flatMap { forms($0.name, $0.number, $0.wrap) } + strangers + refusedForms

  /// What can be wrapped in any form.
  private static func forms(
    _ name: String, _ number: UInt8, _ wrap: ([UInt8]) -> [UInt8]
  ) -> [TunnelCase] {
    func outer(
      _ inside: [UInt8], from source: IPv4Address = director, service: UInt8 = 0,
      fragment: UInt16 = 0x4000
    ) -> [UInt8] {
      packet(number, from: source, to: server, service: service, fragment: fragment, wrap(inside))
    }
    func form(
      _ what: String, _ event: DecapsulationEvent, _ inside: [UInt8], result: [UInt8]? = nil
    ) -> TunnelCase {
      tunnelCase("\(name): \(what)", event, outer(inside), result: result)
    }
    let padded = outer(inner) + [UInt8](repeating: 0, count: 12)
    let long = packet(6, segment + [UInt8](repeating: 0x61, count: 1200))
    let optional = packet(6, options: [UInt8](repeating: 1, count: 40), segment)
    let later = packet(17, fragment: 0x00b9, datagram(to: port, []))
    let ended = packet(6, total: 30, segment)
    var version = inner
    version[0] = 0x65
    var short = inner
    short[0] = 0x44
    let marked = { (service: UInt8) in packet(6, service: service, segment) }
    return [
      form("good", .taken, inner, result: inner),
      form("a long one", .taken, long, result: long),
      form("with options inside", .taken, optional, result: optional),
      form("a fragment inside", .taken, later, result: later),
      form(
        "a datagram inside", .taken, packet(17, datagram(to: 53, [1])),
        result: packet(17, datagram(to: 53, [1]))),
      form("bytes behind what is inside", .taken, ended, result: ended),
      tunnelCase(
        "\(name): padding", .taken, padded, result: inner + [UInt8](repeating: 0, count: 12)),
      form("another address", .notVirtual, packet(6, to: IPv4Address(10, 9, 9, 8), segment)),
      form("IPv6 inside", .unsupported, version),
      form("header too short", .malformed, short),
      form("longer than the outer", .malformed, packet(6, total: 51, segment)),
      form("shorter than its header", .malformed, packet(6, total: 19, segment)),
      form("length 0", .malformed, packet(6, total: 0, segment)),
      form(
        "options beyond its length", .malformed,
        packet(6, options: [1, 1, 1, 1], total: 20, segment)),
      form("cut off", .malformed, Array(inner.prefix(19))),
      form("empty", .malformed, []),
      form("IPIP inside", .nested, packet(4, inner)),
      form("IPv6 in IPv4 inside", .nested, packet(41, inner)),
      form("GRE inside", .nested, packet(47, [0, 0, 8, 0] + inner)),
      form("GUE inside", .nested, packet(17, datagram(to: port, [0, 4, 0, 0] + inner))),
      form(
        "GUE behind options inside", .nested,
        packet(17, options: [1, 1, 1, 1], datagram(to: port, inner))),
      tunnelCase(
        "\(name): not a director", .stranger, outer(inner, from: IPv4Address(10, 2, 1, 1))),
      tunnelCase("\(name): first fragment", .fragment, outer(inner, fragment: 0x2000)),
      tunnelCase("\(name): later fragment", .fragment, outer(inner, fragment: 0x0003)),
      tunnelCase(
        "\(name): a stranger's fragment", nil, outer(inner, from: client, fragment: 0x2000)),
      tunnelCase(
        "\(name): marked, ECT(0)", .taken, outer(marked(2), service: 3), result: marked(3)),
      tunnelCase(
        "\(name): marked, ECT(1)", .taken, outer(marked(0x29), service: 3), result: marked(0x2b)),
      tunnelCase("\(name): marked twice", .taken, outer(marked(3), service: 3), result: marked(3)),
      tunnelCase(
        "\(name): datagrams, marked", .taken,
        outer(packet(17, service: 2, datagram(to: 53, [1])), service: 3),
        result: packet(17, service: 3, datagram(to: 53, [1]))),
      tunnelCase("\(name): marked, but not inside", .congested, outer(marked(0), service: 3)),
      tunnelCase("\(name): ECT outside", .taken, outer(marked(0), service: 2), result: marked(0)),
    ]
  }

  /// What is no tunnel's, or not whole.
  private static let strangers: [TunnelCase] = {
    var sum = packet(4, from: director, to: server, inner)
    sum[11] ^= 1
    var version = packet(4, from: director, to: server, inner)
    version[0] = 0x65
    let good = packet(4, from: director, to: server, inner)
    return [
      tunnelCase("plain TCP", nil, packet(6, from: director, to: server, segment)),
      tunnelCase("DNS", nil, packet(17, from: director, to: server, datagram(to: 53, inner))),
      tunnelCase("wrong sum", nil, sum),
      tunnelCase("wrong version", nil, version),
      tunnelCase(
        "options outside", nil, packet(4, from: director, to: server, options: [1, 1, 1, 1], inner)),
      tunnelCase(
        "total length beyond the frame", nil,
        packet(4, from: director, to: server, total: 71, inner)),
      tunnelCase(
        "total length below the header", nil,
        packet(4, from: director, to: server, total: 19, inner)),
      tunnelCase("cut off outside", nil, Array(good.prefix(20))),
      tunnelCase("UDP without ports", nil, packet(17, from: director, to: server, [1, 2, 3])),
      TunnelCase(
        name: "ARP", frame: Array(ethernet.prefix(13)) + [6] + good, event: nil,
        result: Array(ethernet.prefix(13)) + [6] + good),
    ]
  }()

  /// Headers between the two that no director of ours writes.
  private static let refusedForms: [TunnelCase] = {
    func gre(_ header: [UInt8]) -> [UInt8] {
      packet(47, from: director, to: server, header + inner)
    }
    func gue(_ header: [UInt8], length: Int? = nil) -> [UInt8] {
      packet(17, from: director, to: server, datagram(to: port, length: length, header + inner))
    }
    return [
      tunnelCase("GRE with a key", .unsupported, gre([0x20, 0, 8, 0, 0, 0, 0, 7])),
      tunnelCase("GRE with numbers", .unsupported, gre([0x10, 0, 8, 0, 0, 0, 0, 7])),
      tunnelCase("GRE with a route", .unsupported, gre([0x40, 0, 8, 0, 0, 0, 0, 0])),
      tunnelCase("GRE version 1", .unsupported, gre([0, 1, 8, 0])),
      tunnelCase("GRE with IPv6", .unsupported, gre([0, 0, 0x86, 0xdd])),
      tunnelCase("GRE with Ethernet", .unsupported, gre([0, 0, 0x65, 0x58])),
      tunnelCase("GRE of 3 bytes", .malformed, packet(47, from: director, to: server, [0, 0, 8])),
      tunnelCase("GUE version 1", .unsupported, gue([0x45, 4, 0, 0])),
      tunnelCase("GUE control", .unsupported, gue([0x20, 4, 0, 0])),
      tunnelCase("GUE with options", .unsupported, gue([1, 4, 0, 1, 0, 0, 0, 0])),
      tunnelCase("GUE with flags", .unsupported, gue([0, 4, 0, 1])),
      tunnelCase("GUE with IPv6", .unsupported, gue([0, 41, 0, 0])),
      tunnelCase("GUE, UDP too long", .malformed, gue([0, 4, 0, 0], length: 63)),
      tunnelCase("GUE, UDP too short", .malformed, gue([0, 4, 0, 0], length: 31)),
      tunnelCase("GUE, UDP of 8", .malformed, gue([0, 4, 0, 0], length: 8)),
      tunnelCase("GUE, UDP of 0", .malformed, gue([0, 4, 0, 0], length: 0)),
      tunnelCase(
        "GUE of 3 bytes", .malformed,
        packet(17, from: director, to: server, datagram(to: port, [0, 4, 0]))),
    ]
  }()
}
