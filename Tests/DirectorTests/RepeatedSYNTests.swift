import Director
import Frames
import TestSupport
import Testing
import Wire

/// What a SYN does that hits a connection which a reset has ended (`ip_vs_core.c`,
/// `is_new_conn_expected`): a new connection, unless the SYN is the old one repeated.
@Suite struct RepeatedSYNTests {
  private func usual(isFast: Bool) -> UsualDirector {
    let usual = UsualDirector(.usual(services: [.web(weights: [1, 1])]))
    usual.director.isFastPathEnabled = isFast
    return usual
  }

  /// The server still has an earlier connection of the client's endpoint and says where that stands;
  /// the client resets it and repeats its SYN, which must not meet the next server's leftovers.
  @Test(arguments: [true, false])
  func staysAfterTheClientsReset(isFast: Bool) throws {
    let usual = usual(isFast: isFast)
    usual.receive(request(.syn))
    let real = try #require(usual.connection?.destination)
    for _ in 0..<3 {
      usual.receiveReply(reply(.ack, from: real))
      usual.receive(request(.rst))
      #expect(usual.connection?.state == .close)
      usual.receive(request(.syn))
      #expect(usual.connection?.destination == real)
    }
    #expect(usual.director.counters.connectionsOpened == 1)
  }

  @Test(arguments: [true, false])
  func movesOnAfterTheServersReset(isFast: Bool) throws {
    let usual = usual(isFast: isFast)
    usual.receive(request(.syn))
    let real = try #require(usual.connection?.destination)
    usual.receiveReply(reply([.rst, .ack], from: real))
    #expect(usual.connection?.state == .close)
    usual.receive(request(.syn))
    #expect(usual.connection?.destination != real)
    #expect(usual.director.counters.connectionsOpened == 2)
  }

  /// A reset of an accepted connection ends it for good.
  @Test(arguments: [true, false])
  func movesOnAfterTheEnd(isFast: Bool) throws {
    let usual = usual(isFast: isFast)
    usual.receive(request(.syn))
    let real = try #require(usual.connection?.destination)
    usual.receiveReply(reply([.syn, .ack], from: real))
    usual.receive(request(.ack))
    usual.receive(request(.rst))
    usual.receive(request(.syn))
    #expect(usual.connection?.destination != real)
  }

  /// With direct routing the client's acknowledgement says that the server accepted it.
  @Test(arguments: [true, false])
  func movesOnAfterTheEndWhereRepliesAreNotSeen(isFast: Bool) throws {
    var configuration = DirectorConfiguration.usual(services: [.web(weights: [1, 1])])
    for server in configuration.services[0].servers.indices {
      configuration.services[0].servers[server].method = .dr
    }
    let usual = UsualDirector(configuration)
    usual.director.isFastPathEnabled = isFast
    usual.receive(request(.syn))
    let real = try #require(usual.connection?.destination)
    usual.receive(request(.ack))
    #expect(usual.connection?.state == .established)
    usual.receive(request(.rst))
    #expect(usual.connection?.state == .close)
    usual.receive(request(.syn))
    #expect(usual.connection?.destination != real)
    #expect(usual.director.counters.connectionsOpened == 2)
  }
}
