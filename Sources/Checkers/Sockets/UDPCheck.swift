import Health
import LinkIO

/// Whether a datagram is answered as wanted; without a wanted answer, whether it is not refused.
///
/// A refusal is ICMP port unreachable. Where no answer is wanted, silence until the deadline is a
/// success: it cannot be told from what a server does that never answers.
final class UDPCheck: SocketCheck {
  private let socket: CheckSocket
  private let probe: UDPProbe

  init(_ destination: Destination, _ probe: UDPProbe) throws(CheckFailure) {
    self.probe = probe
    socket = try CheckSocket(.datagram, to: destination)
    do throws(CheckFailure) {
      try socket.send(probe.payload)
    } catch {
      socket.end()
      throw error
    }
  }

  var descriptor: Int32 { socket.descriptor }

  var interest: Poller.Interest { .readable }

  var resultOfSilence: CheckResult { probe.reply == nil ? .success : .failure(.timedOut) }

  func advance() -> SocketStep {
    do throws(CheckFailure) {
      guard let reply = try socket.receive(limit: 65_536) else { return .waiting(nil) }
      guard let wanted = probe.reply else { return .over(.success) }
      let isWanted = reply.starts(with: wanted) && probe.replyLength.contains(reply.count)
      return .over(isWanted ? .success : .failure(.content))
    } catch {
      return .over(.failure(error))
    }
  }

  func abandon() { socket.end() }
}
