// Fence: this file owns the memory of the virtual services.
//
// Memory: one allocation of `capacity` services, of which the first `count` are initialized; replaced by
// a larger one when it is full, freed in `deinit`.
// Owner: the `ServiceTable` value, which cannot be copied.
// Soundness: every index is checked against `count`; services are moved only in a mutating function,
// while none is lent.

import Frames
import Wire

/// The virtual services, found by protocol, address and port.
@safe
struct ServiceTable: ~Copyable {
  private var services: UnsafeMutablePointer<VirtualService>
  private var capacity: Int
  private var count: Int
  private var places = PlaceIndex()

  init(_ services: [VirtualService]) {
    count = services.count
    capacity = max(1, services.count)
    unsafe self.services = .allocate(capacity: capacity)
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

  /// Adds a service that the table does not have; answers its place.
  mutating func append(_ service: VirtualService) -> Int {
    if count == capacity {
      let memory = UnsafeMutablePointer<VirtualService>.allocate(capacity: 2 * capacity)
      unsafe memory.moveInitialize(from: services, count: count)
      unsafe services.deallocate()
      unsafe services = memory
      capacity *= 2
    }
    unsafe services.advanced(by: count).initialize(to: service)
    places.set(Self.key(service.protocol.ipProtocol, service.endpoint), place: count)
    count += 1
    return count - 1
  }

  /// The place of a service that was hidden; `nil` if there is none.
  ///
  /// Cost: one look at each service.
  func hiddenPlace(_ protocol: IPProtocol, _ endpoint: Endpoint) -> Int? {
    (0..<count).first {
      self[$0].isRemoved && self[$0].endpoint == endpoint
        && self[$0].protocol.ipProtocol == `protocol`
    }
  }

  /// Lets the service at `place` be found again.
  mutating func show(_ place: Int) {
    self[place].isRemoved = false
    places.set(Self.key(self[place].protocol.ipProtocol, self[place].endpoint), place: place)
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
