import CMnl
import Glibc
package import Wire

/// An IPv4 address that the kernel answers for on one of its links.
package struct InterfaceAddress: Equatable, Sendable {
  package let address: IPv4Address
  /// The length of the connected network's prefix, in bits: 0-32.
  package let prefixLength: Int
  package let linkIndex: Int32
  /// The link's name, or the name that the address was given besides.
  package let label: String?
}

extension InterfaceAddress {
  /// Reads the payload of an RTM_NEWADDR message; `nil` if it is malformed or not of IPv4.
  package init?(_ payload: [UInt8]) {
    guard payload.count >= MemoryLayout<ifaddrmsg>.size, payload[0] == UInt8(AF_INET),
      payload[1] <= 32, let index = payload.nativeUInt32(at: 4),
      let attributes = NetlinkAttribute.attributes(
        in: payload, from: MemoryLayout<ifaddrmsg>.size)
    else { return nil }
    // IFA_ADDRESS is the other end's on a point-to-point link; IFA_LOCAL is always ours.
    let own =
      attributes.first { $0.type == IFA_LOCAL } ?? attributes.first { $0.type == IFA_ADDRESS }
    guard let address = own?.ipv4Address else { return nil }
    self.address = address
    prefixLength = Int(payload[1])
    linkIndex = Int32(bitPattern: index)
    label = attributes.first { $0.type == IFA_LABEL }?.text
  }
}

extension NetlinkAttribute {
  /// The payload as an IPv4 address; `nil` if it has another length.
  var ipv4Address: IPv4Address? {
    guard payload.count == 4 else { return nil }
    return IPv4Address(rawValue: payload.reduce(0) { $0 << 8 | UInt32($1) })
  }
}
