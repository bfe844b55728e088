/// What the program does with the packet inside.
extension DecapsulationProgram {
  /// Goes on with IPv4 packets for a virtual address that lie inside of the outer one; leaves the
  /// length of the header in `kept9`.
  func readInner(_ program: inout Assembler) {
    program.label("inner")
    program.set(.second, .kept7)
    program.apply(.add, .second, 20)
    program.jump("malformed", if: .second, .above, .kept8)
    program.set(.second, .kept7)
    copyAtSecond(20, to: Scratch.inner, orElse: "malformed", &program)
    program.load(.byte, .kept9, from: .frame, Scratch.inner)
    program.set(.second, .kept9)
    program.apply(.shiftRight, .second, 4)
    program.jump("unsupported", if: .second, .notEqual, 4)
    program.lookUp(in: addresses, keyAt: Scratch.inner + 16)
    program.jump("not-virtual", if: .result, .equal, 0)
    program.apply(.and, .kept9, 0xf)
    program.apply(.shiftLeft, .kept9, 2)
    program.jump("malformed", if: .kept9, .below, 20)
    loadHalf(.second, Scratch.inner + 2, &program)
    program.jump("malformed", if: .second, .below, .kept9)
    program.apply(.add, .second, .kept7)
    program.jump("malformed", if: .second, .above, .kept8)
    leaveSuperframes(&program)
  }

  /// Goes on with single frames and with superframes of segments, at whose end `second` points.
  private func leaveSuperframes(_ program: inout Assembler) {
    program.load(.word, .third, from: .kept6, PacketBuffer.segmentLength)
    program.jump("single", if: .third, .equal, 0)
    // Of outer datagrams: each has an inner packet of its own, and the first is not all.
    program.jump("impossible", if: .second, .notEqual, .kept8)
    // Of datagrams in UDP: taken out they stay marked as a tunnel's, and the kernel, which has to cut them
    // for their socket, looks for the tunnel in vain and drops them (Linux 6.18, `udp4_ufo_fragment`).
    program.load(.byte, .second, from: .frame, Scratch.outer + 9)
    program.jump("single", if: .second, .notEqual, Int32(Encapsulation.gue.protocolNumber))
    program.load(.byte, .second, from: .frame, Scratch.inner + 9)
    program.jump("impossible", if: .second, .equal, 17)
    program.label("single")
  }

  /// A tunnel inside would be opened by the socket, or by whoever listens to the GUE port.
  func refuseNested(_ program: inout Assembler) {
    program.load(.byte, .second, from: .frame, Scratch.inner + 9)
    for number in [4, 41, 47] as [Int32] {
      program.jump("nested", if: .second, .equal, number)
    }
    guard rules.encapsulations.contains(.gue) else { return }
    program.jump("apart", if: .second, .notEqual, Int32(Encapsulation.gue.protocolNumber))
    // A later fragment has no ports.
    loadHalf(.second, Scratch.inner + 6, &program)
    program.jump("apart", if: .second, .anyOf, 0x1fff)
    program.set(.second, .kept7)
    program.apply(.add, .second, .kept9)
    program.apply(.add, .second, 2)
    copyAtSecond(2, to: Scratch.half, orElse: "apart", &program)
    loadHalf(.second, Scratch.half, &program)
    program.jump("nested", if: .second, .equal, Int32(rules.port))
    program.label("apart")
  }

  /// Gives the packet inside the mark of congestion that the outer one met with (RFC 6040 section
  /// 4.2), and keeps its header's sum.
  func mergeCongestion(_ program: inout Assembler) {
    program.load(.byte, .second, from: .frame, Scratch.outer + 1)
    program.apply(.and, .second, 3)
    program.jump("unmarked", if: .second, .notEqual, 3)
    program.load(.byte, .second, from: .frame, Scratch.inner + 1)
    program.set(.third, .second)
    program.apply(.and, .third, 3)
    program.jump("congested", if: .third, .equal, 0)
    program.jump("unmarked", if: .third, .equal, 3)
    program.apply(.or, .second, 3)
    program.store(.byte, .second, to: .frame, Scratch.inner + 1)
    // The sum is a complement: what a word gains, it loses, with a borrow from the top to the bottom.
    loadHalf(.second, Scratch.inner + 10, &program)
    program.apply(.add, .second, 0xffff - 3)
    program.apply(.add, .second, .third)
    program.set(.third, .second)
    program.apply(.shiftRight, .third, 16)
    program.apply(.add, .second, .third)
    program.swapNetworkHalf(.second)
    program.store(.half, .second, to: .frame, Scratch.inner + 10)
    program.set(.first, .kept6)
    program.set(.second, .kept7)
    program.setAddress(.third, .frame, Scratch.inner)
    program.set(.fourth, 12)
    program.set(.fifth, 0)
    program.call(.packetStore)
    program.label("unmarked")
  }

  /// Takes the outer headers away; a superframe's segments keep their length.
  func shorten(_ program: inout Assembler) {
    program.set(.first, .kept6)
    program.set(.second, Place.outer)
    program.apply(.subtract, .second, .kept7)
    // BPF_ADJ_ROOM_MAC: behind the Ethernet header.
    program.set(.third, 1)
    // BPF_F_ADJ_ROOM_FIXED_GSO.
    program.set(.fourth, 1)
    program.call(.packetAdjustRoom)
    program.jump("impossible", if: .result, .notEqual, 0)
  }

  /// Counts what happened and answers the verdict.
  func conclude(_ program: inout Assembler) {
    store(.taken, &program)
    program.set(.kept7, Verdict.next)
    program.jump("count")
    for (label, event) in Self.leftAlone {
      program.label(label)
      store(event, &program)
      program.set(.kept7, Verdict.next)
      program.jump("count")
    }
    for (label, event) in Self.dropped {
      program.label(label)
      store(event, &program)
      program.set(.kept7, Verdict.drop)
      program.jump("count")
    }
    program.label("count")
    program.count(in: counters, indexAt: Scratch.event, "counted")
    program.set(.result, .kept7)
    program.exit()
    program.label("pass")
    program.set(.result, Verdict.next)
    program.exit()
  }

  private static let leftAlone: [(Assembler.Label, DecapsulationEvent)] = [
    ("fragment", .fragment), ("stranger", .stranger), ("not-virtual", .notVirtual),
    ("unsupported", .unsupported), ("impossible", .impossible),
  ]

  private static let dropped: [(Assembler.Label, DecapsulationEvent)] = [
    ("malformed", .malformed), ("nested", .nested), ("congested", .congested),
  ]

  private func store(_ event: DecapsulationEvent, _ program: inout Assembler) {
    program.store(.word, constant: Int32(event.rawValue), to: .frame, Scratch.event)
  }
}
