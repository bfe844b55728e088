import CLinux
import Frames
import Glibc
package import Netlink
package import Wire

/// Which TAP to open, and how.
package struct TAPAttachment: Sendable {
  /// The link's name, in `namespace`.
  package var name: String
  package var namespace: NetworkNamespace
  /// The port's address, which must not be the link's own.
  package var macAddress: MACAddress
  /// The highest rung of offloads to try.
  package var ceiling: OffloadLevel
  /// How the TAP is made; `nil` if it exists.
  package var creation: TAPCreation?

  package init(
    name: String, namespace: NetworkNamespace, macAddress: MACAddress,
    ceiling: OffloadLevel = .full, creation: TAPCreation? = nil
  ) {
    self.name = name
    self.namespace = namespace
    self.macAddress = macAddress
    self.ceiling = ceiling
    self.creation = creation
  }

  /// Opens the TAP, waiting at most `patience` for whoever holds it still, such as a director that
  /// is just ending.
  package func open(
    patience: Duration = .seconds(2), clock: RetryClock = .monotonic
  ) throws(LinkError) -> TAPDevice {
    try namespace.perform { () throws(LinkError) in
      let table = try LinkTable(ofCurrent: namespace)
      let deadline = clock.now().advanced(by: patience)
      while true {
        do throws(LinkError) {
          if let creation { return try create(creation, in: table) }
          return try attach(in: table)
        } catch {
          guard error.reason == .busy, clock.now() < deadline else { throw error }
          clock.sleep(.milliseconds(20))
        }
      }
    }
  }
}

extension TAPAttachment: CustomStringConvertible {
  /// As it stands in messages: "TAP lb1-wan in namespace blue".
  package var description: String { "TAP \(name) in \(namespace)" }
}

extension TAPAttachment {
  /// Attaches to the TAP that exists.
  private func attach(in table: LinkTable) throws(LinkError) -> TAPDevice {
    // First: where no queue can be had, no TAP is to be expected either.
    let queue = try TAPQueue()
    let link = try table.link(name)
    try check(link)
    guard let lock = try TAPLock(index: link.index) else {
      throw LinkError(.busy, "\(self) is held by another director")
    }
    let holders = (link.tun?.queueCount ?? 0) + (link.tun?.disabledQueueCount ?? 0)
    guard holders == 0 else {
      throw LinkError(.busy, "\(self) is held by another program (\(holders) queues)")
    }
    let (offloads, isMultiQueue) = try join(queue)
    // Had the link gone in between, the kernel would have made a new one for us: closing removes it.
    guard try table.link(ifPresent: name)?.index == link.index else {
      throw LinkError(.linkMissing, "\(self) went away while it was being opened")
    }
    return TAPDevice(
      name: name, index: link.index, namespace: namespace, isOwn: false,
      isMultiQueue: isMultiQueue, offloads: offloads, queue: queue, lock: lock)
  }

  /// Refuses links that are no TAPs, and a port with the link's own address.
  private func check(_ link: LinkState) throws(LinkError) {
    guard link.kind == "tun", link.tun?.isTAP != false else {
      let found = link.kind == "tun" ? "a TUN device" : link.kind.map { "of kind \($0)" }
      throw LinkError(
        .unsuitable, "link \(name) in \(namespace) is \(found ?? "a device"); wanted is a TAP")
    }
    guard link.macAddress != macAddress else {
      throw LinkError(
        .unsuitable,
        "\(self) has the port's address \(macAddress) as its own: its bridge would keep the port's "
          + "frames for itself; give the port another")
    }
  }

  /// Attaches `queue`: a virtio-net header is tried before none, several queues before one, since a
  /// TAP refuses the form that it was not made for with EINVAL.
  private func join(
    _ queue: borrowing TAPQueue
  ) throws(LinkError) -> (offloads: TAPOffloads, isMultiQueue: Bool) {
    do throws(SystemError) {
      for hasVnetHeader in ceiling.hasVnetHeader ? [true, false] : [false] {
        for isMultiQueue in [true, false] {
          let flags = isMultiQueue ? Int32(IFF_MULTI_QUEUE) : 0
          guard try queue.join(name, flags: flags, hasVnetHeader: hasVnetHeader) else { continue }
          return (try queue.prepare(atMost: hasVnetHeader ? ceiling : .plain), isMultiQueue)
        }
      }
      throw SystemError(code: EINVAL)
    } catch {
      throw refusal(error)
    }
  }

  /// What the kernel's refusal means.
  func refusal(_ error: SystemError) -> LinkError {
    switch error.code {
    case EBUSY:
      LinkError(.busy, "\(self) is held by another program")
    case EPERM, EACCES:
      .lacking("NET_ADMIN", "\(self) cannot be opened: \(error)")
    default:
      LinkError(.system, "\(self) cannot be opened: \(error)")
    }
  }
}

extension TAPQueue {
  /// Attaches to `name`; `false` if the TAP was not made in this form.
  borrowing func join(
    _ name: String, flags: Int32, hasVnetHeader: Bool
  ) throws(SystemError) -> Bool {
    do throws(SystemError) {
      try attach(to: name, flags: flags | (hasVnetHeader ? Int32(IFF_VNET_HDR) : 0))
      return true
    } catch {
      if error.code == EINVAL { return false }
      throw error
    }
  }

  /// Sets the header's length and the offloads; answers the rung that was reached.
  ///
  /// The longer header makes the kernel take TCP segments in UDP tunnels; it hands out none, since it is
  /// not asked to.
  borrowing func prepare(atMost ceiling: OffloadLevel) throws(SystemError) -> TAPOffloads {
    guard ceiling.hasVnetHeader else {
      try clearOffload()
      return TAPOffloads(level: .plain, headerLength: 0)
    }
    let knowsTunnels = ceiling == .full && knowsTunnelSuperframes()
    guard let level = setOffload(atMost: ceiling) else { throw SystemError(code: EINVAL) }
    let length =
      knowsTunnels && level == .full ? VirtioNetHeader.tunnelLength : VirtioNetHeader.length
    try setVnetHeaderLength(length)
    return TAPOffloads(level: level, headerLength: length)
  }
}

/// What a TAP's queue was brought to.
struct TAPOffloads {
  let level: OffloadLevel
  /// The virtio-net header's length in bytes: 0, 10 or 24.
  let headerLength: Int
}
