import Frames
import Testing

@Suite struct DropReasonTests {
  @Test func namesAreUnique() {
    let names = DropReason.allCases.map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: DropReason.allCases)
  func namesAreKebabCase(reason: DropReason) {
    let words = reason.name.split(separator: "-", omittingEmptySubsequences: false)
    #expect(
      words.allSatisfy { word in
        !word.isEmpty && word.utf8.allSatisfy { (0x61...0x7a).contains($0) }
      }, "\(reason.name)")
  }

  @Test func namesFollowTheCases() {
    #expect(DropReason.frameTruncated.name == "frame-truncated")
    #expect(DropReason.arpNotForUs.name == "arp-not-for-us")
    #expect(DropReason.connectionTableFull.name == "connection-table-full")
  }

  /// Counters are kept by raw value: no gaps.
  @Test func rawValuesCountUp() {
    #expect(DropReason.allCases.map { Int($0.rawValue) } == Array(0..<DropReason.allCases.count))
  }
}

@Suite struct PortIndexTests {
  @Test func keepsThePlace() {
    #expect(PortIndex(0).index == 0)
    #expect(PortIndex(15).rawValue == 15)
  }

  @Test func trapsOutsideOfItsRange() async {
    await #expect(processExitsWith: .failure) { _ = PortIndex(16) }
    await #expect(processExitsWith: .failure) { _ = PortIndex(-1) }
  }
}
