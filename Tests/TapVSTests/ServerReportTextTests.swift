import RealServer
import Testing

@testable import tapvs

@Suite struct ServerReportTextTests {
  private let report = ServerReport(
    mode: .dr,
    items: [
      Finding("device lo", found: "on", wanted: "on", problem: nil),
      Finding("VIP 10.0.0.1", found: "nowhere", wanted: "/32 on lo", problem: "add it"),
    ])

  @Test func peopleSeeATable() {
    #expect(
      ServerReportText.text(report) == """
        mode dr

        ITEM          FOUND    WANTED     RESULT
        device lo     on       on         ok
        VIP 10.0.0.1  nowhere  /32 on lo  add it

        """)
    #expect(!report.isRight)
  }

  @Test func programsSeeAll() throws {
    let json = try JSONText.document(report)
    for line in [
      #""mode" : "dr""#, #""ok" : false"#, #""ok" : true"#, #""problem" : "add it""#,
      #""wanted" : "/32 on lo""#,
    ] {
      #expect(json.contains(line), "\(line)")
    }
  }
}
