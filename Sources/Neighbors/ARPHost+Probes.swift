import Frames
import Wire

/// When the stations of a segment are asked for an address again that they must not answer for.
struct SharedAddressProbe: Sendable {
  let address: IPv4Address
  let port: PortIndex
  var due: Instant
}

extension ARPHost {
  /// Begins to ask the segment of `port` for the addresses that its real servers have, too.
  ///
  /// A server that answers for one tells the router alone, which then sends to it past the director:
  /// nothing of that is heard here. The answer to a probe is, and counts as a claim.
  mutating func beginProbing(port: PortIndex, at now: Instant) {
    probes.removeAll { $0.port == port }
    let due = now.advanced(by: NeighborTiming.firstProbe)
    probes += ports[port.index].sharedAddresses.map {
      SharedAddressProbe(address: $0, port: port, due: due)
    }
  }

  /// Sends the probes that are due, as far as `outbox` has room.
  mutating func sendProbes(to now: Instant, outbox: inout FrameBatch) {
    for index in probes.indices where probes[index].due <= now {
      let probe = probes[index]
      let fields = ARPFields(
        operation: .request, senderMAC: ports[probe.port.index].macAddress,
        senderAddress: .unspecified, targetMAC: .zero, targetAddress: probe.address)
      guard send(fields, to: .broadcast, port: probe.port, outbox: &outbox) else { break }
      probes[index].due = now.advanced(by: NeighborTiming.probe)
    }
  }
}
