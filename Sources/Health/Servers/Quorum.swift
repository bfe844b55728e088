/// Whether a service has the weight that it needs.
///
/// As keepalived counts: gained at `quorum + hysteresis`, lost below `quorum - hysteresis` and always
/// at 0; between the two it stays as it was.
package struct Quorum: Equatable, Sendable {
  package enum Change: Equatable, Sendable {
    case gained(needed: Int)
    case lost(needed: Int)
  }

  /// Before the first weight there is no quorum.
  package private(set) var isHeld = false

  package init() {}

  /// Takes the weight of all living servers together; answers what it changes.
  package mutating func update(weight: Int, quorum: Int, hysteresis: Int) -> Change? {
    let needed = isHeld ? quorum - hysteresis : quorum + hysteresis
    let holds = weight > 0 && weight >= needed
    guard holds != isHeld else { return nil }
    isHeld = holds
    return holds ? .gained(needed: needed) : .lost(needed: needed)
  }
}
