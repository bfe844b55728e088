/// When neighbours are asked, believed and forgotten (`net/ipv4/arp.c`, RFC 1122, RFC 5227).
package enum NeighborTiming {
  /// Between two requests.
  package static let retransmission = Duration.seconds(1)
  /// Broadcast requests before a neighbour counts as failed.
  package static let broadcastRequestCount = 3
  /// Requests to the known address before the broadcast ones.
  package static let unicastRequestCount = 3
  /// How long a confirmation holds.
  package static let reachable = Duration.seconds(30)
  /// From the first use of a stale address to the first request.
  package static let delay = Duration.seconds(5)
  /// How long a failed neighbour is not asked again.
  package static let failed = Duration.seconds(1)
  /// A link address younger than this is not replaced by another answer: the first one wins.
  package static let lock = Duration.seconds(1)
  /// How long an unused neighbour is kept.
  package static let unused = Duration.seconds(60)
  /// Between the two announcements of an address (RFC 5227 section 1.1, ANNOUNCE_INTERVAL).
  package static let announcement = Duration.seconds(2)
  /// Announcements of an address (RFC 5227 section 1.1, ANNOUNCE_NUM).
  package static let announcementCount = 2
  /// From the first announcement of an address to the first probe of it.
  package static let firstProbe = Duration.seconds(1)
  /// Between two probes of an address that real servers share.
  package static let probe = Duration.seconds(30)
  /// Between two defences of an address (RFC 5227 section 1.1, DEFEND_INTERVAL).
  package static let defence = Duration.seconds(10)
  /// How often uses of stale neighbours are noticed.
  package static let sweep = Duration.seconds(1)
}
