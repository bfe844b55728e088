package import Wire

/// How packets come in tunnel mode, and who takes their outer headers off.
package struct WantedTunnel: Codable, Equatable, Sendable {
  package let encapsulation: Encapsulation
  /// Whether a GRE header has a checksum.
  package let hasChecksum: Bool
  package let method: DecapsulationMethod
  /// The UDP port of GUE.
  package let port: UInt16
  /// The routes by which replies go to clients.
  package let routes: [IPv4Prefix]

  package static let usualPort: UInt16 = 6080

  package init(
    encapsulation: Encapsulation, hasChecksum: Bool = false, method: DecapsulationMethod = .ebpf,
    port: UInt16 = usualPort, routes: [IPv4Prefix] = [.everything]
  ) {
    self.encapsulation = encapsulation
    self.hasChecksum = hasChecksum
    self.method = method
    self.port = port
    self.routes = routes
  }

  /// The bytes around each packet.
  var overhead: Int { encapsulation.overhead(hasChecksum: hasChecksum) }

  /// The kernel's device, if that is to take the outer headers off.
  var kernelDevice: (name: String, kind: String)? {
    method == .kernel ? encapsulation.kernelDevice : nil
  }

  /// Whether a program of ours has to run.
  package var needsProgram: Bool { method == .ebpf || method == .socket }

  /// Throws `usage` where things do not go together.
  func check(directors: [LocalAddresses]) throws(ServerError) {
    if hasChecksum, encapsulation != .gre {
      throw ServerError(
        .usage, "--checksum is for --encapsulation gre, not \(encapsulation.rawValue)")
    }
    if port == 0 { throw ServerError(.usage, "--port is 0; 1-65535 is wanted") }
    if routes.isEmpty { throw ServerError(.usage, "no --route; one or more are wanted") }
    if needsProgram, directors.isEmpty {
      throw ServerError(
        .usage,
        "--decap \(method.rawValue) without --from; the directors' addresses are wanted, from which"
          + " alone packets are taken")
    }
    guard method == .kernel else { return }
    if encapsulation == .gue {
      throw ServerError(
        .usage, "--decap kernel is for ipip and gre; for gue take --decap ebpf or socket")
    }
    if hasChecksum {
      throw ServerError(
        .usage, "the kernel's gre0 takes no checksums; take --decap ebpf or socket, or none here")
    }
  }
}
