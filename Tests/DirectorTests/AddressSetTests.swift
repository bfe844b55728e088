import TestSupport
import Testing
import Wire

@testable import Director

@Suite struct AddressSetTests {
  @Test(arguments: [0, 1, 4, 17, 300])
  func behavesAsASet(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let addresses = (0..<count).map { _ in
      IPv4Address(rawValue: 0xc000_0200 + UInt32.random(in: 0..<512, using: &random))
    }
    let set = AddressSet(addresses)
    let model = Set(addresses)
    for host in UInt32(0)..<512 {
      let address = IPv4Address(rawValue: 0xc000_0200 + host)
      let isMember = set.contains(address)
      #expect(isMember == model.contains(address))
    }
  }

  @Test func neverHoldsTheUnspecifiedAddress() {
    let set = AddressSet([.unspecified, .broadcast])
    let holdsUnspecified = set.contains(.unspecified)
    let holdsBroadcast = set.contains(.broadcast)
    #expect(!holdsUnspecified)
    #expect(holdsBroadcast)
  }
}
