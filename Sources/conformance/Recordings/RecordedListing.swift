import Director

/// What `ipvsadm -Ln`, `-Lnc` or `--stats` printed, line by line in a form that can be compared.
struct RecordedListing: Equatable {
  /// A connection entry, without its remaining time.
  struct Connection: Hashable {
    /// `TCP ESTABLISHED 10.0.1.2:32020 192.168.10.100:8000 192.168.10.21:80`.
    var line: String
    /// In whole seconds.
    var remaining: Int
  }

  /// Services as `TCP 192.168.10.100:8000 rr`, each server behind its service's name as
  /// `TCP 192.168.10.100:8000 -> 192.168.10.21:80 Masq 1 0 1`.
  private(set) var rows: [String] = []
  private(set) var connections: [Connection] = []

  private static let titles = [
    "IP Virtual Server version", "Prot LocalAddress:Port", "-> RemoteAddress:Port",
    "IPVS connection entries", "pro expire state",
  ]

  /// Reads what was printed; throws for what no listing says.
  init(_ lines: some Sequence<Substring>) throws(VectorError) {
    var service: String?
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      let text = words.joined(separator: " ")
      if words.isEmpty || Self.titles.contains(where: text.hasPrefix) { continue }
      if words[0] == "->", let service {
        rows.append("\(service) \(text)")
      } else if ["TCP", "UDP"].contains(words[0]), words.count >= 2 {
        if let remaining = Self.seconds(words[1]) {
          let rest = [words[0]] + words.dropFirst(2)
          connections.append(
            Connection(line: rest.joined(separator: " "), remaining: remaining))
        } else {
          service = "\(words[0]) \(words[1])"
          rows.append(text)
        }
      } else {
        throw VectorError.malformed("'\(text)' is no line of a listing")
      }
    }
  }

  /// The seconds that `MM:SS` stands for.
  private static func seconds(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }), let minutes = Int(parts[0]),
      let seconds = Int(parts[1])
    else { return nil }
    return minutes * 60 + seconds
  }
}
