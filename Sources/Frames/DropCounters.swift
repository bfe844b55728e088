/// One counter for each `DropReason`.
@usableFromInline
package struct DropCounters: Equatable, Sendable {
  private var counts = [UInt64](repeating: 0, count: DropReason.allCases.count)

  package init() {}

  /// How many frames were dropped for `reason`.
  package subscript(reason: DropReason) -> UInt64 {
    get { counts[Int(reason.rawValue)] }
    set { counts[Int(reason.rawValue)] = newValue }
  }

  /// All drops together.
  package var total: UInt64 { counts.reduce(0, &+) }
}
