import Netlink
import Testing
import Wire

@testable import RealServer

/// From what a server is to what it is to be, and back.
@Suite struct PlanTests {
  private let base = UsualServer.snapshot

  private func plan(
    _ wanted: WantedServer, on snapshot: Snapshot? = nil, remembering: [Change] = []
  ) throws -> Plan {
    try Plan(from: snapshot ?? base, remembering: remembering, to: wanted.needs)
  }

  /// All modes, each with a form of its own.
  static func everyMode() throws -> [WantedServer] {
    [
      try UsualServer.wanted(.nat), try UsualServer.wanted(.dr), try UsualServer.tunnel(.ipip),
      try UsualServer.tunnel(.gre), try UsualServer.tunnel(.ipip, method: .kernel),
    ]
  }

  @Test func directRoutingSilencesThenHolds() throws {
    let plan = try plan(UsualServer.wanted(.dr))
    #expect(
      plan.steps.map(\.description) == [
        "net.ipv4.conf.all.arp_ignore: 0 -> 1", "net.ipv4.conf.all.arp_announce: 0 -> 2",
        "10.5.0.100/32 added to lo",
      ])
    #expect(plan.changes.count == 3)
  }

  @Test(arguments: try PlanTests.everyMode())
  func twiceChangesNothing(_ wanted: WantedServer) throws {
    let first = try plan(wanted)
    let after = base.after(first)
    let second = try plan(wanted, on: after, remembering: first.changes)
    #expect(!first.steps.isEmpty)
    #expect(second.steps.isEmpty)
    #expect(second.changes == first.changes)
    let wrong = wanted.needs.flatMap { $0.findings(in: after) }.filter { !$0.isRight }
    #expect(wrong == [])
  }

  @Test(arguments: try PlanTests.everyMode(), try PlanTests.everyMode())
  func fromOneToAnotherAndBackToTheBeginning(_ one: WantedServer, _ other: WantedServer) throws {
    let first = try plan(one)
    let between = base.after(first)
    let second = try plan(other, on: between, remembering: first.changes)
    let direct = try plan(other)
    let after = between.after(second)
    #expect(Self.sorted(after) == Self.sorted(base.after(direct)))
    #expect(second.changes == direct.changes)
    let undo = Plan(undoing: second.changes, in: after)
    #expect(Self.sorted(after.after(undo)) == Self.sorted(base))
    #expect(undo.overtaken == [])
  }

  /// The order of lists is of no importance.
  private static func sorted(_ snapshot: Snapshot) -> Snapshot {
    var snapshot = snapshot
    snapshot.addresses.sort { "\($0)" < "\($1)" }
    snapshot.routes.sort { "\($0.attributes)" < "\($1.attributes)" }
    return snapshot
  }

  @Test func whatIsTheSameInBothStays() throws {
    let first = try plan(UsualServer.wanted(.dr))
    let second = try plan(
      UsualServer.tunnel(.ipip), on: base.after(first), remembering: first.changes)
    #expect(
      second.steps.map(\.description) == [
        "route default via 10.5.0.1 -> default via 10.5.0.1, advmss 1440"
      ])
  }

  @Test func whatOthersHadSetIsNotUndone() throws {
    var before = base
    before.settings[Setting("all", .arpIgnore)] = 2
    before.addresses.append(UsualServer.held())
    let plan = try plan(UsualServer.wanted(.dr), on: before)
    #expect(plan.steps.map(\.description) == ["net.ipv4.conf.all.arp_announce: 0 -> 2"])
    let undo = Plan(undoing: plan.changes, in: before.after(plan))
    #expect(before.after(plan).after(undo) == before)
  }

  @Test func whatOthersHaveChangedSinceIsLeft() throws {
    let first = try plan(UsualServer.wanted(.dr))
    var after = base.after(first)
    after.settings[Setting("all", .arpIgnore)] = 2
    after.addresses.removeAll { $0 == UsualServer.held() }
    let undo = Plan(undoing: first.changes, in: after)
    #expect(undo.steps.map(\.description) == ["net.ipv4.conf.all.arp_announce: 2 -> 0"])
    #expect(
      undo.overtaken == [
        "10.5.0.100/32 is not on lo any more: left alone",
        "net.ipv4.conf.all.arp_ignore is not 1 any more: left alone",
      ])
    let again = try plan(UsualServer.wanted(.dr), on: after, remembering: first.changes)
    #expect(again.steps.map(\.description) == ["10.5.0.100/32 added to lo"])
    #expect(again.changes.count == 2)
  }

  @Test func aPlanThatWasBrokenOffIsUndoneAsFarAsItCame() throws {
    let whole = try plan(UsualServer.wanted(.dr))
    for count in 0...whole.steps.count {
      var snapshot = base
      for change in whole.changes.prefix(count) { change.apply(to: &snapshot) }
      let undo = Plan(undoing: whole.changes, in: snapshot)
      #expect(undo.steps.count == count)
      #expect(snapshot.after(undo) == base)
    }
  }

  @Test func thePrioritiesOfRoutesAreKept() throws {
    var snapshot = base
    let backup = Route(to: .everything, via: UsualServer.router, linkIndex: 2, priority: 200)
    let first = Route(to: .everything, via: UsualServer.router, linkIndex: 2, priority: 100)
    snapshot.routes = [backup, first]
    let plan = try plan(UsualServer.wanted(.nat), on: snapshot)
    let after = snapshot.after(plan)
    #expect(after.routes.contains(backup))
    #expect(after.defaultRoute?.priority == 100)
    #expect(after.defaultRoute?.gateway == IPv4Address(10, 5, 0, 2))
    #expect(after.after(Plan(undoing: plan.changes, in: after)) == snapshot)
  }

  @Test func theKernelsDeviceIsMadeLetThroughAndHoldsTheVIP() throws {
    var snapshot = base
    snapshot.settings[Setting("all", .reversePathFilter)] = 1
    snapshot.settings[Setting("default", .reversePathFilter)] = 1
    let plan = try plan(UsualServer.tunnel(.ipip, method: .kernel), on: snapshot)
    #expect(
      plan.steps.map(\.description) == [
        "net.ipv4.conf.all.arp_ignore: 0 -> 1", "net.ipv4.conf.all.arp_announce: 0 -> 2",
        "device tunl0 of kind ipip made", "net.ipv4.conf.tunl0.rp_filter: 1 -> 2",
        "device tunl0 switched on", "10.5.0.100/32 added to tunl0",
        "route default via 10.5.0.1 -> default via 10.5.0.1, advmss 1440",
      ])
  }
}
