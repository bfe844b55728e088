/// What a reload or an apply did or would do.
package struct ChangeReport: Codable, Equatable, Sendable {
  /// The file that was read.
  package var file: String
  /// What changes, in the order of the file; what is gone comes last.
  package var items: [Item]
  /// What a running director cannot take; nothing is applied then.
  package var restart: [String]
  /// Seconds until it is taken back unless confirmed.
  package var confirmSeconds: Int?

  package init(
    file: String, items: [Item] = [], restart: [String] = [], confirmSeconds: Int? = nil
  ) {
    self.file = file
    self.items = items
    self.restart = restart
    self.confirmSeconds = confirmSeconds
  }

  /// One thing that changes.
  package struct Item: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
      case added
      case changed
      case removed
    }

    package var kind: Kind
    /// As in `192.0.2.100:80/tcp`; `nil` for what concerns all.
    package var service: String?
    package var server: String?
    /// The key that changes, as in `weight`.
    package var key: String?
    package var from: String?
    package var to: String?
    /// What it does to connections that live.
    package var effect: String?

    package init(
      _ kind: Kind, service: String? = nil, server: String? = nil, key: String? = nil,
      from: String? = nil, to: String? = nil, effect: String? = nil
    ) {
      self.kind = kind
      self.service = service
      self.server = server
      self.key = key
      self.from = from
      self.to = to
      self.effect = effect
    }
  }

  private enum CodingKeys: String, CodingKey {
    case file
    case items
    case restart
    case confirmSeconds = "confirm-seconds"
  }
}

/// How far drains have come.
package struct DrainReport: Codable, Equatable, Sendable {
  package var servers: [Server]

  package init(servers: [Server] = []) {
    self.servers = servers
  }

  package struct Server: Codable, Equatable, Sendable {
    package var service: String
    package var server: String
    /// Connections that are not over.
    package var left: Int
    /// Whether the drain has come to its end by time.
    package var isTimedOut: Bool

    package init(service: String, server: String, left: Int, isTimedOut: Bool) {
      self.service = service
      self.server = server
      self.left = left
      self.isTimedOut = isTimedOut
    }

    private enum CodingKeys: String, CodingKey {
      case service
      case server
      case left
      case isTimedOut = "timed-out"
    }
  }

  /// All connections that are left.
  package var left: Int { servers.reduce(0) { $0 + $1.left } }
}
