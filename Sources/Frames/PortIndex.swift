/// Which port of the director: its place in the configuration, from 0.
@frozen
@usableFromInline
package struct PortIndex: RawRepresentable, Hashable, Sendable {
  @usableFromInline package let rawValue: UInt8

  /// The most ports that one director may have.
  @inlinable package static var limit: Int { 16 }

  @inlinable
  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The port at `index`; traps outside 0-15.
  @inlinable
  package init(_ index: Int) {
    precondition(0..<Self.limit ~= index)
    rawValue = UInt8(truncatingIfNeeded: index)
  }

  /// The place in the configuration.
  @inlinable package var index: Int { Int(rawValue) }
}
