// Fence: this file owns the memory of adjacencies.
//
// Memory: one allocation of `capacity` adjacencies, made and filled in `init`, freed in `deinit`.
// Owner: the `AdjacencyTable` value, which cannot be copied.
// Soundness: every index is checked against `capacity`.

public import Wire

/// What a frame needs of a neighbour: the link address, if frames may be sent to it.
@frozen
@usableFromInline
package struct Adjacency: Sendable {
  /// The link address; `zero` while frames may not be sent.
  @usableFromInline package var mac: MACAddress = .zero
  /// Whether a frame went to it since the last sweep.
  @usableFromInline package var wasUsed = false

  @inlinable package var isUsable: Bool { mac.rawValue != 0 }

  @usableFromInline init() {}
}

/// The part of the neighbour table that every frame reads, apart from what only ARP needs.
///
/// Places match those of `NeighborTable`. Memory: 16 bytes a neighbour.
@safe
@usableFromInline
package struct AdjacencyTable: ~Copyable {
  @usableFromInline let adjacencies: UnsafeMutablePointer<Adjacency>
  @usableFromInline let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
    unsafe adjacencies = .allocate(capacity: capacity)
    unsafe adjacencies.initialize(repeating: Adjacency(), count: capacity)
  }

  deinit { unsafe adjacencies.deallocate() }

  /// The adjacency at `index`; traps outside the table.
  @inlinable
  package subscript(index: Int) -> Adjacency {
    get {
      precondition(index >= 0 && index < capacity)
      return unsafe adjacencies[index]
    }
    set {
      precondition(index >= 0 && index < capacity)
      unsafe adjacencies[index] = newValue
    }
  }

  /// Notes that a frame goes to the neighbour at `index`; traps outside the table.
  @inlinable
  package mutating func markUsed(_ index: Int) {
    precondition(index >= 0 && index < capacity)
    unsafe adjacencies[index].wasUsed = true
  }
}
