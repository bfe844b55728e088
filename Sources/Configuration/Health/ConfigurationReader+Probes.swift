import Health
import Wire

// What checks ask, kind by kind.

extension ConfigurationReader {
  /// What a check of `kind` asks; `nil` if something that it needs is missing or cannot be read.
  mutating func probe(_ kind: CheckKind, _ fields: Fields, at position: Position) -> CheckProbe? {
    let target = target(fields)
    switch kind {
    case .tcp: return isThroughVIP(fields) ? .path : .tcp(target)
    case .icmp: return .icmp(target)
    case .http, .https: return .http(httpProbe(kind, fields, target))
    case .udp: return .udp(udpProbe(fields, target))
    case .dns: return .dns(dnsProbe(fields, target))
    case .script: return scriptProbe(fields, at: position).map { .script($0) }
    }
  }

  private mutating func target(_ fields: Fields) -> ProbeTarget {
    ProbeTarget(
      address: fields["address"].flatMap { hostAddress($0, "address")?.value },
      port: fields["port"].flatMap { portNumber($0)?.value },
      source: fields["source"].flatMap { hostAddress($0, "source")?.value })
  }

  /// Whether the check goes the way of the packets; what makes no sense then is refused.
  private mutating func isThroughVIP(_ fields: Fields) -> Bool {
    guard let node = fields["through"],
      choice(node, "through", of: ProbeWay.self) == .vip
    else { return false }
    for key in ["address", "port", "source"] {
      guard let foreign = fields[key] else { continue }
      refuse(
        "`\(key)` in a check `through: vip`", at: foreign.position,
        wanted: "such a check goes where the service's packets go: leave it out")
    }
    return true
  }

  private enum ProbeWay: String, CaseIterable {
    case vip
  }

  private mutating func httpProbe(
    _ kind: CheckKind, _ fields: Fields, _ target: ProbeTarget
  ) -> HTTPProbe {
    var probe = HTTPProbe(target: target)
    probe.isSecure = kind == .https
    if let node = fields["path"], let path = requestPath(node) { probe.path = path }
    probe.host = fields["host"].flatMap { name($0, "host") }
    probe.serverName = fields["server-name"].flatMap { name($0, "server-name") }
    if let node = fields["verify"] { probe.verifiesCertificate = truth(node, "verify") ?? false }
    if let node = fields["authorities"] {
      probe.authorities = filePath(node, "authorities")
      if !probe.verifiesCertificate {
        refuse(
          "`authorities` without `verify: true`", at: node.position,
          wanted: "`verify: true` beside it is wanted")
      }
    }
    if let node = fields["status"], let statuses = statuses(node) { probe.statuses = statuses }
    probe.digest = digest(fields)
    readPattern(fields, into: &probe)
    return probe
  }

  /// A path with its query, as it stands in a request.
  private mutating func requestPath(_ node: YAMLNode) -> String? {
    let wanted = "a path as in /health, of visible ASCII characters, at most 1024, is wanted"
    guard let text = word(node, "path", wanted: wanted) else { return nil }
    guard text.hasPrefix("/"), text.utf8.count <= 1024,
      text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else {
      refuse("`path` is `\(abbreviated(text))`", at: node.position, wanted: wanted)
      return nil
    }
    return text
  }

  /// A host's name, or an address, with or without a port.
  private mutating func name(_ node: YAMLNode, _ key: String) -> String? {
    let wanted = "a host's name as in www.example.org is wanted"
    guard let text = word(node, key, wanted: wanted) else { return nil }
    let isName = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: ":"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard isName, text.utf8.count <= 255 else {
      refuse("`\(key)` is `\(abbreviated(text))`", at: node.position, wanted: wanted)
      return nil
    }
    return text
  }

  private mutating func filePath(_ node: YAMLNode, _ key: String) -> String? {
    let wanted = "an absolute path as in /etc/ssl/ca.pem is wanted"
    guard let text = word(node, key, wanted: wanted) else { return nil }
    guard text.hasPrefix("/"), text.utf8.count < 4096 else {
      refuse("`\(key)` is `\(abbreviated(text))`", at: node.position, wanted: wanted)
      return nil
    }
    return text
  }

  /// A status, a range of them, or a list of both.
  private mutating func statuses(_ node: YAMLNode) -> [ClosedRange<Int>]? {
    guard case .sequence(let elements) = node.content else {
      return statusRange(node).map { [$0] }
    }
    guard !elements.isEmpty, elements.count <= 64 else {
      refuse("`status` has \(elements.count) entries", at: node.position, wanted: "1-64 are wanted")
      return nil
    }
    return elements.compactMap { statusRange($0) }
  }

  private mutating func statusRange(_ node: YAMLNode) -> ClosedRange<Int>? {
    numbers(node, "status", in: 100...599, wanted: "a status as in 200, or 200-299, is wanted")
  }

  /// A number of `range`, or two with `-` between them.
  private mutating func numbers(
    _ node: YAMLNode, _ key: String, in range: ClosedRange<Int>, wanted: String
  ) -> ClosedRange<Int>? {
    guard let text = word(node, key, wanted: wanted) else { return nil }
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let values = parts.compactMap { part in
      part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
    }
    guard values.count == parts.count, let first = values.first, let last = values.last,
      first <= last, range.contains(first), range.contains(last)
    else {
      refuse("`\(key)` is `\(abbreviated(text))`", at: node.position, wanted: wanted)
      return nil
    }
    return first...last
  }

  private mutating func digest(_ fields: Fields) -> BodyDigest? {
    var found: BodyDigest?
    for algorithm in BodyDigest.Algorithm.allCases {
      guard let node = fields[algorithm.rawValue] else { continue }
      let wanted = "\(algorithm.digitCount) hexadecimal digits are wanted"
      guard let text = word(node, algorithm.rawValue, wanted: wanted) else { continue }
      guard text.utf8.count == algorithm.digitCount, text.allSatisfy(\.isHexDigit) else {
        refuse(
          "`\(algorithm.rawValue)` is `\(abbreviated(text))`", at: node.position, wanted: wanted)
        continue
      }
      if found != nil {
        refuse("both `md5` and `sha256`", at: node.position, wanted: "one of them is wanted")
      }
      found = BodyDigest(algorithm, text.lowercased())
    }
    return found
  }

  private mutating func readPattern(_ fields: Fields, into probe: inout HTTPProbe) {
    for key in ["regex", "no-regex"] {
      guard let node = fields[key] else { continue }
      let wanted = "a regular expression of at most 1024 characters is wanted"
      guard case .scalar(let text, _) = node.content, !text.isEmpty, text.utf8.count <= 1024,
        (try? Regex(text)) != nil
      else {
        refuse("`\(key)` is \(node.kind)", at: node.position, wanted: wanted)
        continue
      }
      if probe.pattern != nil {
        refuse("both `regex` and `no-regex`", at: node.position, wanted: "one of them is wanted")
      }
      probe.pattern = text
      probe.wantsPattern = key == "regex"
    }
  }

  private mutating func udpProbe(_ fields: Fields, _ target: ProbeTarget) -> UDPProbe {
    var probe = UDPProbe(target: target)
    if let node = fields["payload"], let bytes = bytes(node, "payload") { probe.payload = bytes }
    if let node = fields["require-reply"], truth(node, "require-reply") == true { probe.reply = [] }
    if let node = fields["reply"], let bytes = bytes(node, "reply") { probe.reply = bytes }
    if let node = fields["reply-length"] {
      let range = numbers(
        node, "reply-length", in: UDPProbe().replyLength,
        wanted: "a length of 0-65507 as in 512, or 12-512, is wanted")
      if let range { probe.replyLength = range }
      if probe.reply == nil { probe.reply = [] }
    }
    return probe
  }

  /// Bytes as pairs of hexadecimal digits, at most 1472.
  private mutating func bytes(_ node: YAMLNode, _ key: String) -> [UInt8]? {
    let wanted = "pairs of hexadecimal digits as in \"0a1b\", at most 1472, are wanted"
    guard let text = word(node, key, wanted: wanted) else { return nil }
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count.isMultiple(of: 2), digits.count <= 2 * 1472
    else {
      refuse("`\(key)` is `\(abbreviated(text))`", at: node.position, wanted: wanted)
      return nil
    }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  private mutating func dnsProbe(_ fields: Fields, _ target: ProbeTarget) -> DNSProbe {
    var probe = DNSProbe(target: target)
    if let node = fields["record"],
      let type = choice(node, "record", of: DNSProbe.RecordType.self)
    {
      probe.type = type
    }
    if let node = fields["name"], let text = word(node, "name", wanted: "a name is wanted") {
      let labels = text.split(separator: ".", omittingEmptySubsequences: false)
      let isName =
        text == "."
        || text.utf8.count <= 253
          && labels.enumerated().allSatisfy { index, label in
            index == labels.count - 1 && label.isEmpty && index > 0
              || (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy { (0x21...0x7e).contains($0) }
          }
      if isName {
        probe.name = text
      } else {
        refuse(
          "`name` is `\(abbreviated(text))`", at: node.position,
          wanted: "a name of labels of at most 63 characters as in example.org is wanted")
      }
    }
    return probe
  }

  private mutating func scriptProbe(_ fields: Fields, at position: Position) -> ScriptProbe? {
    guard let node = fields["command"] else {
      refuse("a check of `script` without `command`", at: position, wanted: "`command` is wanted")
      return nil
    }
    let wanted = "a program's absolute path and its arguments as in [/bin/check, now] are wanted"
    let elements: [YAMLNode]
    if case .sequence(let list) = node.content { elements = list } else { elements = [node] }
    let words = elements.compactMap { word($0, "command", wanted: wanted) }
    guard words.count == elements.count else { return nil }
    guard let program = words.first, program.hasPrefix("/"), words.count <= 64,
      words.allSatisfy({ $0.utf8.count < 4096 })
    else {
      refuse("`command` is \(node.kind)", at: node.position, wanted: wanted)
      return nil
    }
    var probe = ScriptProbe(command: words)
    if let node = fields["user"],
      let user = word(node, "user", wanted: "a user's name is wanted")
    {
      probe.user = user
    }
    return probe
  }
}
