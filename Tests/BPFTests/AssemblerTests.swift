import Testing

@testable import BPF

/// The encodings are those of RFC 9669; the words were read off what clang makes of the same.
@Suite("The assembler")
struct AssemblerTests {
  private func words(_ write: (inout Assembler) -> Void) throws -> [UInt64] {
    var assembler = Assembler()
    write(&assembler)
    return try assembler.instructions().map(\.word)
  }

  @Test func valuesAreEncoded() throws {
    let found = try words { program in
      program.set(.kept6, .first)
      program.set(.result, -1)
      program.apply(.add, .second, -8)
      program.apply(.subtract, .second, .kept7)
      program.apply(.and, .third, 0x3fff)
      program.apply(.shiftRight, .fourth, 32)
      program.apply(.exclusiveOr, .fifth, .fifth)
      program.swapNetworkHalf(.kept9)
      program.swapNetworkWord(.second)
    }
    #expect(
      found == [
        0x0000_0000_0000_16bf, 0xffff_ffff_0000_00b7, 0xffff_fff8_0000_0207,
        0x0000_0000_0000_721f, 0x0000_3fff_0000_0357, 0x0000_0020_0000_0477,
        0x0000_0000_0000_55af, 0x0000_0010_0000_09dc, 0x0000_0020_0000_02dc,
      ])
  }

  @Test func memoryIsEncoded() throws {
    let found = try words { program in
      program.load(.word, .second, from: .kept6, 16)
      program.load(.double, .kept7, from: .kept6, 192)
      program.load(.half, .first, from: .frame, -22)
      program.load(.byte, .first, from: .frame, -24)
      program.store(.word, .second, to: .frame, -4)
      program.store(.double, .kept7, to: .result, 0)
      program.store(.word, constant: 32, to: .frame, -8)
      program.addAtomically(.first, to: .result, 0)
      program.setMap(.first, 5)
    }
    #expect(
      found == [
        0x0000_0000_0010_6261, 0x0000_0000_00c0_6779, 0x0000_0000_ffea_a169,
        0x0000_0000_ffe8_a171, 0x0000_0000_fffc_2a63, 0x0000_0000_0000_707b,
        0x0000_0020_fff8_0a62, 0x0000_0000_0000_10db, 0x0000_0005_0000_1118, 0,
      ])
  }

  @Test func jumpsGoForwardsAndBackwards() throws {
    let found = try words { program in
      program.label("top")
      program.jump("end", if: .result, .equal, 5)
      program.jump("end", if: .first, .above, .kept8)
      program.jump("top", if: .second, .anyOf, 0x3fff)
      program.jump("end")
      program.call(.mapLookup)
      program.label("end")
      program.exit()
    }
    #expect(
      found == [
        0x0000_0005_0004_0015, 0x0000_0000_0003_812d, 0x0000_3fff_fffd_0245,
        0x0000_0000_0001_0005, 0x0000_0001_0000_0085, 0x0000_0000_0000_0095,
      ])
  }

  @Test func theLargestDistanceIsReached() throws {
    func jump(over count: Int) throws -> [UInt64] {
      try words { program in
        program.jump("end")
        for _ in 0..<count { program.set(.result, 0) }
        program.label("end")
        program.exit()
      }
    }
    #expect(try jump(over: 32_767).first == 0x0000_0000_7fff_0005)
    #expect(throws: AssemblyError.jumpTooFar("end")) { try jump(over: 32_768) }
  }

  @Test func mistakesAreNamed() {
    #expect(throws: AssemblyError.labelMissing("nowhere")) {
      try words { program in
        program.jump("nowhere")
        program.exit()
      }
    }
    #expect(throws: AssemblyError.labelRepeated("twice")) {
      try words { program in
        program.label("twice")
        program.label("twice")
        program.exit()
      }
    }
    #expect(throws: AssemblyError.labelAtTheEnd("end")) {
      try words { program in
        program.jump("end")
        program.label("end")
      }
    }
  }

  @Test func everyProgramCanBePutTogether() throws {
    let programs = TOAPrograms(kind: 254, directors: 3, options: 4, counters: 5)
    #expect(try programs.socketOperations().instructions().count > 50)
    for isMapped in [false, true] {
      #expect(try programs.peerName(isMapped: isMapped).instructions().count > 10)
    }
    for mask in 1..<8 {
      let chosen = Encapsulation.allCases.enumerated().filter { mask >> $0.offset & 1 != 0 }
      let rules = DecapsulationRules(Set(chosen.map(\.element)), port: 6080)
      let program = DecapsulationProgram(rules, directors: 3, addresses: 4, counters: 5)
      #expect(try program.assembler().instructions().count > 100)
    }
  }
}
