import Configuration
import Director
import Foundation
import Testing

/// What is too much, too deep or no text at all.
@Suite struct BoundTests {
  @Test func sixteenPortsAreTakenAndNoMore() throws {
    func file(_ count: Int) -> String {
      let ports = (1...count).map { index in
        let octet = (index < 16 ? "0" : "") + String(index, radix: 16)
        return "  p\(index): { tap: t\(index), mac: \"02:00:00:00:00:\(octet)\", "
          + "addresses: [10.0.\(index).1/24] }"
      }
      return "version: 1\nports:\n" + ports.joined(separator: "\n")
    }
    #expect(try parse(file(16)).director.ports.count == 16)
    #expect(findings(in: file(17)) == ["19:3: 17 ports; 1-16 ports are wanted"])
    #expect(
      findings(in: "version: 1\nports: {}") == ["2:8: `ports` is empty; 1-16 ports are wanted"])
  }

  @Test func addressesAndRoutesAreBounded() {
    let addresses = (1...65).map { "10.0.0.\($0)/24" }.joined(separator: ", ")
    let many = onePort("").replacing("10.0.0.1/24", with: addresses)
    #expect(
      findings(in: many).map { $0.hasSuffix("65 addresses; at most 64 are wanted") } == [true])
    let routes = (0..<1025).map { "{ to: 172.\($0 / 256).\($0 % 256).0/24, via: 10.0.0.2 }" }
    let list = routes.joined(separator: ",\n")
    let full = onePort("").replacing("/24] }", with: "/24], routes: [\(list)] }")
    #expect(findings(in: full) == ["1026:1: 1025 routes; at most 1024 are wanted"])
  }

  /// So many servers are many megabytes of text; aliases make them.
  @Test func serversAreBoundedInAll() throws {
    func file(_ serviceCount: Int) -> String {
      let servers = (1...255).map { "{address: 10.0.0.2, port: \($0)}" }.joined(separator: ",")
      let first = "- {address: 10.0.0.9, port: 1, servers: &s [\(servers)]}\n"
      let others = (2...serviceCount).map { "- {address: 10.0.0.9, port: \($0), servers: *s}\n" }
      return onePort("services:\n" + first + others.joined())
    }
    #expect(try parse(file(514)).director.services.count == 514)
    #expect(
      findings(in: file(515)).map { $0.contains("more than 131072 servers in all") } == [true])
  }

  @Test func eightMebibytesAreTakenAndNoMore() throws {
    let comment = "\n# " + String(repeating: "x", count: (8 << 20) - Fixture.base.utf8.count - 3)
    #expect(try parse(Fixture.base + comment) == parse(Fixture.base))
    #expect(
      findings(in: Fixture.base + comment + "x")
        == ["1:1: the file has more than 8 MiB; at most 8 MiB are read"])
  }

  @Test(arguments: [
    ("[", "did not find expected node content"), ("{a: ", "did not find expected"),
    ("- ", "32 levels of nesting"),
  ]) func depthIsBounded(_ opening: String, _ words: String) {
    for count in [40, 900, 100_000] {
      let found = findings(in: String(repeating: opening, count: count))
      #expect(found.count == 1)
      #expect(
        found.allSatisfy {
          $0.contains(words) || $0.contains("levels of nesting; a configuration needs 6")
        })
    }
  }

  @Test func closedNestingIsBounded() {
    let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
    #expect(
      findings(in: onePort("services: \(deep)"))
        == ["3:42: more than 32 levels of nesting; a configuration needs 6"])
  }

  /// Nine levels of nine aliases each: a thousand million values.
  @Test(.timeLimit(.minutes(1))) func aliasesAreBounded() {
    var text = "version: 1\na0: &a0 [x,x,x,x,x,x,x,x,x]\n"
    for level in 1...9 {
      let list = [String](repeating: "*a\(level - 1)", count: 9).joined(separator: ",")
      text += "a\(level): &a\(level) [\(list)]\n"
    }
    let found = findings(in: text)
    #expect(found.count == 1)
    #expect(found.allSatisfy { $0.contains("aliases that expand to more than 1048576 values") })
    // As a key, the same would be hashed.
    for key in ["? *a9\n: 1\n", "*a9 : 1\n", "? [*a9]\n: 1\n", "b: {*a9 : 1}\n", "b: {? *a9}\n"] {
      let found = findings(in: text + key)
      #expect(found.count == 1)
      #expect(found.allSatisfy { $0.contains("a key that is no plain text") })
    }
  }

  @Test func bytesThatAreNoTextAreFoundWhereTheyAre() {
    func found(_ bytes: [UInt8]) -> [String] {
      do {
        _ = try ApplianceConfiguration.parse(bytes, file: "f")
        return []
      } catch {
        return error.findings.map(\.description)
      }
    }
    let start = Array("version: 1\n# ".utf8)
    #expect(found(start + [0xff]) == ["f:2:3: a byte that is not UTF-8; UTF-8 is wanted"])
    #expect(found(start + [0xc3]) == ["f:2:3: a byte that is not UTF-8; UTF-8 is wanted"])
    #expect(
      found(start + [0x00]).map { $0.hasPrefix("f:2:3: the character U+0;") } == [true])
    #expect(
      found(start + [0xf4, 0x80, 0x80, 0x80]).map {
        $0.hasPrefix("f:2:3: the character U+100000;")
      } == [true])
    #expect(found([]) == ["f:1:1: the file is empty; `version: 1` and `ports` are wanted"])
  }

  @Test func manyDuplicateKeysAreBounded() {
    let keys = (0..<100).map { "k\($0): 1\nk\($0): 2\n" }.joined()
    let found = findings(in: keys)
    #expect(found.count == 1)
    #expect(found.allSatisfy { $0.contains("given more than once in a mapping") })
  }

  /// Each key renamed costs another pass over the text, so a large one has none renamed.
  @Test func duplicateKeysOfLargeFilesAreOneFinding() {
    let keys = "a: 1\nk: 1\nk: 2\na: 2\n"
    func found(_ length: Int) -> [String] {
      findings(in: keys + "#" + String(repeating: "x", count: length)).filter {
        $0.contains("each key once is wanted")
      }
    }
    #expect(found(200_000).map { $0.prefix(4) } == ["3:1:", "4:1:"])
    #expect(
      found(600_000) == [
        "1:1: `a`, `k` given more than once in a mapping; each key once is wanted"
      ])
  }

  @Test func findingsAreBounded() throws {
    let words = [String](repeating: "x", count: 5000).joined(separator: ",")
    let found = findings(in: onePort("services: [\(words)]"))
    #expect(found.count == 101)
    #expect(found.first == "3:12: a service is `x`; a mapping is wanted")
    #expect(found.dropLast().last == "3:210: a service is `x`; a mapping is wanted")
    #expect(found.last == " 4900 more findings; correct these 100 first")
    let hundred = (0..<98).map { "x\($0): 1\n" }.joined()
    #expect(findings(in: hundred).count == 100)
    #expect(
      findings(in: hundred + "y: 1\n").last == " 1 more finding; correct these 100 first")
  }

  @Test(arguments: ["/nonexistent/file.yaml", "/"]) func unreadableFilesAreOneFinding(
    _ path: String
  )
    throws
  {
    let error = try #require(throws: ConfigurationError.self) {
      try ApplianceConfiguration.load(path: path)
    }
    #expect(error.findings.map(\.position) == [nil])
    #expect(error.description.hasPrefix("\(path): the file cannot be read ("))
  }
}
