// Fence: this file owns the memory of the routes that the fast path searches.
//
// Memory: one allocation of `count` entries, filled in `init`, freed in `deinit`.
// Owner: the `RouteSearch` value, which cannot be copied.
// Soundness: the search ends at `count`.

import Frames
import Wire

/// The routes as the fast path wants them: what `RoutingTable` says, in the same order.
@safe
struct RouteSearch: ~Copyable {
  /// One route.
  struct Entry {
    let network: UInt32
    let mask: UInt32
    let port: PortIndex
    /// The largest IP packet that may be sent this way, in bytes.
    let mtu: Int32
    /// The router's place in the neighbour table; -1 on a connected network.
    let neighbor: Int32
  }

  private let entries: UnsafeMutablePointer<Entry>
  private let count: Int

  init(_ table: RoutingTable) {
    count = table.routes.count
    unsafe entries = .allocate(capacity: max(1, count))
    for (index, route) in table.routes.enumerated() {
      unsafe entries.advanced(by: index).initialize(
        to: Entry(
          network: route.prefix.network.rawValue, mask: IPv4Prefix.mask(route.prefix.length),
          port: route.port, mtu: Int32(route.mtu),
          neighbor: Int32(route.neighbor ?? -1)))
    }
  }

  deinit { unsafe entries.deallocate() }

  /// The route to `address` by the longest prefix; `nil` without one.
  ///
  /// Cost: one compare for each route.
  @inline(__always)
  func route(to address: IPv4Address) -> Entry? {
    var index = 0
    while index < count {
      let entry = unsafe entries[index]
      if address.rawValue & entry.mask == entry.network { return entry }
      index &+= 1
    }
    return nil
  }
}
