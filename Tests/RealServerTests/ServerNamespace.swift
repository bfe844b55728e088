import Foundation
import Netlink
import TestSupport

@testable import RealServer

/// A network namespace with a card, and a place of its own to remember what was done there.
struct ServerNamespace: ~Copyable {
  let lab: TestNamespace
  let directory: String

  init() throws {
    let lab = try TestNamespace()
    try lab.ip("link add eth0 type veth peer name peer0")
    try lab.ip("link set peer0 up")
    try lab.ip("link set eth0 up")
    try lab.ip("addr add 10.5.0.11/24 dev eth0")
    try lab.ip("route add default via 10.5.0.1 metric 50 mtu 1450")
    directory = "/run/\(lab.name)/real-server"
    self.lab = lab
  }

  deinit { try? FileManager.default.removeItem(atPath: "/run/\(lab.name)") }

  func setup(program: String = "/nonexistent") -> ServerSetup {
    ServerSetup(of: NetworkNamespace(lab.name), remembering: directory, program: program)
  }

  /// All that is looked at, as it is now.
  func snapshot() throws -> Snapshot {
    let namespace = NetworkNamespace(lab.name)
    let outcome = try namespace.perform { () throws(LinkError) in
      Result { () throws(ServerError) in
        try ServerKernel(ofCurrent: namespace).snapshot(asking: [])
      }
    }
    return try outcome.get()
  }

  /// The file of this namespace.
  func file() throws -> StateFile {
    StateFile(namespace: try NetworkNamespace(lab.name).identity().number, in: directory)
  }
}

/// An executable script in a directory of its own.
struct Script: ~Copyable {
  let path: String
  private let directory: String

  init(_ lines: String) throws {
    let directory = NSTemporaryDirectory() + "tapvs-test-\(UUID().uuidString)"
    let path = directory + "/program"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    let text = path + ".text"
    try "#!/bin/sh\n\(lines)\n".write(toFile: text, atomically: false, encoding: .utf8)
    // By another process: while a child of ours holds a descriptor to write it, nobody may run it.
    let install = Process()
    install.executableURL = URL(fileURLWithPath: "/usr/bin/install")
    install.arguments = ["-m", "755", text, path]
    try install.run()
    install.waitUntilExit()
    self.directory = directory
    self.path = path
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }
}
