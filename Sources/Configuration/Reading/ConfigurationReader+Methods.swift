package import Director
import Wire

extension ConfigurationReader {
  /// The keys of a service that belong to one forwarding method or another.
  static let methodKeys = [
    "tunnel", "local-addresses", "local-ports", "client-address", "option-kind", "strip-client-toa",
    "tcp-timestamps",
  ]

  /// The most local addresses of a service.
  static let localAddressLimit = 256

  /// How packets are wrapped; what a tunnel of that kind does not have is refused.
  mutating func tunnel(_ node: YAMLNode) -> Located<Tunnel>? {
    let fields = fields(of: node, "`tunnel`", optional: ["encapsulation", "port", "checksum"])
    guard let fields else { return nil }
    let encapsulation = value(of: fields["encapsulation"], default: .ipip) {
      $0.choice($1, "encapsulation", of: Tunnel.Encapsulation.self)
    }
    let port = fields["port"].flatMap { portNumber($0) }
    let hasChecksum = fields["checksum"].flatMap { node in
      truth(node, "checksum").map { Located($0, at: node.position) }
    }
    guard let encapsulation else { return nil }
    if let port, encapsulation != .gue {
      refuse(
        "`port` in a tunnel of `\(encapsulation.rawValue)`", at: port.position,
        wanted: "only `encapsulation: gue` has ports: leave it out")
    }
    if let hasChecksum, hasChecksum.value, encapsulation == .ipip {
      refuse(
        "`checksum: true` in a tunnel of `ipip`", at: hasChecksum.position,
        wanted: "only `encapsulation: gre` and `gue` have one: leave it out")
    }
    let tunnel = Tunnel(
      encapsulation, hasChecksum: hasChecksum?.value ?? false,
      port: port?.value ?? Tunnel.defaultPort)
    return Located(tunnel, at: node.position)
  }

  /// What a service says of FullNAT.
  mutating func fullNAT(_ fields: Fields) -> FullNATDraft {
    var draft = FullNATDraft()
    draft.hasLocalAddresses = fields["local-addresses"] != nil
    draft.localAddresses = fields["local-addresses"].flatMap { localAddresses($0) }
    draft.localPorts = fields["local-ports"].flatMap { portRange($0, "local-ports") }
    draft.clientAddress = fields["client-address"].flatMap { node in
      choice(node, "client-address", of: ClientAddressForm.self).map {
        Located($0, at: node.position)
      }
    }
    draft.optionKind = fields["option-kind"].flatMap {
      integer($0, "option-kind", in: FullNATSettings.optionKindRange).map {
        Located(UInt8($0.value), at: $0.position)
      }
    }
    draft.timestamps = fields["tcp-timestamps"].flatMap { node in
      choice(node, "tcp-timestamps", of: TimestampPolicy.self).map {
        Located($0, at: node.position)
      }
    }
    return draft
  }

  private mutating func localAddresses(_ node: YAMLNode) -> Located<[Located<IPv4Address>]>? {
    guard let elements = elements(of: node, "`local-addresses`") else { return nil }
    if elements.isEmpty {
      refuse(
        "`local-addresses` is empty", at: node.position,
        wanted: "a source for packets to real servers is wanted")
    }
    if elements.count > Self.localAddressLimit {
      refuse(
        "\(elements.count) local addresses", at: elements[Self.localAddressLimit].position,
        wanted: "at most \(Self.localAddressLimit) are wanted")
    }
    let known = elements.prefix(Self.localAddressLimit)
    let addresses = known.compactMap { hostAddress($0, "local-addresses", "has") }
    return Located(addresses, at: node.position)
  }

  /// Ports as in `1025-65535`.
  private mutating func portRange(
    _ node: YAMLNode, _ what: String
  ) -> Located<ClosedRange<UInt16>>? {
    let wanted = "FIRST-LAST, two numbers of 1-65535 as in 1025-65535, is wanted"
    guard let text = word(node, what, wanted: wanted) else { return nil }
    let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map(decimal)
    guard numbers.count == 2, let first = numbers[0], let last = numbers[1] else {
      refuse("`\(what)` is `\(abbreviated(text))`", at: node.position, wanted: wanted)
      return nil
    }
    guard first > 0 else {
      refuse("`\(what)` is `\(text)`, which begins with 0", at: node.position, wanted: wanted)
      return nil
    }
    guard first <= last else {
      refuse(
        "`\(what)` is `\(text)`, which ends before it begins", at: node.position,
        wanted: "did you mean `\(last)-\(first)`?")
      return nil
    }
    return Located(first...last, at: node.position)
  }

  /// A number of digits alone, without a sign and needless zeros.
  private func decimal(_ text: Substring) -> UInt16? {
    let isPlain = text.allSatisfy { ("0"..."9").contains($0) }
    return isPlain && (text == "0" || text.first != "0") ? UInt16(text) : nil
  }
}

extension FullNATSettings {
  /// The local ports as in a file.
  package var localPortsText: String { "\(localPorts.lowerBound)-\(localPorts.upperBound)" }
}
