import Netlink

/// A device of the kernel's is made.
package struct DeviceCreation: Codable, Equatable, Sendable, Effect {
  package let name: String
  package let kind: String

  func isInEffect(in snapshot: Snapshot) -> Bool { snapshot.device(name)?.kind == kind }

  func apply(to snapshot: inout Snapshot) {
    // Its index is not known before it is there.
    snapshot.devices.append(.init(name: name, index: -1, mtu: 0, isUp: false, kind: kind))
    for setting in Setting.Name.allCases {
      snapshot.settings[Setting(name, setting)] = snapshot.settings[Setting(.fresh, setting)]
    }
  }

  func undo(in snapshot: inout Snapshot) {
    snapshot.devices.removeAll { $0.name == name }
    snapshot.addresses.removeAll { $0.device == name }
    for setting in Setting.Name.allCases { snapshot.settings[Setting(name, setting)] = nil }
  }

  var applied: String { "device \(name) of kind \(kind) made" }
  var undone: String { "device \(name) removed" }
  var overtaken: String { "device \(name) is gone or of another kind: left alone" }
  var isPlausible: Bool { LinkTable.isPossible(name: name) && ["ipip", "gre"].contains(kind) }
}
