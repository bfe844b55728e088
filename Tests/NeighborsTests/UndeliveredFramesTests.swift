import Frames
import Neighbors
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// Frames that waited for a neighbour in vain are handed back.
@Suite struct UndeliveredFramesTests {
  private func fail(_ usual: UsualHost) {
    for _ in 0..<3 { usual.advance(by: .seconds(1)) }
  }

  /// As they stand: with the port's own address, and none of the neighbour's.
  private func taken(_ usual: UsualHost) -> [TestFrame] {
    usual.host.takeUndelivered().map { TestFrame($0) }
  }

  private func held(_ frames: [TestFrame], by mac: MACAddress = Net.insideMAC) -> [TestFrame] {
    frames.map { $0.addressed(from: mac, to: .zero) }
  }

  @Test func areHandedBackOnceInOrder() {
    let usual = UsualHost()
    let frames = (1...5).map { packet(UInt16($0)) }
    for frame in frames { _ = usual.use(Net.server1, frame: frame) }
    for step: Duration in [.seconds(1), .seconds(1), .milliseconds(999)] {
      usual.advance(by: step)
      #expect(taken(usual).isEmpty, "they still wait")
    }
    usual.advance(by: .milliseconds(1))
    expectFrames(taken(usual), are: held(frames))
    #expect(taken(usual).isEmpty)
    #expect(usual.drops[.neighborUnreachable] == 5)
    #expect(usual.state(Net.server1) == .failed)
  }

  @Test(arguments: [1, 7, 8, 9, 64])
  func areTheFirstEightOfEach(count: Int) {
    let usual = UsualHost()
    let frames = (0..<count).map { packet(UInt16($0)) }
    for frame in frames { _ = usual.use(Net.server1, frame: frame) }
    fail(usual)
    expectFrames(taken(usual), are: held(Array(frames.prefix(8))))
    #expect(usual.drops[.neighborUnreachable] == UInt64(count))
  }

  /// The oldest have gone by then.
  @Test func displacedOnesAreNotAmongThem() {
    let usual = UsualHost()
    let frames = (1...70).map { packet(UInt16($0)) }
    for frame in frames { _ = usual.use(Net.server1, frame: frame) }
    fail(usual)
    expectFrames(taken(usual), are: held(Array(frames[6..<14])))
    #expect(usual.drops[.neighborQueueFull] == 6)
    #expect(usual.drops[.neighborUnreachable] == 64)
  }

  @Test func eachNeighborHasItsOwnEight() {
    let usual = UsualHost()
    for number in UInt16(1)...10 {
      _ = usual.use(Net.server1, frame: packet(number))
      _ = usual.use(Net.gateway, port: .wan, frame: packet(100 + number))
    }
    fail(usual)
    let frames = taken(usual)
    #expect(frames.count == 16)
    let ports = Set(frames.map { UInt16($0.bytes[34]) << 8 | UInt16($0.bytes[35]) })
    #expect(ports == Set(1...8).union(101...108))
  }

  @Test func answeredOnesAreNot() {
    let usual = UsualHost()
    _ = usual.use(Net.server1)
    usual.advance(by: .seconds(2))
    _ = usual.receive(
      arp(.reply, from: Net.server1MAC, Net.server1, to: Net.insideMAC, Net.inside), port: .lan)
    fail(usual)
    #expect(taken(usual).isEmpty)
    #expect(usual.drops.total == 0)
  }

  /// What finds its next hop failed was never kept.
  @Test func refusedOnesAreNot() {
    let usual = UsualHost()
    _ = usual.use(Net.server1)
    fail(usual)
    #expect(taken(usual).count == 1)
    #expect(usual.use(Net.server1).verdict == .drop(.neighborUnreachable))
    usual.advance(by: .milliseconds(999))
    #expect(taken(usual).isEmpty)
  }

  /// The next time, the next ones.
  @Test func everyFailureHandsBackItsOwn() {
    let usual = UsualHost()
    for number in UInt16(1)...3 {
      _ = usual.use(Net.server1, frame: packet(number))
      fail(usual)
      expectFrames(taken(usual), are: held([packet(number)]))
      usual.advance(by: .seconds(1))
    }
  }

  @Test func aGSOFrameIsWhole() {
    let usual = UsualHost()
    let frame = FrameBuilder.ethernet(from: .zero, to: .zero)
      .ipv4(from: Net.client, to: Net.server1).tcp(from: 40000, to: 8080, .ack)
      .payload(count: 60_000).segmented(1448).frame()
    _ = usual.use(Net.server1, frame: frame)
    fail(usual)
    #expect(usual.host.takeUndelivered().first == held([frame]).first?.bytes)
  }
}
