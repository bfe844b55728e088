import Configuration
import Testing

/// Each mistake is found where it is, and nothing else with it.
@Suite struct RefusalTests {
  @Test(arguments: Mistake.table("keys")) func keys(_ mistake: Mistake) {
    expectFindings(of: mistake)
  }

  @Test(arguments: Mistake.table("numbers")) func numbers(_ mistake: Mistake) {
    expectFindings(of: mistake)
  }

  @Test(arguments: Mistake.table("durations")) func durations(_ mistake: Mistake) {
    expectFindings(of: mistake)
  }

  @Test(arguments: Mistake.table("words")) func words(_ mistake: Mistake) {
    expectFindings(of: mistake)
  }

  @Test(arguments: Mistake.table("addresses")) func addresses(_ mistake: Mistake) {
    expectFindings(of: mistake)
  }

  @Test(arguments: Mistake.table("ways")) func ways(_ mistake: Mistake) {
    expectFindings(of: mistake)
  }

  @Test(arguments: Mistake.table("tunnels", in: Fixture.methods)) func tunnels(_ mistake: Mistake) {
    expectFindings(of: mistake)
  }

  @Test(arguments: Mistake.table("fullnat", in: Fixture.methods)) func fullNAT(_ mistake: Mistake) {
    expectFindings(of: mistake)
  }

  @Test(arguments: Mistake.table("checks")) func checks(_ mistake: Mistake) {
    expectFindings(of: mistake)
  }

  @Test(arguments: Mistake.table("syntax")) func syntax(_ mistake: Mistake) {
    expectFindings(of: mistake)
  }

  /// The tables are there and were read: a lost fixture must not pass.
  @Test func tablesAreComplete() {
    let names = [
      "keys", "numbers", "durations", "words", "addresses", "ways", "syntax", "tunnels", "fullnat",
      "checks",
    ]
    #expect(names.map { Mistake.table($0).count } == [24, 30, 31, 37, 34, 25, 7, 27, 41, 28])
  }

  @Test func tenMistakesGiveTenFindings() {
    let findings = findings(in: Fixture.text("ten-mistakes.yaml"))
    let places = findings.map { $0.prefix { $0 != " " } }
    #expect(
      places == [
        "7:10:", "8:5:", "12:12:", "14:10:", "15:33:", "18:11:", "19:16:", "21:53:", "22:20:",
        "23:20:",
      ])
  }

  @Test func findingsAreSortedAndNameTheFile() throws {
    let error = try #require(throws: ConfigurationError.self) {
      try ApplianceConfiguration.load(path: Fixture.path("ten-mistakes.yaml"))
    }
    let positions = error.findings.compactMap(\.position)
    #expect(positions == positions.sorted())
    #expect(error.findings.allSatisfy { $0.file.hasSuffix("Fixtures/ten-mistakes.yaml") })
    #expect(error.description.split(separator: "\n").count == error.findings.count)
  }
}

/// Expects exactly the findings that the table names.
private func expectFindings(of mistake: Mistake) {
  #expect(findings(in: mistake.text) == mistake.findings)
}

/// The findings in `text`, without the name of the file.
func findings(in text: String) -> [String] {
  do {
    _ = try ApplianceConfiguration.parse(text, file: "f")
    return []
  } catch {
    return error.findings.map { String($0.description.dropFirst(2)) }
  }
}
