/// What the director puts around packets in tunnel mode.
package enum Encapsulation: String, CaseIterable, Codable, Sendable {
  case ipip
  case gre
  case gue

  /// How many bytes that takes, the outer IPv4 header included.
  package func overhead(hasChecksum: Bool) -> Int {
    switch self {
    case .ipip: 20
    case .gre: hasChecksum ? 28 : 24
    case .gue: 32
    }
  }

  /// The kernel's own device that takes such packets off any sender; `nil` if there is none.
  var kernelDevice: (name: String, kind: String)? {
    switch self {
    case .ipip: ("tunl0", "ipip")
    case .gre: ("gre0", "gre")
    case .gue: nil
    }
  }
}

/// Who takes the outer headers off on this server.
package enum DecapsulationMethod: String, CaseIterable, Codable, Sendable {
  /// A program of ours in the kernel.
  case ebpf
  /// A program of ours with a raw socket and a TUN.
  case socket
  /// The kernel's own tunnel device.
  case kernel
  /// Somebody else.
  case none
}
