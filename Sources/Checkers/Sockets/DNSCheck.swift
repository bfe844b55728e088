import Health
import LinkIO

/// Whether a name server answers a question with NOERROR, by UDP (RFC 1035).
final class DNSCheck: SocketCheck {
  private let socket: CheckSocket
  private let query: DNSQuery

  init(_ destination: Destination, _ probe: DNSProbe) throws(CheckFailure) {
    query = DNSQuery(probe, id: .random(in: .min ... .max))
    socket = try CheckSocket(.datagram, to: destination)
    do throws(CheckFailure) {
      try socket.send(query.bytes)
    } catch {
      socket.end()
      throw error
    }
  }

  var descriptor: Int32 { socket.descriptor }

  var interest: Poller.Interest { .readable }

  func advance() -> SocketStep {
    do throws(CheckFailure) {
      // What does not answer this question may be an old answer: it is passed over.
      while let reply = try socket.receive(limit: 4096) {
        if let result = query.result(of: reply) { return .over(result) }
      }
      return .waiting(nil)
    } catch {
      return .over(.failure(error))
    }
  }

  func abandon() { socket.end() }
}
