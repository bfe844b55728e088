import Foundation
import TestSupport
import Testing
import Wire

@testable import BPF

/// What unchanged servers see: the kernel's own sockets are visited through a TUN.
@Suite(
  "TOA", .serialized,
  .enabled(
    if: TestNamespace.isPossible && TestGroup.isPossible,
    "needs root, /dev/net/tun and control groups of version 2"))
struct TOATests {
  /// A visit, as Peers/visits.py takes it.
  private struct Visit: Encodable {
    var source = "10.7.0.9"
    var port = 4001
    var family = 4
    var handshake = ""
    var data = ""
  }

  /// What it answers.
  private struct Sight: Decodable, Equatable {
    var accepted: String
    var peer: String

    init(_ accepted: String, _ peer: String? = nil) {
      self.accepted = accepted
      self.peer = peer ?? accepted
    }
  }

  private static let directors = [IPv4Prefix(IPv4Address(10, 7, 0, 0), length: 16)]
  /// Port 4660 of 198.51.100.9.
  private static let option = "fe081234c6336409"
  private static let client = Sight("198.51.100.9:4660")
  private static let director = Sight("10.7.0.9:4001")

  private func sights(_ visits: [Visit], in group: borrowing TestGroup) throws -> [Sight] {
    let lab = try TestNamespace()
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Peers/visits.py").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", "echo $$ >\"$1\"/cgroup.procs && exec nsenter --net=\"$2\" python3 -B \"$3\"", "sh",
      group.path, "/run/netns/\(lab.name)", script,
    ]
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let encoder = JSONEncoder()
    for visit in visits { input.fileHandleForWriting.write(try encoder.encode(visit) + [0x0a]) }
    try input.fileHandleForWriting.close()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return try text.split(separator: 0x0a).map { try JSONDecoder().decode(Sight.self, from: $0) }
  }

  private func installed(
    in group: borrowing TestGroup, kind: UInt8 = 254
  ) throws -> TOAInstallation {
    let installation = TOAInstallation(in: try ControlGroup(path: group.path))
    try installation.install(from: Self.directors, kind: kind)
    return installation
  }

  @Test func bothHooksShowTheClient() throws {
    let group = try TestGroup()
    let installation = try installed(in: group)
    defer { try? installation.remove() }
    let found = try sights(
      [
        Visit(handshake: Self.option), Visit(family: 6, handshake: Self.option),
        Visit(data: Self.option), Visit(family: 6, data: Self.option), Visit(),
        Visit(handshake: "fe080001c6336401", data: Self.option),
      ], in: group)
    #expect(
      found == [
        Self.client, Sight("::ffff:198.51.100.9:4660"),
        Sight("10.7.0.9:4001", "198.51.100.9:4660"),
        Sight("::ffff:10.7.0.9:4001", "::ffff:198.51.100.9:4660"), Self.director,
        Sight("198.51.100.1:1"),
      ])
    let counters = try #require(try installation.counters())
    #expect(counters[.learnedAtHandshake] == 3)
    #expect(counters[.learnedLater] == 2)
    #expect(counters[.missing] == 3)
    #expect(counters[.stranger] == 0)
  }

  @Test func nobodyElseIsBelieved() throws {
    let group = try TestGroup()
    let installation = try installed(in: group)
    defer { try? installation.remove() }
    let found = try sights(
      [
        Visit(source: "10.8.0.9", handshake: Self.option, data: Self.option),
        Visit(source: "10.8.0.9", family: 6, handshake: Self.option, data: Self.option),
      ], in: group)
    #expect(found == [Sight("10.8.0.9:4001"), Sight("::ffff:10.8.0.9:4001")])
    #expect(try installation.counters()?[.stranger] == 2)
  }

  /// Options that are no TOA, whatever they look like, and TOA behind what may stand before it.
  @Test func hostileOptionsAreHarmless() throws {
    let group = try TestGroup()
    let installation = try installed(in: group)
    defer { try? installation.remove() }
    let padding = String(repeating: "01", count: 32)
    let strange = [
      "fe001234c6336409", "fe011234c6336409", "fe071234c6336409", "fe091234c633640901010101",
      "fe14" + String(repeating: "12", count: 18), "fdfe1234" + Self.option, padding + "fe081234",
      padding + "010101fe", "00010101" + Self.option, "fd081234c6336409",
      "1e00" + Self.option + "0101", "1e01" + Self.option + "0101",
    ]
    let usual = [
      padding + Self.option, "fe041234" + Self.option, "0101fd06aabbccdd" + Self.option,
      "0101080a0000000100000000" + Self.option,
      "fe141234" + String(repeating: "0", count: 32) + Self.option,
    ]
    let found = try sights(
      strange.map { Visit(handshake: $0) } + usual.map { Visit(handshake: $0) }, in: group)
    #expect(
      found == strange.map { _ in Self.director } + usual.map { _ in Self.client })
  }

  @Test func runningAgainReplaces() throws {
    let group = try TestGroup()
    let installation = try installed(in: group)
    defer { try? installation.remove() }
    try installation.install(
      from: [IPv4Prefix(IPv4Address(10, 8, 0, 9), length: 32)], kind: 253)
    let found = try sights(
      [
        Visit(source: "10.8.0.9", handshake: "fd081234c6336409"),
        Visit(source: "10.8.0.9", handshake: Self.option),
        Visit(handshake: "fd081234c6336409"),
      ], in: group)
    #expect(found == [Self.client, Sight("10.8.0.9:4001"), Self.director])
    #expect(try installation.counters()?[.learnedAtHandshake] == 1)
  }

  @Test func removalEndsItAndNothingIsLeft() throws {
    let group = try TestGroup()
    let installation = try installed(in: group)
    try installation.remove()
    try installation.remove()
    #expect(try installation.counters() == nil)
    #expect(!FileManager.default.fileExists(atPath: installation.path))
    #expect(try sights([Visit(handshake: Self.option)], in: group) == [Self.director])
  }

  @Test func whatIsMissingIsMadeAnew() throws {
    let group = try TestGroup()
    let installation = try installed(in: group)
    defer { try? installation.remove() }
    try FileManager.default.removeItem(atPath: installation.path + "/peer-name-4")
    try FileManager.default.removeItem(atPath: installation.path + "/directors")
    try installation.install(from: Self.directors, kind: 254)
    #expect(try sights([Visit(handshake: Self.option)], in: group) == [Self.client])
  }

  @Test func otherDirectoriesAreRefused() throws {
    let error = #expect(throws: BPFError.self) { try ControlGroup(path: "/tmp") }
    #expect(error?.message == "/tmp is no control group of version 2")
    #expect(error?.isUnavailable == false)
  }
}
