/// Something that was or will be changed on a server, with what it takes to undo it.
package enum Change: Codable, Equatable, Sendable {
  case setting(SettingChange)
  case device(DeviceCreation)
  case power(DevicePower)
  case address(AddressAddition)
  case route(RouteReplacement)

  private var effect: any Effect {
    switch self {
    case .setting(let change): change
    case .device(let change): change
    case .power(let change): change
    case .address(let change): change
    case .route(let change): change
    }
  }
}

/// What a change does to a snapshot.
protocol Effect {
  /// Whether all is as the change left it, so that undoing it is right.
  func isInEffect(in snapshot: Snapshot) -> Bool
  func apply(to snapshot: inout Snapshot)
  func undo(in snapshot: inout Snapshot)
  /// What the change does, on one line.
  var applied: String { get }
  /// What undoing it does, on one line.
  var undone: String { get }
  /// What to say if it is not in effect any more.
  var overtaken: String { get }
  /// Whether the names in it, which may come from a file, are possible.
  var isPlausible: Bool { get }
}

extension Change {
  func isInEffect(in snapshot: Snapshot) -> Bool { effect.isInEffect(in: snapshot) }
  func apply(to snapshot: inout Snapshot) { effect.apply(to: &snapshot) }
  func undo(in snapshot: inout Snapshot) { effect.undo(in: &snapshot) }
  var applied: String { effect.applied }
  var undone: String { effect.undone }
  var overtaken: String { effect.overtaken }
  var isPlausible: Bool { effect.isPlausible }
}
