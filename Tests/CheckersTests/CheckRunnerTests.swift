import Director
import Foundation
import Frames
import Health
import LinkIO
import TestSupport
import Testing
import Wire

@testable import Checkers

/// Checks by real sockets on loopback.
@Suite(.serialized) struct CheckRunnerTests {
  private static let loopback = IPv4Address(127, 0, 0, 1)

  /// A monitor that hands out the runs, which only it can make, and the runner under test.
  private final class Bench {
    let runner: CheckRunner
    private let clock = RetryClock.monotonic

    init() throws { runner = try CheckRunner(probes: [:]) }

    deinit { runner.stop() }

    /// The result of one run of `probe` at the server on `port`; `nil` if none comes in five seconds.
    func result(
      _ probe: CheckProbe, port: UInt16, timeout: Duration = .seconds(2),
      meanwhile: (CheckStart) -> Void = { _ in }
    ) -> CheckResult? {
      runner.setProbes([probe.description: probe])
      var settings = CheckSettings()
      settings.timeout = timeout
      settings.startDelay = .zero
      let server = Endpoint(CheckRunnerTests.loopback, port)
      let service = HealthConfiguration.Service(
        ServiceName(.tcp, Endpoint(IPv4Address(192, 0, 2, 1), 80)),
        servers: [.init(server, checks: [.init(probe.description, settings)])])
      var monitor = HealthMonitor()
      _ = monitor.apply(HealthConfiguration(services: [service]), at: clock.now())
      let orders = monitor.advance(to: clock.now()).orders
      runner.run(orders)
      for case .start(let start) in orders { meanwhile(start) }
      let deadline = clock.now().advanced(by: .seconds(5))
      while clock.now() < deadline {
        if let result = runner.takeResults().first?.result { return result }
        clock.sleep(.milliseconds(1))
      }
      return nil
    }

    var now: Instant { clock.now() }
  }

  /// A port on which nobody listens.
  private func freePort() throws -> UInt16 {
    let server = try TestServer("")
    defer { server.stop() }
    return server.port
  }

  @Test func tcp() throws {
    let bench = try Bench()
    let server = try TestServer("")
    #expect(bench.result(.tcp(ProbeTarget()), port: server.port) == .success)
    #expect(
      bench.result(.tcp(ProbeTarget(source: Self.loopback)), port: server.port) == .success)
    #expect(
      bench.result(.tcp(ProbeTarget(address: Self.loopback, port: server.port)), port: 1)
        == .success)
    server.stop()
    #expect(bench.result(.tcp(ProbeTarget()), port: server.port) == .failure(.refused))
    let foreign = ProbeTarget(source: IPv4Address(192, 0, 2, 77))
    #expect(bench.result(.tcp(foreign), port: server.port)?.isFailure == true)
  }

  @Test func icmp() throws {
    let bench = try Bench()
    #expect(bench.result(.icmp(ProbeTarget()), port: 1) == .success)
  }

  @Test func udp() throws {
    let bench = try Bench()
    let port = try freePort()
    var probe = UDPProbe()
    probe.payload = [1, 2, 3]
    #expect(bench.result(.udp(probe), port: port) == .failure(.refused))
    #expect(bench.result(.dns(DNSProbe()), port: port) == .failure(.refused))
  }

  private func http(_ change: (inout HTTPProbe) -> Void = { _ in }) -> CheckProbe {
    var probe = HTTPProbe(path: "/health?deep=1")
    change(&probe)
    return .http(probe)
  }

  private static func answer(_ body: String, status: String = "200 OK") -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test func httpAsksAndJudges() throws {
    let bench = try Bench()
    let server = try TestServer(Self.answer("all is well"))
    defer { server.stop() }
    func seen(_ change: (inout HTTPProbe) -> Void = { _ in }) -> CheckResult? {
      bench.result(http(change), port: server.port)
    }
    #expect(seen { $0.host = "www.example.org" } == .success)
    #expect(server.received.text.hasPrefix("GET /health?deep=1 HTTP/1.1\r\n"))
    #expect(server.received.text.contains("Host: www.example.org\r\n"))
    #expect(seen { $0.statuses = [300...399, 404...404] } == .failure(.status(200)))
    #expect(seen { $0.pattern = "is +w.ll$" } == .success)
    #expect(seen { $0.pattern = "is bad" } == .failure(.content))
    #expect(
      seen {
        $0.pattern = "well"
        $0.wantsPattern = false
      } == .failure(.content))
    // As md5sum and sha256sum print them.
    #expect(
      seen { $0.digest = BodyDigest(.md5, "0c06a4b5b0d1a4e2a0a6a4a5cbbf0a10") }
        == .failure(.content))
    for algorithm in BodyDigest.Algorithm.allCases {
      let digits = HTTPCheck.digits(algorithm, of: Array("all is well".utf8))
      #expect(seen { $0.digest = BodyDigest(algorithm, digits) } == .success)
    }
    #expect(HTTPCheck.digits(.md5, of: []) == "d41d8cd98f00b204e9800998ecf8427e")
    #expect(
      HTTPCheck.digits(.sha256, of: [])
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func httpOfBadServers() throws {
    let bench = try Bench()
    let head = "HTTP/1.1 200 OK\r\nContent-Length: "
    let body = [UInt8](repeating: 0x61, count: 1 << 16)
    let cases: [(TestServer, CheckFailure)] = [
      (try TestServer("", then: .stays), .timedOut),
      (try TestServer("HTTP/1.1 20", then: .closes), .closed),
      (try TestServer(head + "10\r\n\r\nabc", then: .closes), .closed),
      (try TestServer("nonsense\r\n\r\n", then: .closes), .malformed),
      (try TestServer(Array((head + "10737418240\r\n\r\n").utf8) + body, then: .repeats), .tooLong),
      (try TestServer("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 1 << 20)), .tooLong),
    ]
    for (server, wanted) in cases {
      let seen = bench.result(http(), port: server.port, timeout: .milliseconds(500))
      #expect(seen == .failure(wanted))
      server.stop()
    }
    #expect(try bench.result(http(), port: freePort()) == .failure(.refused))
  }

  @Test func httpsOfServersThatSpeakNoTLS() throws {
    let bench = try Bench()
    let server = try TestServer(Self.answer("plain"))
    defer { server.stop() }
    #expect(bench.result(http { $0.isSecure = true }, port: server.port) == .failure(.malformed))
    let missing = http {
      $0.isSecure = true
      $0.verifiesCertificate = true
      $0.authorities = "/nonexistent.pem"
    }
    #expect(bench.result(missing, port: server.port)?.isFailure == true)
  }

  private func script(_ text: String, user: String = "nobody") -> CheckProbe {
    .script(ScriptProbe(command: ["/bin/sh", "-c", text], user: user))
  }

  @Test func scripts() throws {
    try #require(geteuid() == 0)
    let bench = try Bench()
    func seen(_ text: String) -> CheckResult? {
      bench.result(script(text), port: 1, timeout: .milliseconds(800))
    }
    #expect(seen("exit 0") == .success)
    #expect(seen("exit 1") == .failure(.exited(1)))
    #expect(seen("exit 2") == .weight(0))
    #expect(seen("exit 255") == .weight(253))
    #expect(seen("kill -TERM $$") == .failure(.signaled(15)))
    #expect(seen("[ $(id -un) = nobody ] && [ $(id -G | wc -w) = 1 ]") == .success)
    #expect(
      seen("read line && exit 1; ls -l /proc/$$/fd | grep -c socket | grep -qx 0") == .success)
    #expect(seen("while :; do echo print without end; done") == .failure(.timedOut))
    #expect(bench.result(script("exit 0", user: "no-such-user"), port: 1)?.isFailure == true)
    let missing = CheckProbe.script(ScriptProbe(command: ["/nonexistent"]))
    #expect(bench.result(missing, port: 1) == .failure(.system(2)))
  }

  /// What a script leaves behind in its session ends with it, whether it ends by itself or by time.
  @Test(arguments: ["exit 0", "wait"]) func nothingIsLeftOfAScript(end: String) throws {
    try #require(geteuid() == 0)
    let bench = try Bench()
    let file = "/tmp/tapvs-test-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    #expect(FileManager.default.createFile(atPath: file, contents: nil))
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file)
    let text = "trap '' TERM HUP INT; sleep 1000 & echo $! > \(file); \(end)"
    _ = bench.result(script(text), port: 1, timeout: .milliseconds(500))
    let child = try String(contentsOfFile: file, encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let stat = "/proc/\(child)/stat"
    let deadline = bench.now.advanced(by: .seconds(5))
    // Killed, it may wait for its parent of another namespace; it is dead all the same.
    func isGone() -> Bool {
      guard let text = try? String(contentsOfFile: stat, encoding: .utf8) else { return true }
      return text.contains(") Z ")
    }
    while !isGone() && bench.now < deadline { RetryClock.monotonic.sleep(.milliseconds(5)) }
    #expect(!child.isEmpty && isGone())
  }

  @Test func runsAreShortenedAndCancelled() throws {
    let bench = try Bench()
    let server = try TestServer("", then: .stays)
    defer { server.stop() }
    let began = bench.now
    let seen = bench.result(http(), port: server.port, timeout: .seconds(4)) { start in
      bench.runner.run([.shorten(start.run, to: bench.now.advanced(by: .milliseconds(50)))])
    }
    #expect(seen == .failure(.timedOut))
    #expect(began.duration(to: bench.now) < .seconds(3))
    let none = bench.result(script("sleep 3"), port: 1, timeout: .seconds(4)) { start in
      bench.runner.run([.cancel(start.run)])
    }
    #expect(none == nil)
  }
}
