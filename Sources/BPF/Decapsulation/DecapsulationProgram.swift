/// The program that takes packets out of IPIP, GRE and GUE tunnels as they come in on a link.
///
/// It looks at copies of the headers on its stack, and touches nothing but what it takes out. The
/// outer IPv4 header, at 14 of the frame, has 20 bytes; with options it is left to the socket.
///
/// ```
///         14              34            r7 (kept7)
/// +-------+---------------+-------------+--------------------+--- - -
/// | MAC   | outer header  | GRE, or     | inner header       | ...
/// |       |               | UDP and GUE |                    |
/// +-------+---------------+-------------+--------------------+--- - -
/// ```
///
/// `kept6` is the context, `kept7` the offset of the inner header (before it is known: the fragment
/// bits), `kept8` the end of what the outer lengths cover, `kept9` the outer protocol.
package struct DecapsulationProgram: Sendable {
  let rules: DecapsulationRules
  /// Descriptors of the maps.
  let directors: Int32
  let addresses: Int32
  let counters: Int32

  package init(
    _ rules: DecapsulationRules, directors: Int32, addresses: Int32, counters: Int32
  ) {
    self.rules = rules
    self.directors = directors
    self.addresses = addresses
    self.counters = counters
  }

  /// The verdicts: go on to the next program, or to the stack; and out.
  package enum Verdict {
    package static let next: Int32 = -1
    package static let drop: Int32 = 2
  }

  package func assembler() -> Assembler {
    var program = Assembler()
    readOuter(&program)
    readPort(&program)
    judgeSource(&program)
    readGRE(&program)
    readGUE(&program)
    program.label("ipip")
    program.set(.kept7, Place.tunnel)
    readInner(&program)
    refuseNested(&program)
    mergeCongestion(&program)
    shorten(&program)
    conclude(&program)
    return program
  }
}

/// Where things are in the kernel's `struct __sk_buff`, in bytes.
enum PacketBuffer {
  static let length: Int16 = 0
  static let `protocol`: Int16 = 16
  /// The length of a superframe's segments; 0 for a frame as it came from the wire.
  static let segmentLength: Int16 = 176
}

/// Where things are in the frame, in bytes.
enum Place {
  static let outer: Int32 = 14
  static let tunnel: Int32 = 34
}

/// Where copies and keys are on the stack, in bytes behind its end.
enum Scratch {
  static let outer: Int16 = -24
  static let tunnel: Int16 = -40
  static let inner: Int16 = -64
  static let prefix: Int16 = -72
  static let event: Int16 = -76
  static let half: Int16 = -80
}

extension DecapsulationProgram {
  /// Copies `length` bytes at `offset` of the frame; jumps if there are not as many.
  func copy(
    _ length: Int32, at offset: Int32, to place: Int16, orElse label: Assembler.Label,
    _ program: inout Assembler
  ) {
    program.set(.second, offset)
    copyAtSecond(length, to: place, orElse: label, &program)
  }

  /// The same at the offset in `second`.
  func copyAtSecond(
    _ length: Int32, to place: Int16, orElse label: Assembler.Label, _ program: inout Assembler
  ) {
    program.set(.first, .kept6)
    program.setAddress(.third, .frame, place)
    program.set(.fourth, length)
    program.call(.packetLoad)
    program.jump(label, if: .result, .notEqual, 0)
  }

  /// Loads 16 bits in network order from the stack.
  func loadHalf(_ register: Register, _ place: Int16, _ program: inout Assembler) {
    program.load(.half, register, from: .frame, place)
    program.swapNetworkHalf(register)
  }

  /// Goes on with whole IPv4 packets without options of a protocol that tunnels have; leaves the
  /// protocol in `kept9`, the end in `kept8` and the fragment bits in `kept7`.
  private func readOuter(_ program: inout Assembler) {
    program.set(.kept6, .first)
    program.load(.word, .second, from: .kept6, PacketBuffer.protocol)
    program.swapNetworkHalf(.second)
    program.jump("pass", if: .second, .notEqual, 0x0800)
    copy(20, at: Place.outer, to: Scratch.outer, orElse: "pass", &program)
    program.load(.byte, .second, from: .frame, Scratch.outer)
    program.jump("pass", if: .second, .notEqual, 0x45)
    program.load(.byte, .kept9, from: .frame, Scratch.outer + 9)
    for encapsulation in Encapsulation.allCases where rules.encapsulations.contains(encapsulation) {
      program.jump("tunnel", if: .kept9, .equal, Int32(encapsulation.protocolNumber))
    }
    program.jump("pass")
    program.label("tunnel")
    refuseBadSum(&program)
    loadHalf(.kept8, Scratch.outer + 2, &program)
    program.jump("pass", if: .kept8, .below, 20)
    program.apply(.add, .kept8, Place.outer)
    program.load(.word, .second, from: .kept6, PacketBuffer.length)
    program.jump("pass", if: .kept8, .above, .second)
    loadHalf(.kept7, Scratch.outer + 6, &program)
    program.apply(.and, .kept7, 0x3fff)
  }

  /// Leaves packets alone whose header's sum is wrong: the kernel has not looked at it yet.
  private func refuseBadSum(_ program: inout Assembler) {
    program.set(.first, 0)
    for offset in stride(from: 0 as Int16, to: 20, by: 4) {
      program.load(.word, .second, from: .frame, Scratch.outer + offset)
      program.apply(.add, .first, .second)
    }
    // At most 35 bits, then 20, then 17, then 16.
    for shift: Int32 in [32, 16, 16] {
      program.set(.second, .first)
      program.apply(.shiftRight, .second, shift)
      program.apply(.shiftLeft, .first, 64 - shift)
      program.apply(.shiftRight, .first, 64 - shift)
      program.apply(.add, .first, .second)
    }
    program.jump("pass", if: .first, .notEqual, 0xffff)
  }

  /// UDP to another port is none of ours; of fragments only the first would tell.
  private func readPort(_ program: inout Assembler) {
    guard rules.encapsulations.contains(.gue) else { return }
    program.jump("source", if: .kept9, .notEqual, Int32(Encapsulation.gue.protocolNumber))
    program.jump("source", if: .kept7, .notEqual, 0)
    copy(4, at: Place.tunnel, to: Scratch.tunnel, orElse: "pass", &program)
    loadHalf(.second, Scratch.tunnel + 2, &program)
    program.jump("pass", if: .second, .notEqual, Int32(rules.port))
  }

  private func judgeSource(_ program: inout Assembler) {
    program.label("source")
    program.load(.word, .second, from: .frame, Scratch.outer + 12)
    program.lookUpAddress(.second, in: directors, keyAt: Scratch.prefix)
    program.jump("director", if: .result, .notEqual, 0)
    program.jump("pass", if: .kept7, .notEqual, 0)
    program.jump("stranger")
    program.label("director")
    program.jump("fragment", if: .kept7, .notEqual, 0)
    program.jump("ipip", if: .kept9, .equal, Int32(Encapsulation.ipip.protocolNumber))
    program.jump("gue", if: .kept9, .equal, Int32(Encapsulation.gue.protocolNumber))
  }

  /// GRE without anything, or with a checksum: what that covers has checksums of its own.
  private func readGRE(_ program: inout Assembler) {
    copy(4, at: Place.tunnel, to: Scratch.tunnel, orElse: "malformed", &program)
    loadHalf(.second, Scratch.tunnel + 2, &program)
    program.jump("unsupported", if: .second, .notEqual, 0x0800)
    loadHalf(.second, Scratch.tunnel, &program)
    program.set(.kept7, Place.tunnel + 4)
    program.jump("inner", if: .second, .equal, 0)
    program.set(.kept7, Place.tunnel + 8)
    program.jump("inner", if: .second, .equal, 0x8000)
    program.jump("unsupported")
  }

  /// GUE of version 0, data, no optional fields, IPv4 inside; the datagram bounds what is inside.
  private func readGUE(_ program: inout Assembler) {
    program.label("gue")
    copy(12, at: Place.tunnel, to: Scratch.tunnel, orElse: "malformed", &program)
    loadHalf(.second, Scratch.tunnel + 4, &program)
    program.apply(.add, .second, Place.tunnel)
    program.jump("malformed", if: .second, .above, .kept8)
    program.set(.kept8, .second)
    program.jump("malformed", if: .kept8, .below, Place.tunnel + 12)
    program.load(.word, .second, from: .frame, Scratch.tunnel + 8)
    program.swapNetworkWord(.second)
    program.jump("unsupported", if: .second, .notEqual, 0x0004_0000)
    program.set(.kept7, Place.tunnel + 12)
    program.jump("inner")
  }
}
