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
