import Frames
package import Wire

/// The real servers at the ends of tunnels, by address, and what is learned of the ways there.
///
/// Memory: an entry for each such server, whatever comes.
struct TunnelEnds: Sendable {
  /// A header that packets to a server get.
  struct Header: Equatable, Sendable {
    let source: IPv4Address
    let encapsulation: Tunnel.Encapsulation
    /// The destination port of GUE; 0 for others.
    let port: UInt16

    init(source: IPv4Address, encapsulation: Tunnel.Encapsulation, port: UInt16) {
      self.source = source
      self.encapsulation = encapsulation
      self.port = encapsulation == .gue ? port : 0
    }
  }

  /// A way's MTU that is less than its first link's, and until when it is believed.
  private struct PathMTU: Sendable {
    var size: Int
    var expires: Instant
  }

  private struct End: Sendable {
    var headers: [Header] = []
    var pathMTU: PathMTU?
    /// Since the last notice.
    var refusals: UInt64 = 0
    var noticeDue: Instant?
  }

  private var ends: [IPv4Address: End] = [:]
  private var notices: [TunnelNotice] = []

  /// When the first path MTU is no longer believed.
  private(set) var nextDeadline: Instant?

  init(_ records: [ForwardingRecord]) {
    for record in records { add(record.outer) }
  }

  /// Takes note of the tunnel that `header` stands for, if there is one.
  mutating func add(_ header: OuterHeader) {
    guard header.isPresent else { return }
    let form = Header(
      source: header.source, encapsulation: header.encapsulation, port: header.port)
    if ends[header.destination, default: End()].headers.contains(form) { return }
    ends[header.destination, default: End()].headers.append(form)
  }

  /// Whether packets of ours to `address` have `header`.
  func has(_ header: Header, to address: IPv4Address) -> Bool {
    ends[address]?.headers.contains(header) ?? false
  }

  // MARK: Path MTU

  /// How long a path MTU is believed, and the least one that is (`net/ipv4/route.c`).
  static let pathMTULifetime = Duration.seconds(600)
  static let leastPathMTU = 552

  /// What the way to `address` takes, if that is less than its first link.
  func pathMTU(to address: IPv4Address) -> Int? { ends[address]?.pathMTU?.size }

  /// Notes that a router on the way to `address` takes no more than `mtu`; answers whether that is
  /// less than was known.
  mutating func lowerPathMTU(to address: IPv4Address, _ mtu: Int, at now: Instant) -> Bool {
    let size = max(mtu, Self.leastPathMTU)
    if let known = ends[address]?.pathMTU, known.size < size { return false }
    let isNews = ends[address]?.pathMTU?.size != size
    let expires = now.advanced(by: Self.pathMTULifetime)
    ends[address]?.pathMTU = PathMTU(size: size, expires: expires)
    nextDeadline = nextDeadline.map { min($0, expires) } ?? expires
    return isNews
  }

  /// Forgets what is believed no longer; answers whose ways these were.
  mutating func expire(at now: Instant) -> [IPv4Address] {
    guard let deadline = nextDeadline, deadline <= now else { return [] }
    var expired: [IPv4Address] = []
    nextDeadline = nil
    for (address, end) in ends {
      guard let expires = end.pathMTU?.expires else { continue }
      if expires <= now {
        ends[address]?.pathMTU = nil
        expired.append(address)
      } else {
        nextDeadline = nextDeadline.map { min($0, expires) } ?? expires
      }
    }
    return expired
  }

  // MARK: Notices

  /// How often a server is said to refuse what comes by its tunnel.
  static let noticeInterval = Duration.seconds(60)

  /// Notes that the server at `address` takes nothing out of `encapsulation`.
  mutating func noteRefusal(
    by address: IPv4Address, _ encapsulation: Tunnel.Encapsulation, at now: Instant
  ) {
    guard var end = ends[address] else { return }
    end.refusals += 1
    if end.noticeDue.map({ $0 <= now }) ?? true {
      notices.append(
        TunnelNotice(server: address, encapsulation: encapsulation, count: end.refusals))
      end.refusals = 0
      end.noticeDue = now.advanced(by: Self.noticeInterval)
    }
    ends[address] = end
  }

  /// Gives the notices and forgets them.
  mutating func takeNotices() -> [TunnelNotice] {
    guard !notices.isEmpty else { return [] }
    defer { notices = [] }
    return notices
  }
}

/// That a real server answers what comes by its tunnel as if it knew no tunnels.
package struct TunnelNotice: Equatable, Sendable {
  package let server: IPv4Address
  package let encapsulation: Tunnel.Encapsulation
  /// Errors of the server since the notice before.
  package let count: UInt64
}
