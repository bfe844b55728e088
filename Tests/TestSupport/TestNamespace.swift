import Foundation

/// A network namespace of a test's own, deleted with the value.
///
/// It needs root, `ip` and `/dev/net/tun`; see `isPossible`.
package struct TestNamespace: ~Copyable {
  /// The name under `/run/netns`.
  package let name: String

  /// Whether tests with namespaces and TAPs can run here.
  package static var isPossible: Bool {
    geteuid() == 0 && FileManager.default.isWritableFile(atPath: "/dev/net/tun")
  }

  /// Makes an empty namespace whose links speak no IPv6, so that only the test's own frames pass.
  package init() throws {
    let unique = UUID().uuidString.prefix(8).lowercased()
    name = "tapvs-test-\(getpid())-\(unique)"
    try Self.run(["ip", "netns", "add", name])
    try exec("unshare", "--mount", "sh", "-c", Self.disablingIPv6)
  }

  /// A container's `/proc/sys` may be read-only: the command's own mount namespace has it writable.
  private static let disablingIPv6 = """
    test -w /proc/sys/net/ipv6/conf/default/disable_ipv6 || mount -o remount,bind,rw /proc/sys
    sysctl -q -w net.ipv6.conf.default.disable_ipv6=1
    """

  deinit { try? Self.run(["ip", "netns", "del", name]) }

  /// Runs `ip` with `arguments`, which are written as in a shell without quotes, in the namespace.
  package func ip(_ arguments: String) throws {
    try run(["ip"] + arguments.split(separator: " ").map(String.init))
  }

  /// Runs a command in the namespace.
  package func exec(_ command: String...) throws { try run(command) }

  private func run(_ command: [String]) throws {
    try Self.run(["nsenter", "--net=/run/netns/\(name)"] + command)
  }

  private static func run(_ command: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let output = Pipe()
    process.standardError = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw CommandFailure(
        command: command.joined(separator: " "), output: String(decoding: text, as: UTF8.self))
    }
  }
}

/// A command that failed, and what it said.
package struct CommandFailure: Error, CustomStringConvertible {
  package let command: String
  package let output: String

  package var description: String { "\(command): \(output)" }
}
