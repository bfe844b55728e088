import Netlink

/// A device that was off is switched on.
package struct DevicePower: Codable, Equatable, Sendable, Effect {
  package let device: String

  func isInEffect(in snapshot: Snapshot) -> Bool { snapshot.device(device)?.isUp == true }
  func apply(to snapshot: inout Snapshot) { set(true, in: &snapshot) }
  func undo(in snapshot: inout Snapshot) { set(false, in: &snapshot) }
  var applied: String { "device \(device) switched on" }
  var undone: String { "device \(device) switched off, as it was" }
  var overtaken: String { "device \(device) is off or gone: left alone" }
  var isPlausible: Bool { LinkTable.isPossible(name: device) }

  private func set(_ isUp: Bool, in snapshot: inout Snapshot) {
    for place in snapshot.devices.indices where snapshot.devices[place].name == device {
      snapshot.devices[place].isUp = isUp
    }
  }
}
