import LinkIO
import Testing

@Suite("Offload levels")
struct OffloadLevelTests {
  @Test func namesAreThoseOfTheConfiguration() {
    #expect(
      OffloadLevel.allCases.map(\.rawValue)
        == ["full", "no-uso", "no-ecn", "checksum", "none", "plain"])
    #expect(OffloadLevel.allCases.map(\.mask) == [0x7f, 0x0f, 0x07, 0x01, 0, 0])
    #expect(OffloadLevel(rawValue: "whole") == nil)
  }

  @Test func eachRungIsBelowThoseBefore() {
    for (place, level) in OffloadLevel.allCases.enumerated() {
      for (otherPlace, other) in OffloadLevel.allCases.enumerated() {
        #expect(level.isBelow(other) == (place > otherPlace), "\(level) and \(other)")
      }
      #expect(Array(level.andBelow) == Array(OffloadLevel.allCases[place...]))
    }
  }

  @Test func onlyAPlainPortLowersTheOthers() {
    #expect(OffloadLevel.ceiling(for: []) == .full)
    #expect(OffloadLevel.ceiling(for: [.full, .whole, .checksum]) == .full)
    #expect(OffloadLevel.ceiling(for: [.full, .plain]) == .whole)
    #expect(OffloadLevel.ceiling(for: [.plain]) == .whole)
  }
}
