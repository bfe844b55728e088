package import Frames
package import Wire

/// Something about an address that an operator should hear of.
package struct AddressNotice: Equatable, Sendable {
  package enum Event: Equatable, Sendable {
    /// Another station claims an address of ours.
    case claimed(by: MACAddress)
    /// A gateway or real server told another link address than before.
    case moved(from: MACAddress, to: MACAddress)
  }

  package let address: IPv4Address
  package let port: PortIndex
  /// What happened; of several events, the last.
  package let event: Event
  /// Events since the notice before.
  package let count: UInt64

  package init(address: IPv4Address, port: PortIndex, event: Event, count: UInt64) {
    self.address = address
    self.port = port
    self.event = event
    self.count = count
  }
}

/// Notices that wait to be taken: an address's first event at once, those of the next ten seconds
/// together at their end.
///
/// Bounded: events of more than 64 addresses in ten seconds give no notices.
struct NoticeBoard: Sendable {
  static let capacity = 64
  static let interval = Duration.seconds(10)

  /// An address of which there was a notice.
  private struct Topic: Sendable {
    let address: IPv4Address
    let port: PortIndex
    var event: AddressNotice.Event
    /// Events since the notice.
    var count: UInt64
    /// When there may be another notice.
    var due: Instant
  }

  private var topics: [Topic] = []
  private var notices: [AddressNotice] = []

  /// When `advance` has work; `nil` when there is nothing to wait for.
  private(set) var nextDeadline: Instant?

  /// Takes note of an event.
  ///
  /// Cost: a compare for each address of the last ten seconds.
  mutating func note(
    _ event: AddressNotice.Event, of address: IPv4Address, port: PortIndex, at now: Instant
  ) {
    let known = topics.firstIndex { $0.address == address && $0.port == port }
    if let known {
      topics[known].event = event
      topics[known].count += 1
      publish(to: now)
      return
    }
    publish(to: now)
    guard topics.count < Self.capacity else { return }
    topics.append(Topic(address: address, port: port, event: event, count: 1, due: now))
    publish(to: now)
  }

  /// Makes the notices that are due, and forgets addresses of which there is nothing to say.
  mutating func publish(to now: Instant) {
    topics.removeAll { $0.count == 0 && $0.due <= now }
    nextDeadline = nil
    for index in topics.indices where topics[index].count > 0 {
      let topic = topics[index]
      if topic.due <= now {
        // Nobody took the last ones: these are lost.
        if notices.count < Self.capacity {
          notices.append(
            AddressNotice(
              address: topic.address, port: topic.port, event: topic.event, count: topic.count))
        }
        topics[index].count = 0
        topics[index].due = now.advanced(by: Self.interval)
      } else {
        nextDeadline = nextDeadline.map { min($0, topic.due) } ?? topic.due
      }
    }
  }

  /// Gives the notices and forgets them.
  mutating func take() -> [AddressNotice] {
    guard !notices.isEmpty else { return [] }
    defer { notices = [] }
    return notices
  }
}
