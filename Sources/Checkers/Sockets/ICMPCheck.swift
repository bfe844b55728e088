import Health
import LinkIO
import Wire

/// Whether an ICMP echo is answered (RFC 792).
final class ICMPCheck: SocketCheck {
  private let socket: CheckSocket
  /// By which the answer is known: nobody else sees it.
  private let token = UInt64.random(in: .min ... .max)

  init(_ destination: Destination) throws(CheckFailure) {
    socket = try CheckSocket(.raw, to: destination)
    do throws(CheckFailure) {
      try socket.send(ICMPEcho.request(token))
    } catch {
      socket.end()
      throw error
    }
  }

  var descriptor: Int32 { socket.descriptor }

  var interest: Poller.Interest { .readable }

  func advance() -> SocketStep {
    do throws(CheckFailure) {
      // All ICMP of that host comes here.
      while let packet = try socket.receive(limit: 2048) {
        if ICMPEcho.isReply(packet, to: token) { return .over(.success) }
      }
      return .waiting(nil)
    } catch {
      return .over(.failure(error))
    }
  }

  func abandon() { socket.end() }
}

/// Echo requests with eight bytes of their own.
enum ICMPEcho {
  /// Type 8, code 0, checksum, identifier and sequence number, and `token`: 16 bytes.
  static func request(_ token: UInt64) -> [UInt8] {
    var bytes: [UInt8] = [8, 0, 0, 0]
    bytes += [UInt8(truncatingIfNeeded: token >> 8), UInt8(truncatingIfNeeded: token), 0, 1]
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: token >> (56 - 8 * $0)) }
    var sum: UInt32 = 0
    for index in stride(from: 0, to: bytes.count, by: 2) {
      sum += UInt32(bytes[index]) << 8 | UInt32(bytes[index + 1])
    }
    while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
    let checksum = ~UInt16(sum)
    bytes[2] = UInt8(checksum >> 8)
    bytes[3] = UInt8(checksum & 0xff)
    return bytes
  }

  /// Whether `packet`, an IPv4 packet, is the answer to the request with `token`.
  static func isReply(_ packet: [UInt8], to token: UInt64) -> Bool {
    guard let first = packet.first else { return false }
    let message = packet.dropFirst(Int(first & 0xf) * 4)
    return message.count >= 16 && message.first == 0
      && message.dropFirst(4).prefix(12).elementsEqual(request(token).dropFirst(4))
  }
}
