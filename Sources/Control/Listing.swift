/// How far a listing of connections has come.
struct Listing {
  private let `protocol`: String?
  /// What the client's endpoint begins with.
  private let client: String?
  private var remaining: Int
  private var cursor: Int? = 0

  init(_ request: ControlRequest) {
    self.protocol = request.protocol
    client = request.client.map { $0 + ":" }
    remaining = max(0, request.limit ?? .max)
  }

  /// Whether there is nothing more to list.
  var isOver: Bool { cursor == nil || remaining == 0 }

  /// The connections that match among the next few.
  mutating func next(
    from provider: borrowing some ControlProvider & ~Copyable
  ) -> [ConnectionReport] {
    guard let start = cursor, remaining > 0 else { return [] }
    let (connections, next) = provider.connections(from: start, limit: ControlServer.chunkLimit)
    cursor = next
    let matching = connections.filter(matches).prefix(remaining)
    remaining -= matching.count
    return Array(matching)
  }

  private func matches(_ connection: ConnectionReport) -> Bool {
    if let wanted = self.protocol, wanted != connection.protocol { return false }
    guard let client else { return true }
    return connection.client.hasPrefix(client)
  }
}
