import CMnl
import Glibc
package import Wire

/// A link of a network namespace as the kernel describes it.
package struct LinkState: Equatable, Sendable {
  package let index: Int32
  package let name: String
  /// The link's own address; `nil` if it is not an Ethernet one.
  package let macAddress: MACAddress?
  /// The largest IP packet in bytes.
  package let mtu: Int
  /// Whether an operator switched it on (IFF_UP).
  package let isUp: Bool
  /// Whether it has a carrier and can pass frames (IFF_RUNNING).
  package let isRunning: Bool
  /// IF_OPER_*: 6 is up, 0 is not known.
  package let operationalState: UInt8
  /// The link that it is a port of, such as a bridge.
  package let controllerIndex: Int32?
  /// What made it, such as "tun", "bridge", "veth".
  package let kind: String?
  /// More of a link of kind "tun".
  package let tun: TunnelState?
}

/// What the kernel says of a TUN or TAP device.
///
/// Each is `nil` where the kernel does not say it.
package struct TunnelState: Equatable, Sendable {
  /// Whether it carries Ethernet frames (a TAP) rather than IP packets (a TUN).
  package var isTAP: Bool?
  /// Whether it stays when no program holds it.
  package var isPersistent: Bool?
  /// Whether frames have a virtio-net header in front.
  package var hasVnetHeader: Bool?
  package var isMultiQueue: Bool?
  /// Queues that programs hold; only of a multi-queue device.
  package var queueCount: Int?
  /// Of those, the ones held but switched off.
  package var disabledQueueCount: Int?

  package init(
    isTAP: Bool? = nil, isPersistent: Bool? = nil, hasVnetHeader: Bool? = nil,
    isMultiQueue: Bool? = nil, queueCount: Int? = nil, disabledQueueCount: Int? = nil
  ) {
    self.isTAP = isTAP
    self.isPersistent = isPersistent
    self.hasVnetHeader = hasVnetHeader
    self.isMultiQueue = isMultiQueue
    self.queueCount = queueCount
    self.disabledQueueCount = disabledQueueCount
  }
}

extension LinkState {
  /// Reads the payload of an RTM_NEWLINK or RTM_DELLINK message; `nil` if it is malformed, has no
  /// name, or is of a family of its own, such as a bridge's view of its port.
  package init?(_ payload: [UInt8]) {
    guard let family = payload.first, family == UInt8(AF_UNSPEC),
      let index = payload.nativeUInt32(at: 4), let flags = payload.nativeUInt32(at: 8),
      let attributes = NetlinkAttribute.attributes(
        in: payload, from: MemoryLayout<ifinfomsg>.size)
    else { return nil }
    var name: String?
    var macAddress: MACAddress?
    var mtu = 0
    var operationalState: UInt8 = 0
    var controllerIndex: Int32?
    var information: [UInt8] = []
    for attribute in attributes {
      switch attribute.type {
      case IFLA_IFNAME: name = attribute.text
      case IFLA_ADDRESS: macAddress = attribute.macAddress
      case IFLA_MTU: mtu = attribute.number.map { Int($0) } ?? 0
      case IFLA_OPERSTATE: operationalState = attribute.octet ?? 0
      case IFLA_MASTER: controllerIndex = attribute.number.map { Int32(bitPattern: $0) }
      case IFLA_LINKINFO: information = attribute.payload
      default: break
      }
    }
    guard let name, !name.isEmpty, let details = LinkInformation(information) else { return nil }
    self.index = Int32(bitPattern: index)
    self.name = name
    self.macAddress = macAddress
    self.mtu = mtu
    isUp = flags & UInt32(IFF_UP) != 0
    isRunning = flags & UInt32(IFF_RUNNING) != 0
    self.operationalState = operationalState
    self.controllerIndex = controllerIndex
    kind = details.kind
    tun = details.tun
  }
}

/// IFLA_LINKINFO: what made the link, and that kind's own attributes.
private struct LinkInformation {
  var kind: String?
  var tun: TunnelState?

  /// Reads the nested attributes; `nil` if they are malformed.
  init?(_ payload: [UInt8]) {
    guard let attributes = NetlinkAttribute.attributes(in: payload) else { return nil }
    kind = attributes.first { $0.type == IFLA_INFO_KIND }?.text
    guard kind == "tun" else { return }
    let data = attributes.first { $0.type == IFLA_INFO_DATA }?.payload ?? []
    guard let details = NetlinkAttribute.attributes(in: data) else { return nil }
    var tun = TunnelState()
    for detail in details {
      switch detail.type {
      case IFLA_TUN_TYPE: tun.isTAP = detail.octet.map { $0 == 2 }
      case IFLA_TUN_PERSIST: tun.isPersistent = detail.octet.map { $0 != 0 }
      case IFLA_TUN_VNET_HDR: tun.hasVnetHeader = detail.octet.map { $0 != 0 }
      case IFLA_TUN_MULTI_QUEUE: tun.isMultiQueue = detail.octet.map { $0 != 0 }
      case IFLA_TUN_NUM_QUEUES: tun.queueCount = detail.number.map { Int($0) }
      case IFLA_TUN_NUM_DISABLED_QUEUES: tun.disabledQueueCount = detail.number.map { Int($0) }
      default: break
      }
    }
    self.tun = tun
  }
}

extension NetlinkAttribute {
  /// The payload as an Ethernet address; `nil` if it has another length.
  var macAddress: MACAddress? {
    guard payload.count == 6 else { return nil }
    return MACAddress(rawValue: payload.reduce(0) { $0 << 8 | UInt64($1) })
  }
}
