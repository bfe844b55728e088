import Health
import LinkIO

/// Whether a TCP connection can be opened; it is reset at once, and nothing is sent.
final class TCPCheck: SocketCheck {
  private let socket: CheckSocket

  init(_ destination: Destination) throws(CheckFailure) {
    socket = try CheckSocket(.stream, to: destination)
  }

  var descriptor: Int32 { socket.descriptor }

  var interest: Poller.Interest { .writable }

  func advance() -> SocketStep {
    .over(socket.takeError().map { .failure($0) } ?? .success)
  }

  func abandon() { socket.end() }
}
