import Director
import Frames
import TestSupport
import Testing
import Wire

/// Segments that come in fragments and are answered by the director itself.
@Suite struct FragmentedSegmentTests {
  /// The packet in two fragments, the first with `length` payload bytes, a multiple of 8.
  private func fragments(of builder: FrameBuilder, first length: Int) -> [Sent] {
    let segment = Array(builder.frame().bytes[34...])
    return [0..<length, length..<segment.count].map { range in
      var fragment = builder.payload(Array(segment[range]))
      fragment.ip.protocol = .tcp
      fragment.transport = nil
      fragment.ip.dontFragment = false
      fragment.ip.fragmentOffset = range.lowerBound
      fragment.ip.moreFragments = range.upperBound < segment.count
      return Sent(port: .wan, frame: fragment.frame())
    }
  }

  @Test(arguments: [true, false])
  func aResetAnswersTheWholeSegment(isReversed: Bool) throws {
    let usual = UsualDirector()
    let segment = request(.ack, to: Endpoint(ExampleNetwork.virtual, 9)).payload(count: 20)
    let pieces = fragments(of: segment, first: 24)
    let (outcomes, originated) = usual.receive(isReversed ? pieces.reversed() : pieces)
    #expect(outcomes.map(\.verdict) == [.hold, .absorb])
    #expect(originated.count == 1)
    let answer = try #require(originated.first)
    #expect(answer.port == .wan)
    // What the same segment gets when it comes whole.
    let whole = UsualDirector().receive(segment)
    expectFrame(answer.frame, is: try #require(whole.frame))
  }

  /// Its answer has no room among those of this turn.
  @Test func aResetWithoutRoomIsDropped() {
    let usual = UsualDirector()
    let segment = request(.ack, to: Endpoint(ExampleNetwork.virtual, 9)).payload(count: 20)
    let pieces = fragments(of: segment, first: 24)
    usual.receive(pieces[0].frame)
    usual.fillOutbox()
    #expect(usual.receive(pieces[1].frame).verdict == .drop(.outboxFull))
  }
}
