import Wire

extension CheckProbe: CustomStringConvertible {
  /// All of it in one text, the kind first, as `http :8080/health host=example.org`.
  ///
  /// What is as usual is left out. Two probes have the same text only if they are the same.
  package var description: String {
    switch self {
    case .tcp(let target): Self.text("tcp", target)
    case .http(let probe): Self.text(probe)
    case .udp(let probe): Self.text(probe)
    case .icmp(let target): Self.text("icmp", target)
    case .dns(let probe):
      Self.text("dns", probe.target, ["\(probe.type.rawValue)", quoted(probe.name)])
    case .script(let probe):
      (["script"] + probe.command.map(quoted)
        + (probe.user == ScriptProbe.defaultUser ? [] : ["user=\(quoted(probe.user))"]))
        .joined(separator: " ")
    case .path: "path"
    }
  }

  private static func text(
    _ kind: String, _ target: ProbeTarget, path: String = "", _ rest: [String] = []
  ) -> String {
    var words = [kind]
    let address = target.address.map { "\($0)" } ?? ""
    let place = address + (target.port.map { ":\($0)" } ?? "") + path
    if !place.isEmpty { words.append(place) }
    if let source = target.source { words.append("source=\(source)") }
    return (words + rest).joined(separator: " ")
  }

  private static func text(_ probe: HTTPProbe) -> String {
    var rest: [String] = []
    if let host = probe.host { rest.append("host=\(quoted(host))") }
    if let name = probe.serverName { rest.append("server-name=\(quoted(name))") }
    if probe.verifiesCertificate { rest.append("verify") }
    if let authorities = probe.authorities { rest.append("authorities=\(quoted(authorities))") }
    if probe.statuses != [200...299] {
      let ranges = probe.statuses.map {
        $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
      }
      rest.append("status=" + ranges.joined(separator: ","))
    }
    if let digest = probe.digest { rest.append("\(digest.algorithm.rawValue)=\(digest.digits)") }
    if let pattern = probe.pattern {
      rest.append((probe.wantsPattern ? "regex=" : "no-regex=") + quoted(pattern))
    }
    return text(probe.isSecure ? "https" : "http", probe.target, path: quoted(probe.path), rest)
  }

  private static func text(_ probe: UDPProbe) -> String {
    var rest: [String] = []
    if !probe.payload.isEmpty { rest.append("payload=" + hexadecimal(probe.payload)) }
    if let reply = probe.reply { rest.append("reply=" + hexadecimal(reply)) }
    if probe.replyLength != UDPProbe().replyLength {
      rest.append("reply-length=\(probe.replyLength.lowerBound)-\(probe.replyLength.upperBound)")
    }
    return text("udp", probe.target, rest)
  }
}

/// `text`, in quotation marks if it could be taken for something else.
private func quoted(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x22 && $0 != 0x5c }
  return isPlain && !text.isEmpty ? text : text.debugDescription
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { byte in
    let digits = String(byte, radix: 16)
    return digits.count < 2 ? "0" + digits : digits
  }.joined()
}
