import Frames
import Neighbors
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

@Suite struct HeldFramesTests {
  private let answer = arp(
    .reply, from: Net.server1MAC, Net.server1, to: Net.insideMAC, Net.inside)

  private func sent(_ frames: [TestFrame]) -> [TestFrame] {
    frames.map { $0.addressed(from: Net.insideMAC, to: Net.server1MAC) }
  }

  @Test func areSentInOrderOnTheAnswer() {
    let usual = UsualHost()
    let frames = (1...5).map { packet(UInt16($0)) }
    for frame in frames { #expect(usual.use(Net.server1, frame: frame).verdict == .hold) }
    let outcome = usual.receive(answer, port: .lan)
    #expect(outcome.verdict == .absorb)
    #expect(outcome.others.map(\.port) == [PortIndex](repeating: .lan, count: 5))
    expectFrames(outcome.others.map(\.frame), are: sent(frames))
    #expect(usual.drops.total == 0)
    #expect(usual.receive(answer, port: .lan).others.isEmpty, "and once only")
  }

  @Test func areSentOnTheNeighborsOwnRequest() {
    let usual = UsualHost()
    _ = usual.use(Net.server1, frame: packet(1))
    let outcome = usual.receive(
      arp(.request, from: Net.server1MAC, Net.server1, Net.inside), port: .lan)
    #expect(outcome.verdict == .transmit(.lan))
    expectFrames(outcome.others.map(\.frame), are: sent([packet(1)]))
  }

  @Test func theOldestOf65GoesAndIsCounted() {
    let usual = UsualHost()
    let frames = (1...66).map { packet(UInt16($0)) }
    for (index, frame) in frames.enumerated() {
      #expect(usual.use(Net.server1, frame: frame).verdict == .hold)
      #expect(usual.drops[.neighborQueueFull] == UInt64(max(0, index - 63)))
    }
    expectFrames(
      usual.receive(answer, port: .lan).others.map(\.frame), are: sent(Array(frames.dropFirst(2))))
  }

  @Test func theOldestGoPast96KiB() {
    let usual = UsualHost()
    // 1024 bytes each with their headers: 63 of them and one of 33 KiB are 96 KiB to the byte.
    let small = (1...63).map { packet(UInt16($0), payload: 1024 - 42) }
    let large = packet(100, payload: 33 * 1024 - 42)
    for frame in small + [large] { _ = usual.use(Net.server1, frame: frame) }
    #expect(usual.drops[.neighborQueueFull] == 0)
    // One byte more displaces one frame; a large one as many as it takes.
    _ = usual.use(Net.server1, frame: packet(101, payload: 1025 - 42))
    #expect(usual.drops[.neighborQueueFull] == 2)
    let another = packet(102, payload: 60 * 1024 - 42)
    _ = usual.use(Net.server1, frame: another)
    let kept = usual.receive(answer, port: .lan).others.map(\.frame)
    expectFrames(
      kept.suffix(2), are: sent([packet(101, payload: 1025 - 42), another]))
    #expect(kept.reduce(0) { $0 + $1.bytes.count } <= 96 * 1024)
    #expect(usual.drops[.neighborQueueFull] == UInt64(66 - kept.count))
  }

  @Test func aGSOFrameKeepsItsOffload() {
    let usual = UsualHost()
    let frame = FrameBuilder.ethernet(from: .zero, to: .zero)
      .ipv4(from: Net.client, to: Net.server1).tcp(from: 40000, to: 8080, .ack)
      .payload(count: 60_000).segmented(1448).frame()
    #expect(usual.use(Net.server1, frame: frame).verdict == .hold)
    let outcome = usual.receive(answer, port: .lan)
    expectFrames(outcome.others.map(\.frame), are: sent([frame]))
    #expect(outcome.others.first?.frame.offload.gsoSize == 1448)
  }

  @Test func whatFindsNoRoomInTheOutboxIsCounted() {
    let usual = UsualHost()
    for number in UInt16(1)...5 { _ = usual.use(Net.server1, frame: packet(number)) }
    usual.fillOutbox(leaving: 2)
    let outcome = usual.receive(answer, port: .lan)
    expectFrames(outcome.others.map(\.frame), are: sent([packet(1), packet(2)]))
    #expect(usual.drops[.outboxFull] == 3)
  }

  @Test func allNeighborsTogetherHoldAtMostFourMebibytes() {
    let usual = UsualHost()
    let frame = packet(1, payload: 64 * 1024 - 100)
    let length = frame.bytes.count
    let room = 4 * 1024 * 1024 / length
    let neighbors = (0...room).map { IPv4Address(rawValue: 0x0a00_0000 + 10 + UInt32($0)) }
    for neighbor in neighbors.prefix(room) {
      #expect(usual.use(neighbor, frame: frame).verdict == .hold)
    }
    #expect(usual.use(neighbors[room], frame: frame).verdict == .drop(.neighborQueueFull))

    // What leaves makes room.
    let reply = arp(.reply, from: Net.server1MAC, neighbors[0], to: Net.insideMAC, Net.inside)
    #expect(usual.receive(reply, port: .lan).others.count == 1)
    #expect(usual.use(neighbors[room], frame: frame).verdict == .hold)
    for _ in 0..<3 { usual.advance(by: .seconds(1)) }
    #expect(usual.use(neighbors[room], frame: frame).verdict == .drop(.neighborUnreachable))
    #expect(usual.drops[.neighborUnreachable] == UInt64(room))
  }

  @Test func eachNeighborHasAQueueOfItsOwn() {
    let usual = UsualHost()
    _ = usual.use(Net.server1, frame: packet(1))
    _ = usual.use(Net.server2, frame: packet(2))
    expectFrames(
      usual.receive(answer, port: .lan).others.map(\.frame), are: sent([packet(1)]))
    #expect(usual.state(Net.server2) == .incomplete)
  }
}
