import Netlink
import Wire

@testable import RealServer

/// A server with one card, as servers in DR are.
enum UsualServer {
  static let vip = IPv4Address(10, 5, 0, 100)
  static let router = IPv4Address(10, 5, 0, 1)

  static var snapshot: Snapshot {
    var snapshot = Snapshot()
    snapshot.devices = [
      .init(name: "lo", index: 1, mtu: 65_536, isUp: true, kind: nil),
      .init(name: "eth0", index: 2, mtu: 1500, isUp: true, kind: "veth"),
    ]
    snapshot.addresses = [
      HeldAddress(IPv4InterfaceAddress(IPv4Address(127, 0, 0, 1), length: 8), on: "lo"),
      HeldAddress(IPv4InterfaceAddress(IPv4Address(10, 5, 0, 11), length: 24), on: "eth0"),
    ]
    for device in ["all", "default", "lo", "eth0"] {
      for name in Setting.Name.allCases { snapshot.settings[Setting(device, name)] = 0 }
    }
    snapshot.routes = [Route(to: .everything, via: router, linkIndex: 2, priority: 0)]
    return snapshot
  }

  /// How `address` is held on `device`.
  static func held(
    _ address: IPv4Address = vip, length: Int = 32, on device: String = "lo"
  ) -> HeldAddress {
    HeldAddress(IPv4InterfaceAddress(address, length: length), on: device)
  }

  static func wanted(
    _ mode: ServerMode, tunnel: WantedTunnel? = nil
  ) throws -> WantedServer {
    let director = LocalAddresses("10.5.0.2").map { [$0] } ?? []
    return try WantedServer(
      mode: mode, virtualAddresses: [vip], gateway: mode == .nat ? IPv4Address(10, 5, 0, 2) : nil,
      directors: mode == .tunnel || mode == .fullnat ? director : [], tunnel: tunnel)
  }

  static func tunnel(
    _ encapsulation: Encapsulation, hasChecksum: Bool = false, method: DecapsulationMethod = .none
  ) throws -> WantedServer {
    try wanted(
      .tunnel,
      tunnel: WantedTunnel(
        encapsulation: encapsulation, hasChecksum: hasChecksum, method: method))
  }
}

extension Snapshot {
  /// As it is after the steps of `plan`.
  func after(_ plan: Plan) -> Snapshot {
    var snapshot = self
    for step in plan.steps {
      switch step {
      case .apply(let change): change.apply(to: &snapshot)
      case .undo(let change): change.undo(in: &snapshot)
      }
    }
    return snapshot
  }
}
