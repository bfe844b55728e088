import CLinux
import Frames
import Glibc
import Netlink
import Wire

/// How a TAP is made that lives as long as the director.
package struct TAPCreation: Equatable, Sendable {
  /// The link's MTU in bytes.
  package var mtu: Int
  /// The bridge in the same namespace that it becomes a port of, if any.
  package var bridge: String?

  package init(mtu: Int = 1500, bridge: String? = nil) {
    self.mtu = mtu
    self.bridge = bridge
  }
}

extension TAPAttachment {
  /// Creates the TAP, makes it what `creation` says and switches it on.
  ///
  /// Whatever fails, the TAP goes with its descriptor.
  func create(
    _ creation: TAPCreation, in table: LinkTable
  ) throws(LinkError) -> TAPDevice {
    let queue = try TAPQueue()
    try refuseExisting(in: table)
    let offloads = try make(queue)
    let link = try table.link(name)
    guard let lock = try TAPLock(index: link.index) else {
      throw LinkError(.busy, "\(self) is held by another director")
    }
    try configure(link, as: creation, in: table)
    return TAPDevice(
      name: name, index: link.index, namespace: namespace, isOwn: true, isMultiQueue: false,
      offloads: offloads, queue: queue, lock: lock)
  }

  /// Refuses to create what is there.
  ///
  /// A TAP that goes with its program may be about to go.
  private func refuseExisting(in table: LinkTable) throws(LinkError) {
    guard let link = try table.link(ifPresent: name) else { return }
    let mayGo = link.kind == "tun" && link.tun?.isPersistent == false
    throw LinkError(
      mayGo ? .busy : .linkExists,
      "a link \(name) exists in \(namespace) already; a TAP that tapvs creates must not exist")
  }

  private func make(_ queue: borrowing TAPQueue) throws(LinkError) -> TAPOffloads {
    do throws(SystemError) {
      for hasVnetHeader in ceiling.hasVnetHeader ? [true, false] : [false] {
        let isMade = try queue.join(
          name, flags: Int32(IFF_TUN_EXCL), hasVnetHeader: hasVnetHeader)
        if isMade { return try queue.prepare(atMost: hasVnetHeader ? ceiling : .plain) }
      }
      throw SystemError(code: EINVAL)
    } catch {
      throw refusal(error)
    }
  }

  private func configure(
    _ link: LinkState, as creation: TAPCreation, in table: LinkTable
  ) throws(LinkError) {
    if link.macAddress == macAddress {
      // Any other will do: the last bit apart.
      try table.setAddress(MACAddress(rawValue: macAddress.rawValue ^ 1), of: link)
    }
    try table.setMTU(creation.mtu, of: link)
    if let bridge = creation.bridge { try table.setBridge(bridge, of: link) }
    try table.setUp(true, of: link)
  }
}
