import Testing

@testable import BPF

@Suite("Type information")
struct TypeInformationTests {
  @Test func integersAreDescribed() {
    var types = TypeInformation()
    #expect(types.addInteger("u32", size: 4) == 1)
    #expect(types.addInteger("u64", size: 8) == 2)
    let words: [UInt32] = [
      // Magic, version and flags; lengths of header, types before the types, types; then strings.
      0x0001_eb9f, 24, 0, 32, 32, 9,
      // Name, kind, size, bits.
      1, 0x0100_0000, 4, 32,
      5, 0x0100_0000, 8, 64,
    ]
    let strings = Array("\0u32\0u64\0".utf8)
    #expect(types.bytes == words.flatMap(\.nativeBytes) + strings)
  }

  @Test func numbersAreLaidOutAsInMemory() {
    #expect(UInt32(0x0102_0304).nativeBytes == [4, 3, 2, 1])
    #expect(UInt64(1).nativeBytes == [1, 0, 0, 0, 0, 0, 0, 0])
  }
}
