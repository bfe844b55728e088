import Wire

extension ConfigurationReader {
  /// A decimal number in `range`; `reason` says where the range comes from, as in ": a port is ...".
  mutating func integer(
    _ node: YAMLNode, _ what: String, in range: ClosedRange<Int>, reason: String = ""
  ) -> Located<Int>? {
    let number =
      range.count == 1
      ? "the number \(range.lowerBound)"
      : "a whole number of \(range.lowerBound)-\(range.upperBound)"
    let wanted = "\(number) is wanted\(reason)"
    guard case .scalar(let text, let isQuoted) = node.content else {
      refuse("`\(what)` is \(node.kind)", at: node.position, wanted: wanted)
      return nil
    }
    let kind = PlainScalar(text)
    if isQuoted {
      let hint = kind.name == nil ? "" : " without quotes"
      refuse(
        "`\(what)` is \(node.kind)", at: node.position,
        wanted: "\(number)\(hint) is wanted\(reason)")
      return nil
    }
    guard case .decimal = kind, !text.hasPrefix("+") else {
      let name = kind.name.map { ", to YAML \($0)" } ?? ""
      let found = text.isEmpty ? "nothing" : "`\(abbreviated(text))`\(name)"
      refuse("`\(what)` is \(found)", at: node.position, wanted: wanted)
      return nil
    }
    guard let value = Int(text), range.contains(value) else {
      refuse("`\(what)` is \(abbreviated(text))", at: node.position, wanted: wanted)
      return nil
    }
    return Located(value, at: node.position)
  }

  /// A text; what YAML takes for something else must be quoted.
  mutating func text(_ node: YAMLNode, _ what: String, wanted: String) -> Located<String>? {
    guard case .scalar(let text, let isQuoted) = node.content, !text.isEmpty else {
      refuse("`\(what)` is \(node.kind)", at: node.position, wanted: wanted)
      return nil
    }
    if !isQuoted, PlainScalar(text) == .null {
      refuse("`\(what)` is `\(text)`, to YAML nothing", at: node.position, wanted: wanted)
      return nil
    }
    if !isQuoted, let name = PlainScalar(text).name {
      refuse(
        "`\(what)` is `\(abbreviated(text))`, to YAML \(name)", at: node.position,
        wanted: "quote it: \(quoted(text))")
      return nil
    }
    return Located(text, at: node.position)
  }

  /// A text that is not checked any further here; quotes make no difference.
  mutating func word(_ node: YAMLNode, _ what: String, wanted: String) -> String? {
    if case .scalar(let text, _) = node.content, !text.isEmpty { return text }
    refuse("`\(what)` is \(node.kind)", at: node.position, wanted: wanted)
    return nil
  }

  /// An address that a host can have; `verb` is `has` when it is one of a list.
  mutating func hostAddress(
    _ node: YAMLNode, _ what: String, _ verb: String = "is"
  ) -> Located<IPv4Address>? {
    let wanted = "an IPv4 address as in 192.0.2.1 is wanted"
    guard let text = word(node, what, wanted: wanted) else { return nil }
    guard let address = IPv4Address(text) else {
      refuse("`\(what)` \(verb) `\(abbreviated(text))`", at: node.position, wanted: wanted)
      return nil
    }
    if let kind = address.kindOfNoHost {
      refuse(
        "`\(what)` \(verb) \(address), \(kind)", at: node.position,
        wanted: "an address that a host can have is wanted")
      return nil
    }
    return Located(address, at: node.position)
  }

  /// An own address with its network.
  mutating func interfaceAddress(
    _ node: YAMLNode, _ what: String
  ) -> Located<IPv4InterfaceAddress>? {
    let wanted = "an address with its network's length (1-32) as in 192.0.2.1/24 is wanted"
    guard let text = word(node, what, wanted: wanted) else { return nil }
    guard let address = IPv4InterfaceAddress(text), address.prefix.length > 0 else {
      let hint = IPv4Address(text) == nil ? "" : " without the length of its network"
      refuse("`\(what)` has `\(abbreviated(text))`\(hint)", at: node.position, wanted: wanted)
      return nil
    }
    if let kind = address.address.kindOfNoHost {
      refuse(
        "`\(what)` has \(address), \(kind)", at: node.position,
        wanted: "an address that a host can have is wanted")
      return nil
    }
    if let role = address.prefix.reservedRole(of: address.address) {
      refuse(
        "`\(what)` has \(address), the \(role) address of \(address.prefix)", at: node.position,
        wanted: "another address of that network is wanted")
      return nil
    }
    return Located(address, at: node.position)
  }

  /// A network, with no bits set behind its length.
  mutating func prefix(_ node: YAMLNode, _ what: String) -> Located<IPv4Prefix>? {
    let wanted = "a network as in 192.0.2.0/24 is wanted"
    guard let text = word(node, what, wanted: wanted) else { return nil }
    guard let parsed = IPv4InterfaceAddress(text) else {
      refuse("`\(what)` is `\(abbreviated(text))`", at: node.position, wanted: wanted)
      return nil
    }
    guard parsed.address == parsed.prefix.network else {
      refuse(
        "`\(what)` is \(parsed), which has bits set behind its length", at: node.position,
        wanted: "did you mean \(parsed.prefix)?")
      return nil
    }
    return Located(parsed.prefix, at: node.position)
  }

  /// The MAC address of a station.
  mutating func macAddress(_ node: YAMLNode, _ what: String) -> Located<MACAddress>? {
    let wanted = "a MAC address as in \"02:00:00:00:00:01\" is wanted"
    guard let text = word(node, what, wanted: wanted) else { return nil }
    if case .scalar(_, isQuoted: false) = node.content,
      case .sexagesimal = PlainScalar(text)
    {
      refuse(
        "`\(what)` is `\(abbreviated(text))`, to YAML a number in base 60", at: node.position,
        wanted: "quote it: \(quoted(text))")
      return nil
    }
    guard let address = MACAddress(text) else {
      refuse("`\(what)` is `\(abbreviated(text))`", at: node.position, wanted: wanted)
      return nil
    }
    guard address.isStation else {
      let kind = address.isMulticast ? "a group address" : "no address"
      refuse(
        "`\(what)` is \(address), \(kind)", at: node.position,
        wanted: "the address of one station is wanted: the first number even, not all 0")
      return nil
    }
    return Located(address, at: node.position)
  }

  /// One of the words of `Choice`.
  mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ node: YAMLNode, _ what: String, of type: Choice.Type
  ) -> Choice? {
    let words = type.allCases.map(\.rawValue)
    let list = words.map { "`\($0)`" }.joined(separator: ", ")
    let wanted = words.count == 1 ? "\(list) is wanted" : "one of \(list) is wanted"
    guard let text = word(node, what, wanted: wanted) else { return nil }
    if words.contains(text) { return Choice(rawValue: text) }
    refuse("`\(what)` is `\(abbreviated(text))`", at: node.position, wanted: wanted)
    return nil
  }

  /// `true` or `false`, and none of the other words that YAML 1.1 takes for them.
  mutating func truth(_ node: YAMLNode, _ what: String) -> Bool? {
    switch node.content {
    case .scalar("true", isQuoted: false): return true
    case .scalar("false", isQuoted: false): return false
    default:
      refuse("`\(what)` is \(node.kind)", at: node.position, wanted: "`true` or `false` is wanted")
      return nil
    }
  }

  /// A whole number with its unit, in `range`.
  mutating func duration(
    _ node: YAMLNode, _ what: String, in range: ClosedRange<Duration>
  ) -> Duration? {
    let bounds = "\(DurationText.text(range.lowerBound))-\(DurationText.text(range.upperBound))"
    let wanted = "a duration of \(bounds) as in 500ms, 90s, 15m or 2h is wanted"
    guard let text = word(node, what, wanted: wanted) else { return nil }
    if let duration = DurationText.parse(text), range.contains(duration) { return duration }
    let hint = text.allSatisfy { $0.isASCII && $0.isWholeNumber } ? " without a unit" : ""
    refuse("`\(what)` is `\(abbreviated(text))`\(hint)", at: node.position, wanted: wanted)
    return nil
  }
}

extension IPv4Address {
  /// Why no host can have the address; `nil` if one can.
  var kindOfNoHost: String? {
    if isUnicastHost { return nil }
    if self == .broadcast { return "the broadcast address" }
    if isMulticast { return "a multicast address" }
    if isLoopback { return "a loopback address" }
    return rawValue >> 24 == 0 ? "no host's address" : "a reserved address"
  }
}

extension IPv4Prefix {
  /// "network" or "broadcast" if `address` is the one or the other of this network.
  func reservedRole(of address: IPv4Address) -> String? {
    guard let directedBroadcast else { return nil }
    if address == network { return "network" }
    return address == directedBroadcast ? "broadcast" : nil
  }
}
