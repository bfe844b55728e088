import Frames
import Neighbors
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

@Suite struct AnsweringTests {
  struct Question: Sendable, CustomTestStringConvertible {
    var title: String
    var port: PortIndex
    var target: IPv4Address
    /// Who answers; `nil` for nobody.
    var answer: MACAddress?
    var testDescription: String { title }
  }

  static let questions = [
    Question(title: "VIP", port: .wan, target: Net.virtual, answer: Net.outsideMAC),
    Question(title: "own outside", port: .wan, target: Net.outside, answer: Net.outsideMAC),
    Question(title: "own inside", port: .lan, target: Net.inside, answer: Net.insideMAC),
    Question(title: "VIP on the other port", port: .lan, target: Net.virtual, answer: nil),
    Question(title: "inside on the outer port", port: .wan, target: Net.inside, answer: nil),
    Question(title: "outside on the inner port", port: .lan, target: Net.outside, answer: nil),
    Question(title: "the gateway", port: .wan, target: Net.gateway, answer: nil),
    Question(title: "a server", port: .lan, target: Net.server2, answer: nil),
    Question(title: "unspecified", port: .wan, target: .unspecified, answer: nil),
    Question(title: "broadcast", port: .wan, target: .broadcast, answer: nil),
    Question(title: "multicast", port: .wan, target: IPv4Address(224, 0, 0, 1), answer: nil),
    Question(title: "loopback", port: .wan, target: IPv4Address(127, 0, 0, 1), answer: nil),
  ]

  private static func asker(_ port: PortIndex) -> (mac: MACAddress, address: IPv4Address) {
    port == .wan ? (Net.gatewayMAC, Net.gateway) : (Net.server1MAC, Net.server1)
  }

  @Test("Broadcast and unicast requests", arguments: questions, [true, false])
  func requests(question: Question, isBroadcast: Bool) {
    let usual = UsualHost()
    let asker = Self.asker(question.port)
    let mac = UsualHost.ports[question.port.index].macAddress
    let outcome = usual.receive(
      arp(
        .request, from: asker.mac, asker.address, question.target,
        destination: isBroadcast ? .broadcast : mac), port: question.port)
    guard let answer = question.answer else {
      #expect(outcome.verdict == .drop(.arpNotForUs))
      #expect(usual.host.neighbors.count == 0, "nobody is learned from it")
      return
    }
    #expect(outcome.verdict == .transmit(question.port))
    expectFrame(
      outcome.frame,
      is: arp(.reply, from: answer, question.target, to: asker.mac, asker.address))
    #expect(outcome.others.isEmpty)
  }

  @Test func answersAProbeWithoutLearning() {
    let usual = UsualHost()
    let outcome = usual.receive(
      arp(.request, from: Net.gatewayMAC, .unspecified, Net.virtual))
    #expect(outcome.verdict == .transmit(.wan))
    expectFrame(
      outcome.frame,
      is: arp(.reply, from: Net.outsideMAC, Net.virtual, to: Net.gatewayMAC, .unspecified))
    #expect(usual.host.neighbors.count == 0)
  }

  @Test func ignoresAProbeForOthers() {
    let usual = UsualHost()
    let outcome = usual.receive(
      arp(.request, from: Net.gatewayMAC, .unspecified, IPv4Address(192, 0, 2, 77)))
    #expect(outcome.verdict == .drop(.arpNotForUs))
    #expect(usual.host.neighbors.count == 0)
  }

  /// The sender is of no network of the port: it gets its answer, and no entry.
  @Test func answersAForeignSenderWithoutLearning() {
    let usual = UsualHost()
    let foreign = IPv4Address(172, 16, 0, 9)
    let outcome = usual.receive(arp(.request, from: Net.gatewayMAC, foreign, Net.virtual))
    expectFrame(
      outcome.frame,
      is: arp(.reply, from: Net.outsideMAC, Net.virtual, to: Net.gatewayMAC, foreign))
    #expect(usual.host.neighbors.count == 0)
  }

  @Test func trimsThePaddingOfTheRequest() {
    let usual = UsualHost()
    var request = arp(.request, from: Net.gatewayMAC, Net.gateway, Net.virtual)
    request.bytes += [UInt8](repeating: 0xee, count: 18)
    request.offload.flags = .dataValid
    let outcome = usual.receive(request)
    #expect(outcome.frame?.bytes.count == 42)
    #expect(outcome.frame?.offload == VirtioNetHeader())
  }
}
