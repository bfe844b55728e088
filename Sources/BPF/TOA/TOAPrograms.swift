/// The programs that make a socket show the address that a director's TCP option carries.
///
/// The option (`kind`, length 8, port, address) is looked for in the packet that completes a handshake,
/// then in later ones that have options which the kernel does not know, until it is found: the first
/// packet is lost now and then, and servers that wait for data never see it. What was found is kept
/// with the socket, and getpeername(2) and accept(2) answer it.
///
/// The kernel's own search for options is of no use: for kinds 253 and 254 it wants two or four more
/// bytes to compare (RFC 6994).
package struct TOAPrograms: Sendable {
  /// The option's kind.
  let kind: UInt8
  /// Descriptors of the maps: whose options are believed, the option of each socket, the counters.
  let directors: Int32
  let options: Int32
  let counters: Int32

  package init(kind: UInt8, directors: Int32, options: Int32, counters: Int32) {
    self.kind = kind
    self.directors = directors
    self.options = options
    self.counters = counters
  }

  /// The length in bytes of the option, kind and length included.
  private static let optionLength: Int32 = 8

  /// Asks for storage where a socket has none (BPF_SK_STORAGE_GET_F_CREATE).
  private static let create: Int32 = 1
}

/// Where things are in the kernel's `struct bpf_sock_ops`, in bytes, and what it calls them.
private enum SocketOperations {
  static let operation: Int16 = 0
  static let family: Int16 = 20
  static let remoteAddress4: Int16 = 24
  static let remoteAddress6: Int16 = 32
  static let callbackFlags: Int16 = 84
  static let socket: Int16 = 184
  static let header: Int16 = 192
  static let headerEnd: Int16 = 200

  static let family4: Int32 = 2
  static let family6: Int32 = 10

  static let passiveEstablished: Int32 = 5
  static let parseHeader: Int32 = 13
  /// Asks for `parseHeader` on packets with an option that the kernel does not know.
  static let parseUnknownFlag: Int32 = 32
}

/// Where things are on the stack, in bytes behind its end.
private enum Stack {
  static let prefix: Int16 = -8
  static let event: Int16 = -12
}

extension TOAPrograms {
  /// Finds the option; runs on what happens to TCP sockets.
  ///
  /// `kept6` is the context; `kept7` and `kept8` the TCP header's begin and end, `kept9` the offset of
  /// an option in it.
  package func socketOperations() -> Assembler {
    var program = Assembler()
    program.set(.kept6, .first)
    program.load(.word, .result, from: .kept6, SocketOperations.operation)
    program.jump("ours", if: .result, .equal, SocketOperations.passiveEstablished)
    program.jump("done", if: .result, .notEqual, SocketOperations.parseHeader)
    program.label("ours")
    loadPeer(&program)
    program.lookUpAddress(.second, in: directors, keyAt: Stack.prefix)
    program.jump("stranger", if: .result, .equal, 0)
    findOption(&program)
    keepOption(&program)
    concludeWithoutOption(&program)
    program.label("count")
    program.count(in: counters, indexAt: Stack.event, "done")
    program.set(.result, 1)
    program.exit()
    return program
  }

  /// Leaves the peer's IPv4 address in `second`; other families are not ours.
  private func loadPeer(_ program: inout Assembler) {
    program.load(.word, .second, from: .kept6, SocketOperations.family)
    program.jump("mapped", if: .second, .notEqual, SocketOperations.family4)
    program.load(.word, .second, from: .kept6, SocketOperations.remoteAddress4)
    program.jump("peer")
    program.label("mapped")
    program.jump("done", if: .second, .notEqual, SocketOperations.family6)
    program.load(.word, .second, from: .kept6, SocketOperations.remoteAddress6)
    program.jump("done", if: .second, .notEqual, 0)
    program.load(.word, .second, from: .kept6, SocketOperations.remoteAddress6 + 4)
    program.jump("done", if: .second, .notEqual, 0)
    program.load(.word, .second, from: .kept6, SocketOperations.remoteAddress6 + 8)
    program.swapNetworkWord(.second)
    program.jump("done", if: .second, .notEqual, 0xffff)
    program.load(.word, .second, from: .kept6, SocketOperations.remoteAddress6 + 12)
    program.label("peer")
  }

  /// Leaves the eight bytes of the first option of our kind and length in `kept7`.
  private func findOption(_ program: inout Assembler) {
    program.load(.double, .kept7, from: .kept6, SocketOperations.header)
    program.load(.double, .kept8, from: .kept6, SocketOperations.headerEnd)
    program.set(.kept9, 20)
    // Each round takes a byte at least, of 40; the verifier wants to see an end.
    program.set(.fifth, 0)
    program.label("next")
    program.jump("none", if: .fifth, .atLeast, 40)
    program.apply(.add, .fifth, 1)
    program.jump("none", if: .kept9, .above, 60 - Self.optionLength)
    program.set(.first, .kept7)
    program.apply(.add, .first, .kept9)
    program.setAddress(.second, .first, 2)
    program.jump("none", if: .second, .above, .kept8)
    program.load(.byte, .third, from: .first, 0)
    program.jump("none", if: .third, .equal, 0)
    program.jump("option", if: .third, .notEqual, 1)
    program.apply(.add, .kept9, 1)
    program.jump("next")
    program.label("option")
    program.load(.byte, .fourth, from: .first, 1)
    program.jump("none", if: .fourth, .below, 2)
    program.jump("other", if: .third, .notEqual, Int32(kind))
    program.jump("other", if: .fourth, .notEqual, Self.optionLength)
    program.setAddress(.second, .first, Int16(Self.optionLength))
    program.jump("none", if: .second, .above, .kept8)
    program.load(.double, .kept7, from: .first, 0)
    program.jump("found")
    program.label("other")
    program.apply(.add, .kept9, .fourth)
    program.jump("next")
  }

  /// Keeps what was found with the socket, unless it has an option already, and asks for no further
  /// packets.
  private func keepOption(_ program: inout Assembler) {
    program.label("found")
    program.load(.double, .second, from: .kept6, SocketOperations.socket)
    program.jump("done", if: .second, .equal, 0)
    program.setMap(.first, options)
    program.set(.third, 0)
    program.set(.fourth, Self.create)
    program.call(.socketStorageGet)
    program.jump("done", if: .result, .equal, 0)
    program.load(.double, .second, from: .result, 0)
    program.jump("enough", if: .second, .notEqual, 0)
    program.store(.double, .kept7, to: .result, 0)
    program.label("enough")
    program.load(.word, .second, from: .kept6, SocketOperations.callbackFlags)
    program.apply(.and, .second, ~SocketOperations.parseUnknownFlag)
    program.set(.first, .kept6)
    program.call(.socketSetCallbackFlags)
    store(.learnedLater, &program)
    program.load(.word, .second, from: .kept6, SocketOperations.operation)
    program.jump("count", if: .second, .notEqual, SocketOperations.passiveEstablished)
    store(.learnedAtHandshake, &program)
    program.jump("count")
  }

  /// After the handshake, asks for later packets.
  private func concludeWithoutOption(_ program: inout Assembler) {
    program.label("none")
    program.load(.word, .second, from: .kept6, SocketOperations.operation)
    program.jump("done", if: .second, .notEqual, SocketOperations.passiveEstablished)
    program.load(.word, .second, from: .kept6, SocketOperations.callbackFlags)
    program.apply(.or, .second, SocketOperations.parseUnknownFlag)
    program.set(.first, .kept6)
    program.call(.socketSetCallbackFlags)
    store(.missing, &program)
    program.jump("count")
    program.label("stranger")
    program.load(.word, .second, from: .kept6, SocketOperations.operation)
    program.jump("done", if: .second, .notEqual, SocketOperations.passiveEstablished)
    store(.stranger, &program)
  }

  private func store(_ event: TOAEvent, _ program: inout Assembler) {
    program.store(.word, constant: Int32(event.rawValue), to: .frame, Stack.event)
  }
}
