import Director
import TestSupport
import Testing
import Wire

/// A virtual address outside of every connected network, to which a router has a static route: two
/// directors with the same one share its clients.
@Suite struct RoutedServiceTests {
  private static let virtual = Endpoint(IPv4Address(203, 0, 113, 80), 80)

  @Test(arguments: [true, false]) func requestsAndRepliesPass(isFast: Bool) {
    let usual = UsualDirector(.usual(services: [.web(at: Self.virtual)]))
    usual.director.isFastPathEnabled = isFast
    let opening = request(.syn, to: Self.virtual)
    #expect(usual.receive(opening).frame == opening.translated(to: .real).frame())
    let answer = reply([.syn, .ack])
    #expect(usual.receiveReply(answer).frame == answer.translated(from: Self.virtual).frame())
    let confirmation = request(.ack, to: Self.virtual)
    #expect(usual.receive(confirmation).frame == confirmation.translated(to: .real).frame())
    #expect(usual.director.counters.fastPath == (isFast ? 3 : 0))
  }
}
