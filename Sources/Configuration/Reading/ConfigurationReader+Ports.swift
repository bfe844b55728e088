import Director
import Frames
import LinkIO
import Wire

extension ConfigurationReader {
  /// The most own addresses of a port.
  static let addressLimit = 64

  /// The most routes of a port.
  static let routeLimit = 1024

  /// The value of `ports`.
  mutating func ports(_ node: YAMLNode) -> [PortDraft] {
    guard let entries = entries(of: node, "`ports`") else { return [] }
    let wanted = "1-\(PortIndex.limit) ports are wanted"
    if entries.isEmpty { refuse("`ports` is empty", at: node.position, wanted: wanted) }
    if entries.count > PortIndex.limit {
      refuse(
        "\(entries.count) ports", at: entries[PortIndex.limit].keyPosition, wanted: wanted)
    }
    return entries.map { port($0) }
  }

  private mutating func port(_ entry: YAMLNode.Entry) -> PortDraft {
    let name = entry.key
    var draft = PortDraft(name: Located(name, at: entry.keyPosition))
    if !(1...15).contains(name.utf8.count) || !name.utf8.allSatisfy(isNameByte) {
      refuse(
        "the port name \(quoted(name))", at: entry.keyPosition,
        wanted: "1-15 letters, digits, `-` and `_` are wanted")
    }
    let fields = fields(
      of: entry.value, "port `\(abbreviated(name))`", required: ["tap", "mac", "addresses"],
      optional: ["netns", "mtu", "gateway", "routes", "create", "offloads"])
    guard let fields else {
      draft.hasAllAddresses = false
      draft.hasAllRoutes = false
      return draft
    }
    draft.tap = fields["tap"].flatMap { interfaceName($0, "tap") }
    draft.namespace = fields["netns"].flatMap { namespace($0) }
    draft.macAddress = fields["mac"].flatMap { macAddress($0, "mac") }
    draft.mtu = fields["mtu"].flatMap { mtu($0) }
    draft.isMTUKnown = (fields["mtu"] == nil) == (draft.mtu == nil)
    readAddresses(fields["addresses"], into: &draft)
    readGateway(fields["gateway"], into: &draft)
    readRoutes(fields["routes"], into: &draft)
    draft.creation = fields["create"].flatMap { creation($0) }
    draft.offloads = fields["offloads"].flatMap { choice($0, "offloads", of: OffloadLevel.self) }
    return draft
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// The name of a network device as Linux takes it (`dev_valid_name`), without `%`, which makes
  /// the kernel choose a number.
  private mutating func interfaceName(_ node: YAMLNode, _ what: String) -> Located<String>? {
    let wanted = "a device name of 1-15 bytes without spaces, `/`, `:` and `%` is wanted"
    guard let name = text(node, what, wanted: wanted) else { return nil }
    let isValid =
      name.value.utf8.count <= 15 && name.value != "." && name.value != ".."
      && !name.value.contains { $0.isWhitespace || "/:%".contains($0) }
    if isValid { return name }
    refuse("`\(what)` is \(quoted(name.value))", at: node.position, wanted: wanted)
    return nil
  }

  private mutating func namespace(_ node: YAMLNode) -> Located<String>? {
    let wanted = "the name of a network namespace, or an absolute path, is wanted"
    guard let name = text(node, "netns", wanted: wanted) else { return nil }
    let isPath = name.value.hasPrefix("/")
    let isValid =
      isPath
      ? name.value.utf8.count < 4096
      : name.value.utf8.count <= 255 && !name.value.contains("/") && name.value != "."
        && name.value != ".."
    if isValid { return name }
    refuse("`netns` is \(quoted(name.value))", at: node.position, wanted: wanted)
    return nil
  }

  private mutating func mtu(_ node: YAMLNode) -> Located<Int>? {
    integer(
      node, "mtu", in: 576...65_535,
      reason: ": every IPv4 host takes 576 bytes, and no packet is longer than 65535")
  }

  private mutating func readAddresses(_ node: YAMLNode?, into draft: inout PortDraft) {
    guard let node, let elements = elements(of: node, "`addresses`") else {
      draft.hasAllAddresses = false
      return
    }
    if elements.isEmpty {
      refuse(
        "`addresses` is empty", at: node.position,
        wanted: "an own address to ask ARP with is wanted")
    }
    if elements.count > Self.addressLimit {
      refuse(
        "\(elements.count) addresses", at: elements[Self.addressLimit].position,
        wanted: "at most \(Self.addressLimit) are wanted")
    }
    let known = elements.prefix(Self.addressLimit)
    draft.addresses = known.compactMap { interfaceAddress($0, "addresses") }
    draft.hasAllAddresses = !elements.isEmpty && draft.addresses.count == elements.count
  }

  private mutating func readGateway(_ node: YAMLNode?, into draft: inout PortDraft) {
    guard let node else { return }
    draft.gateway = hostAddress(node, "gateway")
    if draft.gateway == nil { draft.hasAllRoutes = false }
  }

  private mutating func readRoutes(_ node: YAMLNode?, into draft: inout PortDraft) {
    guard let node else { return }
    guard let elements = elements(of: node, "`routes`") else {
      draft.hasAllRoutes = false
      return
    }
    if elements.count > Self.routeLimit {
      refuse(
        "\(elements.count) routes", at: elements[Self.routeLimit].position,
        wanted: "at most \(Self.routeLimit) are wanted")
    }
    draft.routes = elements.prefix(Self.routeLimit).compactMap { route($0) }
    if draft.routes.count != elements.count { draft.hasAllRoutes = false }
  }

  private mutating func route(_ node: YAMLNode) -> RouteDraft? {
    let fields = fields(of: node, "a route", required: ["to"], optional: ["via", "mtu"])
    guard let fields else { return nil }
    let destination = fields["to"].flatMap { prefix($0, "to") }
    let via = fields["via"].flatMap { hostAddress($0, "via") }
    let mtu = fields["mtu"].flatMap { self.mtu($0) }
    if fields["via"] == nil && fields["mtu"] == nil {
      refuse("a route without `via`", at: node.position, wanted: "`via`, `mtu` or both are wanted")
      return nil
    }
    // What is given and cannot be read makes no route.
    guard let destination, (via == nil) == (fields["via"] == nil),
      (mtu == nil) == (fields["mtu"] == nil)
    else { return nil }
    return RouteDraft(destination: destination, via: via, mtu: mtu)
  }

  /// `true`, `false`, or how.
  private mutating func creation(_ node: YAMLNode) -> CreationDraft? {
    switch node.content {
    case .scalar("true", isQuoted: false):
      return CreationDraft(position: node.position)
    case .scalar("false", isQuoted: false):
      return nil
    case .mapping:
      guard let fields = fields(of: node, "`create`", optional: ["bridge", "mtu"]) else {
        return nil
      }
      let bridge = fields["bridge"].flatMap { interfaceName($0, "bridge") }
      let mtu = fields["mtu"].flatMap {
        integer(
          $0, "mtu", in: 576...Self.largestTAPMTU,
          reason: ": every IPv4 host takes 576 bytes, and Linux gives a TAP no more than 65521")
      }
      let position = fields["mtu"]?.position ?? node.position
      return CreationDraft(bridge: bridge?.value, mtu: mtu?.value, position: position)
    case .scalar, .sequence:
      refuse(
        "`create` is \(node.kind)", at: node.position,
        wanted: "`true`, `false` or a mapping with `bridge` and `mtu` is wanted")
      return nil
    }
  }

  /// 65535 less the Ethernet header (drivers/net/tun.c).
  static let largestTAPMTU = 65_521
}
