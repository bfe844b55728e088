// Fence: this file owns the memory of the virtual services.
//
// Memory: one allocation of `count` services, filled in `init`, freed in `deinit`.
// Owner: the `ServiceTable` value, which cannot be copied.
// Soundness: every index is checked against `count`.

import Frames
import Wire

/// The virtual services, found by protocol, address and port.
@safe
struct ServiceTable: ~Copyable {
  private let services: UnsafeMutablePointer<VirtualService>
  private let count: Int
  private var places = PlaceIndex()

  init(_ services: [VirtualService]) {
    count = services.count
    unsafe self.services = .allocate(capacity: max(1, services.count))
    for (place, service) in services.enumerated() {
      unsafe self.services.advanced(by: place).initialize(to: service)
      places.set(Self.key(service.protocol.ipProtocol, service.endpoint), place: place)
    }
  }

  deinit {
    unsafe services.deinitialize(count: count)
    unsafe services.deallocate()
  }

  @inline(__always)
  private static func key(_ protocol: IPProtocol, _ endpoint: Endpoint) -> UInt64 {
    ConnectionKey(endpoint.address, endpoint.port, `protocol`).rawValue
  }

  /// The place of a service, or `nil` if there is none.
  @inline(__always)
  func place(_ protocol: IPProtocol, _ endpoint: Endpoint) -> Int? {
    places.place(of: Self.key(`protocol`, endpoint))
  }

  /// Lets nobody find the service at `place` any more; the place stays taken.
  mutating func hide(_ place: Int) {
    self[place].isRemoved = true
    places.remove(Self.key(self[place].protocol.ipProtocol, self[place].endpoint))
  }

  /// The service at `place`; traps outside the table.
  subscript(place: Int) -> VirtualService {
    @inline(__always) unsafeAddress {
      precondition(place >= 0 && place < count)
      return unsafe UnsafePointer(services.advanced(by: place))
    }
    @inline(__always) unsafeMutableAddress {
      precondition(place >= 0 && place < count)
      return unsafe services.advanced(by: place)
    }
  }
}
