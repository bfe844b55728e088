import Frames
import LinkIO
import Testing
import Wire

@Suite("Links in memory")
struct InMemoryLinkTests {
  private func receive(_ link: InMemoryLink) -> (ReceiveOutcome, [Int]) {
    var batch = FrameBatch()
    let outcome = link.receive(into: &batch, port: PortIndex(3))
    return (outcome, (0..<batch.count).map { batch[$0].length })
  }

  @Test func whatIsPutInComesOutInOrder() {
    let link = InMemoryLink()
    var offload = VirtioNetHeader()
    offload.gsoSize = 77
    link.put(.init([1, 2, 3]))
    link.put(.init([4], offload: offload))
    var batch = FrameBatch()
    let outcome = link.receive(into: &batch, port: PortIndex(3))
    let (count, slots, last) = (batch.count, (batch[0], batch[1]), batch.octets(at: 0).last)
    #expect(outcome == .drained)
    #expect(count == 2)
    #expect(slots.0.length == 3)
    #expect(slots.0.port == PortIndex(3))
    #expect(last == 3)
    #expect(slots.1.offload == offload)
    #expect(link.waitingCount == 0)
  }

  @Test func aFullBatchLeavesTheRestWaiting() {
    let link = InMemoryLink()
    for count in 0..<70 { link.put(.init([UInt8](repeating: 0, count: count))) }
    let (first, lengths) = receive(link)
    #expect(first == .full)
    #expect(lengths == Array(0..<64))
    #expect(link.waitingCount == 6)
    let (second, rest) = receive(link)
    #expect(second == .drained)
    #expect(rest == Array(64..<70))
  }

  @Test func aFrameThatNoBatchTakesIsThrownAway() {
    let link = InMemoryLink()
    link.put(.init([UInt8](repeating: 0, count: FrameBatch.maximumFrameLength + 1)))
    link.put(.init([UInt8](repeating: 0, count: FrameBatch.maximumFrameLength)))
    let (outcome, lengths) = receive(link)
    #expect(outcome == .drained)
    #expect(lengths == [FrameBatch.maximumFrameLength])
  }

  @Test func whatIsTransmittedIsKept() {
    let link = InMemoryLink()
    let batch = makeBatch([[1, 2, 3], []])
    let outcomes = [link.transmit(0, of: batch), link.transmit(1, of: batch)]
    #expect(outcomes == [.sent, .sent])
    #expect(link.transmitted == [.init([1, 2, 3]), .init([])])
    #expect(link.takeTransmitted().count == 2)
    #expect(link.transmitted.isEmpty)
  }

  @Test func itCanRefuseAndBeGone() {
    let link = InMemoryLink()
    link.put(.init([1]))
    let batch = makeBatch([[1]])
    link.refusesFrames = true
    let refusal = link.transmit(0, of: batch)
    #expect(refusal == .refused)
    link.isGone = true
    let end = link.transmit(0, of: batch)
    #expect(end == .gone)
    #expect(receive(link).0 == .gone)
    #expect(link.transmitted.isEmpty)
    #expect(link.waitingCount == 1)
  }
}
