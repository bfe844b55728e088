import Director
import Frames
import Logging
import Neighbors
import Wire

/// What the appliance says about addresses on its log.
extension EventLoop {
  /// Says what happened to addresses since the last time.
  func logAddressNotices() {
    for notice in director.takeAddressNotices() {
      let port = director.configuration.ports[notice.port.index].name
      switch notice.event {
      case .claimed: logger.warning("\(notice.text(port: port))")
      case .moved: logger.notice("\(notice.text(port: port))")
      }
    }
  }
}

/// What the appliance says about tunnels on its log.
extension EventLoop {
  /// Says which real servers refused what came by their tunnels since the last time.
  func logTunnelNotices() {
    for notice in director.takeTunnelNotices() { logger.warning("\(notice.text)") }
  }
}

/// What the appliance says about the connection table on its log.
extension EventLoop {
  /// How often a full table is said to be full.
  private static let fullTableInterval = Duration.seconds(10)

  /// Says that the connection table is full, if frames met it full since that was said last.
  func logFullTable() {
    let count = director.counters[.connectionTableFull]
    let last = fullTableNotice
    guard count > last?.count ?? 0 else { return }
    if let last, last.time.duration(to: now) < Self.fullTableInterval { return }
    fullTableNotice = (count, now)
    logger.warning(
      """
      the connection table is full: \(director.configuration.connectionLimit) connections, \
      \(count - (last?.count ?? 0)) frames that would have opened others were dropped
      """)
  }
}

/// What the appliance says about FullNAT's local ports on its log.
extension EventLoop {
  /// Says which local addresses have few ports left for which real servers.
  func logLocalPorts() {
    for notice in director.takeLocalPortNotices() {
      logger.warning(
        """
        \(notice.takenCount) of \(notice.count) ports of local address \(notice.local) are in use for \
        real server \(notice.real): more `local-addresses` are wanted
        """)
    }
  }
}

extension AddressNotice {
  /// The notice as a line of the log; `port` is the port's name.
  func text(port: String) -> String {
    let times = count == 1 ? "" : ", \(count) times since the last line"
    return switch event {
    case .claimed(let claimant):
      "port \(port): our address \(address) is claimed by \(claimant)\(times)"
    case .moved(let former, let current):
      "port \(port): neighbour \(address) moved from \(former) to \(current)\(times)"
    }
  }
}

extension TunnelNotice {
  /// The notice as a line of the log.
  var text: String {
    let times = count == 1 ? "" : ", \(count) times since the last line"
    let what = encapsulation == .gue ? "port" : "protocol"
    return """
      real server \(server) takes nothing out of its \(encapsulation.rawValue) tunnel: it answers \
      \(what) unreachable\(times)
      """
  }
}
