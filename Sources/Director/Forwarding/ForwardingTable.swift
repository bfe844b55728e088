// Fence: this file owns the memory of the forwarding records.
//
// Memory: one allocation of `count` records, filled in `init`, freed in `deinit`.
// Owner: the `ForwardingTable` value, which cannot be copied.
// Soundness: every index is checked against `count`.

/// One record for each real server of each service; connections refer to them by index.
@safe
struct ForwardingTable: ~Copyable {
  private let records: UnsafeMutablePointer<ForwardingRecord>
  let count: Int

  /// A table of `records`, at most 65535.
  init(_ records: [ForwardingRecord]) {
    precondition(records.count <= UInt16.max)
    count = records.count
    unsafe self.records = .allocate(capacity: max(1, records.count))
    for (index, record) in records.enumerated() {
      unsafe self.records.advanced(by: index).initialize(to: record)
    }
  }

  deinit {
    unsafe records.deinitialize(count: count)
    unsafe records.deallocate()
  }

  /// The record at `index`; traps outside the table.
  @inline(__always)
  subscript(index: UInt16) -> ForwardingRecord {
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
