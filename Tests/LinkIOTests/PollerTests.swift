import Glibc
import LinkIO
import Netlink
import Testing

@Suite("Pollers")
struct PollerTests {
  /// Both ends of a pair of connected sockets, closed with the value.
  private struct Ends: ~Copyable {
    let near: Int32
    let far: Int32

    init() throws {
      var ends: [Int32] = [-1, -1]
      let made = unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
      try #require(made == 0)
      (near, far) = (ends[0], ends[1])
    }

    deinit {
      close(near)
      close(far)
    }

    func write() { unsafe Glibc.write(far, "x", 1) }
  }

  @Test func nothingReadyEndsWithTheTimeout() throws {
    let poller = try Poller()
    let ends = try Ends()
    try poller.add(ends.near, token: 1)
    #expect(poller.wait(timeout: .zero) == 0)
    #expect(poller.wait(timeout: .nanoseconds(1)) == 0)
    #expect(poller.wait(timeout: .seconds(-3)) == 0)
  }

  @Test func whatIsReadableIsReportedUntilRead() throws {
    let poller = try Poller()
    let ends = try Ends()
    try poller.add(ends.near, token: 0xffff_ffff_0000_0007)
    ends.write()
    for _ in 0..<2 {
      #expect(poller.wait(timeout: nil) == 1)
      #expect(poller[0].token == 0xffff_ffff_0000_0007)
      #expect(poller[0].isReadable)
      #expect(!poller[0].isWritable)
      #expect(!poller[0].isBroken)
    }
    var octet: UInt8 = 0
    #expect(unsafe read(ends.near, &octet, 1) == 1)
    #expect(poller.wait(timeout: .zero) == 0)
  }

  @Test func interestCanBeChangedAndEnded() throws {
    let poller = try Poller()
    let ends = try Ends()
    try poller.add(ends.near, token: 1)
    try poller.change(ends.near, token: 2, interest: [.readable, .writable])
    #expect(poller.wait(timeout: .zero) == 1)
    #expect(poller[0].token == 2)
    #expect(poller[0].isWritable)
    poller.remove(ends.near)
    poller.remove(ends.near)
    #expect(poller.wait(timeout: .zero) == 0)
  }

  @Test func aHangUpIsReported() throws {
    let poller = try Poller()
    let ends = try Ends()
    try poller.add(ends.near, token: 1)
    shutdown(ends.far, Int32(SHUT_RDWR))
    #expect(poller.wait(timeout: .zero) == 1)
    #expect(poller[0].isBroken)
  }

  @Test func descriptorsThatCannotBeWatchedAreRefused() throws {
    let poller = try Poller()
    let ends = try Ends()
    #expect(throws: SystemError(code: EBADF)) { try poller.add(-1, token: 1) }
    try poller.add(ends.near, token: 1)
    #expect(throws: SystemError(code: EEXIST)) { try poller.add(ends.near, token: 2) }
  }

  @Test func manyReadyDescriptorsComeInSeveralWaits() throws {
    let poller = try Poller()
    let ends = try Ends()
    ends.write()
    let copies = (0..<100).map { _ in dup(ends.near) }
    defer { for copy in copies { close(copy) } }
    for (token, copy) in copies.enumerated() { try poller.add(copy, token: UInt64(token)) }
    var seen: Set<UInt64> = []
    while seen.count < 100 {
      let count = poller.wait(timeout: .zero)
      try #require(count > 0)
      for index in 0..<count {
        let token = poller[index].token
        seen.insert(token)
        poller.remove(copies[Int(token)])
      }
    }
  }
}
