package import Netlink

/// A route takes the place of another, or is new.
package struct RouteReplacement: Codable, Equatable, Sendable, Effect {
  /// `nil` if there was none.
  package let before: Route?
  package let after: Route

  package init(before: Route?, after: Route) {
    self.before = before
    self.after = after
  }

  func isInEffect(in snapshot: Snapshot) -> Bool { snapshot.routes.contains(after) }

  func apply(to snapshot: inout Snapshot) {
    snapshot.routes.removeAll { after.replaces($0) }
    snapshot.routes.append(after)
  }

  func undo(in snapshot: inout Snapshot) {
    snapshot.routes.removeAll { $0 == after }
    if let before { snapshot.routes.append(before) }
  }

  var applied: String { before.map { "route \($0) -> \(after)" } ?? "route \(after) added" }
  var undone: String { before.map { "route \(after) -> \($0)" } ?? "route \(after) removed" }
  var overtaken: String { "the route \(after) is not there any more: left alone" }

  var isPlausible: Bool {
    guard after.table == Route.mainTable else { return false }
    return before.map { after.replaces($0) } ?? true
  }
}
