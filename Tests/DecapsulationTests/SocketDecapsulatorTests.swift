import BPF
import Decapsulation
import Foundation
import Netlink
import TestSupport
import Testing
import Wire

/// Sockets and TUN at work in a namespace, on packets that a process there sends to itself.
@Suite(
  "Socket decapsulators",
  .enabled(if: TestNamespace.isPossible, "needs root and /dev/net/tun"))
struct SocketDecapsulatorTests {
  private let policy = TunnelPolicy(
    DecapsulationRules(Set(Encapsulation.allCases), port: 6080),
    from: [IPv4Prefix(IPv4Address(127, 0, 0, 1), length: 32)], to: [IPv4Address(10, 9, 9, 9)])

  /// What the script sends, and has to see.
  private var expected: [[String]] {
    ["ipip", "gre", "gre-checksum", "gue"].flatMap { name in
      ["whole", "unfinished", "in fragments"].map { what in
        ["\(name) \(what)", "\(name) \(what)", "198.51.100.7"]
      }
    }
  }

  private func script(in lab: borrowing TestNamespace, _ output: Pipe) -> Process {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Peers/tunnels.py").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["nsenter", "--net=/run/netns/\(lab.name)", "python3", "-B", path]
    process.standardOutput = output
    return process
  }

  /// The script's first byte, or its end, ends the decapsulator.
  @Test(arguments: ["0", "1", "2"])
  func whatWasInTunnelsArrives(reversePathFilter: String) throws {
    let lab = try TestNamespace()
    try lab.ip("link set lo up")
    // The way back to clients, which 1 and 2 ask for, is another than the TUN.
    try lab.ip("link add d0 type bridge")
    try lab.ip("link set d0 up")
    try lab.ip("addr add 192.0.2.1/24 dev d0")
    try lab.ip("route add default via 192.0.2.2")
    try lab.exec("sysctl", "-q", "-w", "net.ipv4.conf.all.rp_filter=\(reversePathFilter)")
    let output = Pipe()
    let process = script(in: lab, output)
    let namespace = NetworkNamespace(lab.name)
    let counts = try namespace.perform { () throws(LinkError) in
      let decapsulator = try SocketDecapsulator(policy, in: namespace)
      do {
        try process.run()
        try output.fileHandleForWriting.close()
        try decapsulator.run(until: output.fileHandleForReading.fileDescriptor)
      } catch {
        throw LinkError(.system, "\(error)")
      }
      return DecapsulationEvent.allCases.map { decapsulator[$0] }
    }
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try JSONDecoder().decode([[String]].self, from: text) == expected)
    // The kernel took those with a wrong checksum, too, and then saw it.
    #expect(counts[DecapsulationEvent.taken.rawValue] == 16)
    #expect(counts.reduce(0, +) == 16)
  }

  @Test func aSecondOneIsRefused() throws {
    let lab = try TestNamespace()
    let namespace = NetworkNamespace(lab.name)
    let ipip = TunnelPolicy(
      DecapsulationRules([.ipip], port: 6080), from: policy.directors,
      to: Array(policy.addresses))
    let message = try namespace.perform { () throws(LinkError) -> String in
      let first = try SocketDecapsulator(ipip, in: namespace)
      defer { withExtendedLifetime(first) {} }
      do throws(LinkError) {
        _ = try SocketDecapsulator(ipip, in: namespace)
        return ""
      } catch {
        return error.message
      }
    }
    #expect(message.contains("another `tapvs real-server decap` runs here"), "\(message)")
  }
}
