/// Counts of a program, one for each case of `Event`, in a map that both sides see.
package struct Counters<Event: CaseIterable & RawRepresentable & Sendable>: Sendable
where Event.RawValue == Int {
  package static var shape: BPFMap.Shape {
    BPFMap.Shape(.array, keySize: 4, valueSize: 8, capacity: Event.allCases.count)
  }

  package let map: BPFMap

  package init() throws(BPFError) {
    map = try BPFMap("counters", Self.shape)
  }

  /// Takes a map that was pinned.
  package init(_ map: BPFMap) {
    self.map = map
  }

  /// How often `event` happened.
  package subscript(event: Event) -> UInt64 {
    let value = map.value(of: UInt32(event.rawValue).nativeBytes) ?? []
    return value.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
