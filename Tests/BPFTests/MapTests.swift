import TestSupport
import Testing
import Wire

@testable import BPF

@Suite("Maps", .enabled(if: TestNamespace.isPossible, "needs root and /dev/net/tun"))
struct MapTests {
  @Test func valuesAreKept() throws {
    let map = try BPFMap("test", BPFMap.Shape(.hash, keySize: 4, valueSize: 4, capacity: 2))
    try map.set([1, 2, 3, 4], [5, 0, 0, 0])
    try map.set([1, 2, 3, 5], [6, 0, 0, 0])
    #expect(map.value(of: [1, 2, 3, 4]) == [5, 0, 0, 0])
    #expect(Set(map.keys) == [[1, 2, 3, 4], [1, 2, 3, 5]])
    let error = #expect(throws: BPFError.self) { try map.set([9, 9, 9, 9], [0, 0, 0, 0]) }
    #expect(error?.message == "map test takes no more than 2 entries")
    map.remove([1, 2, 3, 4])
    #expect(map.value(of: [1, 2, 3, 4]) == nil)
    #expect(map.keys == [[1, 2, 3, 5]])
  }

  @Test func prefixesAreReplaced() throws {
    let map = try PrefixMap("test")
    let first = IPv4Prefix(IPv4Address(10, 1, 0, 0), length: 16)
    let second = IPv4Prefix(IPv4Address(10, 2, 0, 1), length: 32)
    func finds(_ address: IPv4Address) -> Bool {
      map.map.value(of: UInt32(32).nativeBytes + address.networkBytes) != nil
    }
    try map.replace(with: [first])
    #expect(finds(IPv4Address(10, 1, 9, 9)))
    #expect(!finds(IPv4Address(10, 2, 0, 1)))
    try map.replace(with: [second])
    #expect(!finds(IPv4Address(10, 1, 9, 9)))
    #expect(finds(IPv4Address(10, 2, 0, 1)))
    #expect(!finds(IPv4Address(10, 2, 0, 2)))
    #expect(map.map.keys.count == 1)
  }

  @Test func aCounterStartsAtZero() throws {
    let counters = try Counters<TOAEvent>()
    try counters.map.set([2, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0, 0])
    #expect(counters[.missing] == 256)
    #expect(counters[.learnedLater] == 0)
  }

  @Test func socketStorageIsMade() throws {
    let shape = BPFMap.Shape(.socketStorage, keySize: 4, valueSize: 8, capacity: 0)
    #expect(try BPFMap("test", shape).descriptor.number >= 0)
  }

  @Test func theVerifierIsQuoted() {
    var program = Assembler()
    program.load(.double, .result, from: .kept7, 0)
    program.exit()
    let error = #expect(throws: BPFError.self) { try BPFProgram("test", .ingress, program) }
    #expect(error?.reason == .refused)
    #expect(error?.message.contains("the verifier: R7 !read_ok") == true, "\(error?.message ?? "")")
    #expect(error?.log.contains("r0 = *(u64 *)(r7 +0)") == true)
  }
}
