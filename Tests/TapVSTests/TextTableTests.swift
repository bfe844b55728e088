import Control
import Testing

@testable import tapvs

@Suite struct TextTableTests {
  @Test func columnsAreAsWideAsTheirWidestCell() {
    var table = TextTable([.text("NAME"), .number("COUNT"), .text("NOTE")])
    table.add(["a", "1", "x"])
    table.add(["longer", "1234567"])
    table.add(["b", "12", ""])
    #expect(
      table.text == """
        NAME      COUNT  NOTE
        a             1  x
        longer  1234567
        b            12

        """)
  }

  @Test func aWidthGivenHoldsForTheHeaderAlone() {
    let table = TextTable([.text("A", width: 5), .number("B", width: 3)])
    #expect(table.header == "A        B\n")
    #expect(table.body.isEmpty)
    #expect(table.isEmpty)
  }

  @Test func aConnectionAlignsWithTheHeader() {
    let line = ConnectionsText.body([
      .init(
        protocol: "tcp", client: "255.255.255.255:65535", virtual: "10.0.0.1:80",
        destination: "10.0.0.2:8080", state: "established", expires: 899)
    ])
    #expect(
      ConnectionsText.header + line == """
        PROTOCOL  CLIENT                 VIRTUAL                DESTINATION            \
        STATE         EXPIRES
        tcp       255.255.255.255:65535  10.0.0.1:80            10.0.0.2:8080          \
        established      899s

        """)
  }
}
