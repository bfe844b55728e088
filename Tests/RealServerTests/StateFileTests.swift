import Foundation
import Netlink
import TestSupport
import Testing

@testable import RealServer

/// What is remembered is believed only as `up` wrote it.
@Suite(.enabled(if: TestNamespace.isPossible)) struct StateFileTests {
  private func refusal(_ server: borrowing ServerNamespace) throws -> String {
    let setup = server.setup()
    let wanted = try UsualServer.wanted(.dr)
    let before = try server.snapshot()
    let down = #expect(throws: ServerError.self) { try setup.down() }
    let up = #expect(throws: ServerError.self) { try setup.up(wanted) }
    #expect(down == up)
    #expect(down?.reason == .wrong)
    #expect(try server.snapshot() == before)
    return down?.message ?? ""
  }

  @Test(arguments: [
    ("", "it"), ("{", "it"), ("[]", "it"), ("{}", "version is missing"),
    (#"{"version": "x"}"#, "version"),
  ]) func whatIsNoneOfOursIsRefused(_ text: String, _ reason: String) throws {
    let server = try ServerNamespace()
    _ = try server.setup().up(UsualServer.wanted(.dr))
    let path = try server.file().path
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    let message = try refusal(server)
    #expect(message.hasPrefix(path))
    #expect(message.contains(reason))
    #expect(message.contains("remove the file"))
  }

  @Test(arguments: [
    (#""all""#, #""../../../../tmp""#, "change 0"), (#""all""#, #""a/b""#, "change 0"),
    ("arp_ignore", "ip_forward", "changes"), ("10.5.0.100/32", "10.5.0.100/33", "address"),
    (#""before" : 0"#, #""before" : 70000"#, "change 0"), (#""dr""#, #""tunnel""#, "tunnel"),
    (#""version" : 1"#, #""version" : 2"#, "version is 2"),
  ]) func whatUpDoesNotWriteIsRefused(_ from: String, _ to: String, _ reason: String) throws {
    let server = try ServerNamespace()
    _ = try server.setup().up(UsualServer.wanted(.dr))
    let path = try server.file().path
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains(from))
    try text.replacing(from, with: to).write(toFile: path, atomically: false, encoding: .utf8)
    #expect(try refusal(server).contains(reason))
  }

  @Test func whatOthersMayWriteIsRefused() throws {
    let server = try ServerNamespace()
    _ = try server.setup().up(UsualServer.wanted(.dr))
    let path = try server.file().path
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)
    #expect(try refusal(server).contains("may be written by others"))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    try FileManager.default.moveItem(atPath: path, toPath: path + ".moved")
    try FileManager.default.createSymbolicLink(
      atPath: path, withDestinationPath: path + ".moved")
    #expect(try refusal(server).contains("symbolic link"))
  }

  @Test func everyTruncationIsRefused() throws {
    let server = try ServerNamespace()
    _ = try server.setup().up(UsualServer.tunnel(.gre))
    let bytes = try #require(try SmallFile.read(try server.file().path))
    #expect(throws: Never.self) { try ServerState(bytes) }
    for length in 0..<bytes.count - 2 {
      #expect(throws: ServerState.Refusal.self) { try ServerState(Array(bytes.prefix(length))) }
    }
  }

  @Test func aNamespaceThatIsGoneIsForgotten() throws {
    let server = try ServerNamespace()
    let setup = server.setup()
    _ = try setup.up(UsualServer.wanted(.dr))
    let path = try server.file().path
    var state = try ServerState(try #require(try SmallFile.read(path)))
    state = ServerState(
      boot: try ServerKernel.boot(), namespaceCookie: 1, wanted: state.wanted,
      changes: state.changes, decapsulator: nil)
    try SmallFile.replace(path, with: state.bytes)
    #expect(try setup.down() == ServerSetup.Outcome())
    #expect(try setup.up(UsualServer.wanted(.dr)) == ServerSetup.Outcome())
  }
}
