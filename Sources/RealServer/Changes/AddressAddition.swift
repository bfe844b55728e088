import Netlink

/// A device gets an address.
package struct AddressAddition: Codable, Equatable, Sendable, Effect {
  package let held: HeldAddress

  func isInEffect(in snapshot: Snapshot) -> Bool { snapshot.addresses.contains(held) }
  func apply(to snapshot: inout Snapshot) { snapshot.addresses.append(held) }
  func undo(in snapshot: inout Snapshot) { snapshot.addresses.removeAll { $0 == held } }
  var applied: String { "\(held.address) added to \(held.device)" }
  var undone: String { "\(held.address) removed from \(held.device)" }
  var overtaken: String { "\(held.address) is not on \(held.device) any more: left alone" }
  var isPlausible: Bool { LinkTable.isPossible(name: held.device) }
}
