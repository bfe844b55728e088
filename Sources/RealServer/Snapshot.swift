package import Netlink
package import Wire

/// What a network namespace is like, as far as a real server is concerned.
package struct Snapshot: Equatable, Sendable {
  package struct Device: Equatable, Sendable {
    package let name: String
    package let index: Int32
    package let mtu: Int
    package var isUp: Bool
    /// What made it, such as "veth".
    package let kind: String?

    package init(name: String, index: Int32, mtu: Int, isUp: Bool, kind: String?) {
      self.name = name
      self.index = index
      self.mtu = mtu
      self.isUp = isUp
      self.kind = kind
    }
  }

  package var devices: [Device] = []
  package var addresses: [HeldAddress] = []
  package var settings: [Setting: Int] = [:]
  /// Of the main table.
  package var routes: [Route] = []
  /// The ways to addresses that were asked about; those without a way are missing.
  package var ways: [IPv4Address: Route] = [:]

  package init() {}

  /// The device `name`; `nil` if there is none.
  func device(_ name: String) -> Device? { devices.first { $0.name == name } }

  /// The name of the device `index`, or its number if it has gone.
  func name(of index: Int32) -> String {
    devices.first { $0.index == index }?.name ?? "device \(index)"
  }

  /// The devices that may have neighbours.
  var outerDevices: [Device] { devices.filter { $0.name != "lo" } }

  /// The value of the setting `name` that holds for `device`: the greater of its own and that of `all`.
  func effective(_ name: Setting.Name, of device: String) -> Int {
    max(settings[Setting(.all, name)] ?? 0, settings[Setting(device, name)] ?? 0)
  }

  /// How the value came about: "0 (all 0, eth0 0)".
  func explained(_ name: Setting.Name, of device: String) -> String {
    let all = settings[Setting(.all, name)] ?? 0
    let own = settings[Setting(device, name)] ?? 0
    return "\(max(all, own)) (all \(all), \(device) \(own))"
  }
}

/// An address that a device holds.
package struct HeldAddress: Codable, Equatable, Sendable {
  package let address: IPv4InterfaceAddress
  package let device: String

  package init(_ address: IPv4InterfaceAddress, on device: String) {
    self.address = address
    self.device = device
  }
}
