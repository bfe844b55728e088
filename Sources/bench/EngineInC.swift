// Fence: this file owns the engine in C, and lends it arrays while it is made.
//
// Memory: arrays of numbers and of C structs, lent while the engine is made; the engine itself.
// Owner: the `EngineInC` value, which cannot be copied, owns the engine.
// Soundness: the engine copies what it needs, so that no pointer leaves `withUnsafeBufferPointer`; its
// functions get the engine that was made, and as many slots as the caller has.

import CEngine
import Director
import Frames
import Wire

/// The engine in C, for `Site`.
@safe
struct EngineInC: ~Copyable {
  private let engine: OpaquePointer

  /// An engine with room for `limit` connections; traps when there is no memory.
  init(limit: Int, seed: UInt64, at now: Instant) {
    guard let engine = unsafe Self.create(limit: limit, seed: seed, at: now) else {
      preconditionFailure("no memory for the engine in C")
    }
    unsafe self.engine = unsafe engine
  }

  deinit { unsafe cengine_destroy(engine) }

  /// Decides and rewrites `count` frames.
  @unsafe
  func process(_ frames: UnsafeMutablePointer<cengine_frame>, count: Int, at now: Instant) {
    unsafe cengine_process(engine, frames, Int32(count), now.nanoseconds)
  }

  /// Ends all connections whose time is over.
  func expire(at now: Instant) {
    while unsafe cengine_expire(engine, now.nanoseconds) == 8192 {}
  }

  /// The number of connections.
  var connectionCount: Int { unsafe Int(cengine_connection_count(engine)) }

  private static func create(
    limit: Int, seed: UInt64, at now: Instant
  ) -> OpaquePointer? {
    let portMACs = [Site.outsideMAC.rawValue, Site.insideMAC.rawValue]
    let routes = [
      route(IPv4Address(198, 51, 100, 0), 24, Site.outside, neighbor: 0xffff),
      route(IPv4Address(172, 16, 0, 0), 16, Site.inside, neighbor: 0xffff),
      route(.unspecified, 0, Site.outside, neighbor: 0),
    ]
    var neighborMACs = [Site.routerMAC.rawValue]
    var servers: [cengine_server] = []
    for service in 0..<Site.serviceCount {
      for place in 0..<Site.serverCount {
        servers.append(
          cengine_server(
            address: Site.server(service, place).rawValue, port: Site.serverPort,
            weight: UInt16(Site.weight(place)), neighbor: UInt16(neighborMACs.count)))
        neighborMACs.append(Site.serverMAC(service, place).rawValue)
      }
    }
    return unsafe servers.withUnsafeBufferPointer { servers in
      let services = unsafe (0..<Site.serviceCount).map { service in
        unsafe cengine_service(
          address: Site.virtual(service).rawValue, port: Site.servicePort, protocol: 6,
          servers: servers.baseAddress?.advanced(by: service * Site.serverCount),
          server_count: UInt16(Site.serverCount))
      }
      return unsafe services.withUnsafeBufferPointer { services in
        unsafe routes.withUnsafeBufferPointer { routes in
          unsafe portMACs.withUnsafeBufferPointer { portMACs in
            unsafe neighborMACs.withUnsafeBufferPointer { neighborMACs in
              var configuration = unsafe cengine_configuration(
                port_macs: portMACs.baseAddress, neighbor_macs: neighborMACs.baseAddress,
                routes: routes.baseAddress, services: services.baseAddress,
                port_count: UInt8(portMACs.count), neighbor_count: UInt16(neighborMACs.count),
                route_count: UInt16(routes.count), service_count: UInt16(services.count),
                mtu: UInt32(Site.mtu), connection_limit: UInt32(limit), seed: seed)
              return unsafe cengine_create(&configuration, now.nanoseconds)
            }
          }
        }
      }
    }
  }

  private static func route(
    _ address: IPv4Address, _ length: UInt8, _ port: PortIndex, neighbor: UInt16
  ) -> cengine_route {
    cengine_route(
      address: address.rawValue, length: length, port: port.rawValue, neighbor: neighbor)
  }
}
