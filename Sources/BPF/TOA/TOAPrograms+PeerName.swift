/// Where things are in the kernel's `struct bpf_sock_addr`, in bytes.
private enum SocketAddress {
  static let address4: Int16 = 4
  static let address6: Int16 = 8
  static let port: Int16 = 24
  static let socket: Int16 = 64
}

extension TOAPrograms {
  /// Puts the option's address and port into what getpeername(2) and accept(2) answer.
  ///
  /// `isMapped` is for IPv6 sockets, which show an IPv4 client as ::ffff:a.b.c.d. Ports and addresses
  /// are in network order on both sides.
  package func peerName(isMapped: Bool) -> Assembler {
    var program = Assembler()
    program.set(.kept6, .first)
    program.load(.double, .second, from: .kept6, SocketAddress.socket)
    program.jump("done", if: .second, .equal, 0)
    program.setMap(.first, options)
    program.set(.third, 0)
    program.set(.fourth, 0)
    program.call(.socketStorageGet)
    program.jump("done", if: .result, .equal, 0)
    program.load(.byte, .second, from: .result, 0)
    program.jump("done", if: .second, .equal, 0)
    if isMapped {
      program.set(.second, 0)
      program.store(.word, .second, to: .kept6, SocketAddress.address6)
      program.store(.word, .second, to: .kept6, SocketAddress.address6 + 4)
      program.set(.second, 0xffff)
      program.swapNetworkWord(.second)
      program.store(.word, .second, to: .kept6, SocketAddress.address6 + 8)
    }
    program.load(.word, .second, from: .result, 4)
    let place = isMapped ? SocketAddress.address6 + 12 : SocketAddress.address4
    program.store(.word, .second, to: .kept6, place)
    program.load(.half, .second, from: .result, 2)
    program.store(.word, .second, to: .kept6, SocketAddress.port)
    program.label("done")
    program.set(.result, 1)
    program.exit()
    return program
  }
}
