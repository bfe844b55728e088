// Fence: this file owns the memory of the forwarding records.
//
// Memory: one allocation of `capacity` records, of which the first `count` are initialized; replaced by
// a larger one when it is full, freed in `deinit`.
// Owner: the `ForwardingTable` value, which cannot be copied.
// Soundness: every index is checked against `count`; records are moved only in a mutating function,
// while none is lent.

import Wire

/// A place in the forwarding table: 18 bits.
package typealias RecordIndex = UInt32

/// One record for each real server of each service; connections refer to them by index.
@safe
struct ForwardingTable: ~Copyable {
  private var records: UnsafeMutablePointer<ForwardingRecord>
  private var capacity: Int
  private(set) var count: Int

  /// The most records.
  static let limit = 1 << 18

  /// A table of `records`, at most `limit`.
  init(_ records: [ForwardingRecord]) {
    precondition(records.count <= Self.limit)
    count = records.count
    capacity = max(1, records.count)
    unsafe self.records = .allocate(capacity: capacity)
    for (index, record) in records.enumerated() {
      unsafe self.records.advanced(by: index).initialize(to: record)
    }
  }

  deinit {
    unsafe records.deinitialize(count: count)
    unsafe records.deallocate()
  }

  /// Adds a record; answers its index, or `nil` when the table is full.
  mutating func append(_ record: ForwardingRecord) -> RecordIndex? {
    guard count < Self.limit else { return nil }
    if count == capacity {
      let larger = min(Self.limit, 2 * capacity)
      let memory = UnsafeMutablePointer<ForwardingRecord>.allocate(capacity: larger)
      unsafe memory.moveInitialize(from: records, count: count)
      unsafe records.deallocate()
      unsafe records = memory
      capacity = larger
    }
    unsafe records.advanced(by: count).initialize(to: record)
    count += 1
    return RecordIndex(count - 1)
  }

  /// Whether a service has a real server at `endpoint`.
  ///
  /// Cost: one compare for each record.
  func holds(_ endpoint: Endpoint, _ protocol: IPProtocol) -> Bool {
    for index in 0..<count {
      let record = unsafe records.advanced(by: index)
      if unsafe record.pointee.real == endpoint && record.pointee.protocol == `protocol`
        && record.pointee.isAvailable
      {
        return true
      }
    }
    return false
  }

  /// The record at `index`; traps outside the table.
  @inline(__always)
  subscript(index: RecordIndex) -> ForwardingRecord {
    unsafeAddress {
      precondition(Int(index) < count)
      return unsafe UnsafePointer(records.advanced(by: Int(index)))
    }
    unsafeMutableAddress {
      precondition(Int(index) < count)
      return unsafe records.advanced(by: Int(index))
    }
  }
}
