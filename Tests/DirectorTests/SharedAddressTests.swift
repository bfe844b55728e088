import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// Which virtual addresses real servers have, too, and where they are asked for them.
@Suite struct SharedAddressTests {
  /// What the director sends in the second after its announcements.
  private func probes(_ method: ForwardingMethod) throws -> [String] {
    var configuration = DirectorConfiguration.usual()
    for service in configuration.services.indices {
      for server in configuration.services[service].servers.indices {
        configuration.services[service].servers[server].method = method
      }
    }
    var clock = ManualClock()
    var director = try Director(configuration: configuration, seed: 1, at: clock.now)
    var outbox = FrameBatch()
    director.advance(to: clock.now, outbox: &outbox)
    outbox.removeAll()
    director.advance(to: clock.advance(by: .seconds(1)), outbox: &outbox)
    return (0..<outbox.count).map { TestFrame(copying: outbox, at: $0).description }
  }

  @Test func serversThatAnswerClientsThemselvesAreAsked() throws {
    let sent = try probes(.dr)
    #expect(sent.count == 1)
    #expect(sent.allSatisfy { $0.contains("target address            \(Net.virtual)") })
    #expect(sent.allSatisfy { $0.contains("sender address            0.0.0.0") })
  }

  @Test func othersAreNot() throws {
    #expect(try probes(.nat) == [])
  }
}
