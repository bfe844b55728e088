/// The way from what a server is to what it is to be.
package struct Plan: Equatable, Sendable {
  package enum Step: Equatable, Sendable {
    case undo(Change)
    case apply(Change)
  }

  /// What to do, in this order.
  package private(set) var steps: [Step] = []

  /// What is changed when all steps are done, in the order in which it was.
  package private(set) var changes: [Change] = []

  /// What cannot be undone, because others have changed it since; a line for each.
  package private(set) var overtaken: [String] = []

  /// How to meet `needs` on a server that is like `snapshot` and on which `remembered` was changed
  /// before.
  ///
  /// What was changed and is not needed is undone; what others have changed since is taken as it is.
  package init(
    from snapshot: Snapshot, remembering remembered: [Change], to needs: [any Need]
  ) throws(ServerError) {
    var base = snapshot
    let live = undo(remembered, in: &base)
    for need in needs {
      for change in try need.changes(on: base) {
        change.apply(to: &base)
        changes.append(change)
      }
    }
    steps = live.filter { !changes.contains($0) }.map { .undo($0) }
    steps += changes.filter { !live.contains($0) }.map { .apply($0) }
  }

  /// How to leave `snapshot` as it was before `remembered`.
  package init(undoing remembered: [Change], in snapshot: Snapshot) {
    var base = snapshot
    steps = undo(remembered, in: &base).map { .undo($0) }
  }

  /// Undoes in `base` what still is as it was left; answers that, the last first.
  private mutating func undo(_ remembered: [Change], in base: inout Snapshot) -> [Change] {
    var undone: [Change] = []
    for change in remembered.reversed() {
      if change.isInEffect(in: base) {
        change.undo(in: &base)
        undone.append(change)
      } else {
        overtaken.append(change.overtaken)
      }
    }
    return undone
  }
}

extension Plan.Step: CustomStringConvertible {
  package var description: String {
    switch self {
    case .undo(let change): change.undone
    case .apply(let change): change.applied
    }
  }

  /// The step back.
  var reversed: Self {
    switch self {
    case .undo(let change): .apply(change)
    case .apply(let change): .undo(change)
    }
  }
}
