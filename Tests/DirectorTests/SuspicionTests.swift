import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// What forwarded traffic says of real servers.
@Suite struct SuspicionTests {
  private func bench(_ method: ForwardingMethod, patience: Duration? = .milliseconds(300))
    -> UsualDirector
  {
    var service = DirectorConfiguration.Service.web(.roundRobin, weights: [1])
    service.synSuspect = patience
    service.servers[0].method = method
    if method.keepsVirtualPort { service.servers[0].port = 80 }
    if method == .fullnat {
      service.fullNAT = FullNATSettings(localAddresses: [Net.local], localPorts: 10_001...12_000)
    }
    return UsualDirector(.usual(services: [service]))
  }

  private func client(_ number: Int) -> Endpoint { Endpoint(Net.client, UInt16(20_000 + number)) }

  private func kinds(_ usual: UsualDirector) -> [ServerSuspicion.Kind] {
    usual.director.takeSuspicions().map(\.kind)
  }

  @Test(arguments: ForwardingMethod.allCases) func silenceIsSuspected(_ method: ForwardingMethod) {
    let usual = bench(method)
    usual.receive(request(.syn, from: client(1)))
    let deadline = usual.director.nextDeadline(after: usual.clock.now)
    #expect(deadline.map { usual.clock.now.duration(to: $0) <= .milliseconds(300) } ?? false)
    usual.advance(by: .milliseconds(299))
    #expect(kinds(usual) == [])
    usual.advance(by: .milliseconds(1))
    let seen = usual.director.takeSuspicions()
    #expect(seen.map(\.kind) == [.silence])
    #expect(seen.first?.virtual == .virtual && seen.first?.real.address == Net.server1)
    #expect(kinds(usual) == [])
    #expect(usual.director.counters.serversSuspected == 1)
  }

  @Test(arguments: [ForwardingMethod.dr, .tunnel]) func repetitionIsSuspected(
    _ method: ForwardingMethod
  ) {
    let usual = bench(method)
    usual.receive(request(.syn, from: client(1)))
    usual.advance(by: .milliseconds(200))
    usual.receive(request(.syn, from: client(1)))
    usual.advance(by: .milliseconds(100))
    #expect(kinds(usual) == [.repetition])
  }

  @Test(arguments: [ForwardingMethod.dr, .tunnel]) func aClientThatGoesOnClears(
    _ method: ForwardingMethod
  ) {
    let usual = bench(method)
    usual.receive(request(.syn, from: client(1)))
    usual.receive(request(.ack, from: client(1)))
    usual.advance(by: .milliseconds(400))
    #expect(kinds(usual) == [])
  }

  /// The client need not go on: the server's answer is enough, so that forged SYNs suspect nobody.
  @Test func anAnswerClears() {
    let usual = bench(.nat)
    usual.receive(request(.syn, from: client(1)))
    usual.receiveReply(reply([.syn, .ack], to: client(1)))
    usual.advance(by: .milliseconds(400))
    #expect(kinds(usual) == [])
  }

  @Test func aRefusalIsSuspectedAndAClientsResetIsNot() {
    let usual = bench(.nat)
    usual.receive(request(.syn, from: client(1)))
    usual.receiveReply(reply([.rst, .ack], to: client(1)))
    usual.advance(by: .milliseconds(300))
    #expect(kinds(usual) == [.reset])
    usual.receive(request(.syn, from: client(2)))
    usual.receiveReply(reply([.syn, .ack], to: client(2)))
    usual.receive(request([.rst, .ack], from: client(2)))
    usual.advance(by: .milliseconds(300))
    #expect(kinds(usual) == [])
  }

  @Test func withoutATimeNothingIsWatched() {
    let usual = bench(.nat, patience: nil)
    usual.receive(request(.syn, from: client(1)))
    usual.advance(by: .seconds(2))
    #expect(kinds(usual) == [])
  }

  /// However many SYNs come, a server's are watched at a pace, and it is suspected once.
  @Test func aFloodIsBounded() {
    let usual = bench(.nat)
    for number in 0..<900 { usual.receive(request(.syn, from: client(number))) }
    usual.advance(by: .milliseconds(300))
    #expect(kinds(usual) == [.silence])
    usual.advance(by: .milliseconds(300))
    #expect(kinds(usual) == [])
  }

  @Test func aRemovedServerIsNotSuspected() {
    let usual = bench(.nat)
    usual.receive(request(.syn, from: client(1)))
    let removed = usual.director.removeServer(Endpoint(Net.server1, 8080), from: .tcp, .virtual)
    #expect(removed)
    usual.advance(by: .milliseconds(400))
    #expect(kinds(usual) == [])
  }
}
