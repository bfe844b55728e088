// Fence: this file receives into an array by recvmsg(2).
//
// Memory: the caller's array.
// Owner: a `TunnelSocket` owns its descriptor and closes it once, in `deinit`.
// Soundness: the kernel is told how much room there is behind the offset, which is checked.

package import BPF
import CLinux
import Glibc
package import Netlink
package import Wire

/// A socket that gets the packets of one kind of tunnel that the kernel has no other use for.
@safe
package final class TunnelSocket {
  /// As much as arrives while this process is not running.
  private static let queueLength: Int32 = 4 << 20

  package let encapsulation: Encapsulation
  package let descriptor: Int32

  /// Opens it in the namespace that the caller is in; `port` is for GUE.
  package init(_ encapsulation: Encapsulation, port: UInt16) throws(LinkError) {
    self.encapsulation = encapsulation
    descriptor = clinux_tunnel_socket(
      Int32(encapsulation.protocolNumber), port, Self.queueLength)
    guard descriptor >= 0 else {
      throw Self.refusal(SystemError.last, encapsulation, port)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private static func refusal(
    _ error: SystemError, _ encapsulation: Encapsulation, _ port: UInt16
  ) -> LinkError {
    let problem = "no socket for \(encapsulation.rawValue): \(error)"
    switch error.code {
    case EPERM, EACCES: return .lacking("NET_RAW", problem)
    case EADDRINUSE:
      return LinkError(.unsuitable, "\(problem): another program has UDP port \(port)")
    default: return LinkError(.system, problem)
    }
  }

  /// Something that arrived.
  package struct Arrival {
    package let length: Int
    package let source: IPv4Address
    package let typeOfService: UInt8
  }

  /// Puts the next packet into `bytes` from `offset` on: with its outer header, or what the GUE
  /// datagram carried; `nil` if none waits.
  package func receive(into bytes: inout [UInt8], at offset: Int) -> Arrival? {
    precondition(offset >= 0 && offset <= bytes.count)
    var sender = clinux_tunnel_sender()
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe clinux_tunnel_receive(
        descriptor, buffer.baseAddress.map { unsafe $0 + offset }, buffer.count - offset, &sender)
    }
    guard count >= 0 else { return nil }
    return Arrival(
      length: count, source: IPv4Address(rawValue: sender.address),
      typeOfService: sender.type_of_service)
  }
}
