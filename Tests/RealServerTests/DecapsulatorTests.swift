import Glibc
import Netlink
import TestSupport
import Testing

@testable import RealServer

/// The program that takes outer headers off, played by scripts.
@Suite(.enabled(if: TestNamespace.isPossible)) struct DecapsulatorTests {
  private static let obedient = """
    echo "$@" >"$0.arguments"
    readlink /proc/self/ns/net >"$0.namespace"
    echo ready
    exec sleep 1000
    """

  private func text(_ path: String) throws -> String {
    String(decoding: try #require(try SmallFile.read(path)), as: UTF8.self)
  }

  @Test func itRunsInTheNamespaceUntilDown() throws {
    let server = try ServerNamespace()
    let script = try Script(Self.obedient)
    let setup = server.setup(program: script.path)
    let before = try server.snapshot()
    let wanted = try UsualServer.tunnel(.gue, method: .ebpf)
    let changes = try setup.up(wanted).changes
    let state = try ServerState(try #require(try SmallFile.read(try server.file().path)))
    let process = try #require(state.decapsulator?.process)
    #expect(changes.last == "decapsulator started, process \(process.number)")
    #expect(
      try text(script.path + ".arguments")
        == "real-server decap --vip 10.5.0.100 --from 10.5.0.2 --encapsulation gue --port 6080 "
        + "--method ebpf\n")
    let number = try NetworkNamespace(server.lab.name).identity().number
    #expect(try text(script.path + ".namespace") == "net:[\(number)]\n")
    #expect(process.isRunning)
    #expect(try setup.up(wanted) == ServerSetup.Outcome())
    #expect(try setup.check(nil).isRight)
    #expect(try setup.down().changes.first == "decapsulator, process \(process.number), ended")
    #expect(!process.isRunning)
    #expect(try server.snapshot() == before)
  }

  @Test func aDeviceOfItsOwnMayHoldTheVIPToo() throws {
    let server = try ServerNamespace()
    let script = try Script(
      """
      ip tuntap add t0 mode tun
      ip addr add 10.5.0.100/32 dev t0
      ip link set t0 up
      echo ready t0
      exec sleep 1000
      """)
    let setup = server.setup(program: script.path)
    let wanted = try UsualServer.tunnel(.ipip, method: .socket)
    _ = try setup.up(wanted)
    #expect(try server.snapshot().addresses.contains(UsualServer.held(on: "t0")))
    #expect(try setup.up(wanted) == ServerSetup.Outcome())
    #expect(try setup.check(nil).isRight)
    #expect(try setup.check(nil).items.last?.item == "rp_filter of t0")
    try server.lab.exec("sysctl", "-q", "-w", "net.ipv4.conf.t0.rp_filter=1")
    #expect(try setup.check(nil).items.filter { !$0.isRight }.map(\.item) == ["rp_filter of t0"])
    _ = try setup.down()
  }

  @Test func oneThatHasEndedIsMissedAndStartedAgain() throws {
    let server = try ServerNamespace()
    let script = try Script(Self.obedient)
    let setup = server.setup(program: script.path)
    let wanted = try UsualServer.tunnel(.ipip, method: .socket)
    _ = try setup.up(wanted)
    let state = try ServerState(try #require(try SmallFile.read(try server.file().path)))
    let first = try #require(state.decapsulator?.process)
    let isEnded = ProcessHandle(first)?.end()
    #expect(isEnded == true)
    let wrong = try setup.check(nil).items.filter { !$0.isRight }
    #expect(wrong.map(\.item) == ["decapsulator"])
    #expect(wrong.first?.found == "process \(first.number), ended")
    #expect(try setup.up(wanted).changes.count == 1)
    #expect(try setup.check(nil).isRight)
    _ = try setup.up(UsualServer.wanted(.dr))
    #expect(try setup.check(nil).isRight)
    _ = try setup.down()
  }

  @Test(arguments: [
    ("echo 'tapvs: no BPF here' >&2; exit 77", ServerError.Reason.unavailable, "no BPF here"),
    ("echo 'tapvs: bad VIP' >&2; exit 2", .wrong, "no decapsulator: bad VIP"),
    ("exit 0", .wrong, "it ended without a word"),
    ("echo hello; exec sleep 1000", .wrong, "\"hello\""),
    ("echo ready a/b; exec sleep 1000", .wrong, "\"ready DEVICE\" is wanted"),
    ("exec >&-; exit 77", .unavailable, "without a word"),
  ]) func oneThatCannotWorkIsNamed(_ lines: String, _ reason: ServerError.Reason, _ word: String)
    throws
  {
    let server = try ServerNamespace()
    let script = try Script(lines)
    let before = try server.snapshot()
    let setup = server.setup(program: script.path)
    let error = #expect(throws: ServerError.self) {
      try setup.up(UsualServer.tunnel(.ipip, method: .ebpf))
    }
    #expect(error?.reason == reason)
    #expect(error?.message.contains(word) == true)
    #expect(try server.snapshot() == before)
    #expect(try SmallFile.read(try server.file().path) == nil)
  }

  @Test func oneThatIsNeverReadyIsEnded() throws {
    let script = try Script("echo $$ >\"$0.number\"; exec sleep 1000")
    let error = #expect(throws: ServerError.self) {
      try Decapsulator.start(
        script.path, [], log: script.path + ".log", patience: .milliseconds(500))
    }
    #expect(error?.message.contains("not ready in time") == true)
    let number = try #require(Int32(try text(script.path + ".number").dropLast()))
    #expect(ProcessIdentity(running: number) == nil)
  }

  @Test func anotherProcessOfThatNumberIsLeftAlone() throws {
    let own = try #require(ProcessIdentity(running: getpid()))
    #expect(own.isRunning)
    let other = ProcessIdentity(number: own.number, startTime: own.startTime &- 1)
    #expect(!other.isRunning)
    let isHeld = ProcessHandle(other) != nil
    #expect(!isHeld)
    try Decapsulator(process: other, arguments: [], device: nil).end()
  }

  @Test func theNameOfAProcessMayBeAnything() {
    let rest = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20\n"
    for name in ["(sh)", "(a) b) S 1)", "(()", "( \n )"] {
      let fields = ProcessIdentity.fields("42 \(name) \(rest)")
      #expect(fields?.state == "S")
      #expect(fields?.startTime == 4711)
    }
    for text in ["", "42 (sh", "42 (sh) S 1 2", "42 (sh) " + rest.replacing("4711", with: "-1")] {
      #expect(ProcessIdentity.fields(text) == nil)
    }
  }
}
