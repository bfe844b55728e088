import Control
import Netlink
import Testing

@testable import tapvs

/// How the command ends.
@Suite struct ExitCodeTests {
  @Test(arguments: [
    [], ["frobnicate"], ["check"], ["check", "a", "--config", "b"], ["check", "/nonexistent.yaml"],
    ["run"], ["run", "--config", "/nonexistent.yaml"], ["status", "--name", "a/b"],
    ["status", "--netns", "a/b"], ["status", "--netns", ""], ["status", "-o", "xml"],
    ["status", "--colour"], ["connections", "--protocol", "sctp"],
    ["connections", "--client", "10.0.0"], ["connections", "--limit", "0"],
    ["connections", "--limit", "many"], ["ports", "extra"],
    ["real-server", "toa", "--from", "10.0.0.1", "--kind", "251"],
    ["real-server", "toa", "--from", "10.0.0.1/24"], ["real-server", "toa", "--from", "::1"],
    ["real-server", "toa", "--remove", "--from", "10.0.0.1"],
    ["real-server", "toa", "--cgroup", "/nonexistent"],
    ["real-server", "decap", "--vip", "10.0.0.1"], ["real-server", "decap", "--from", "10.0.0.1"],
    ["real-server", "decap", "--vip", "a", "--from", "10.0.0.1"],
    ["real-server", "decap", "--vip", "10.0.0.9", "--from", "10.0.0.1", "--port", "0"],
    ["real-server", "decap", "--vip", "10.0.0.9", "--from", "10.0.0.1", "--method", "magic"],
    ["real-server", "up"], ["real-server", "up", "--mode", "dr"],
    ["real-server", "up", "--mode", "x"],
    ["real-server", "up", "--mode", "nat"], ["real-server", "up", "--mode", "fullnat"],
    ["real-server", "up", "--mode", "dr", "--vip", "10.0.0.1/24"],
    ["real-server", "up", "--mode", "dr", "--vip", "10.0.0.1", "--gateway", "10.0.0.2"],
    ["real-server", "up", "--mode", "tunnel", "--vip", "10.0.0.1"],
    ["real-server", "up", "--mode", "dr", "--vip", "10.0.0.1", "--netns", "a/b"],
    ["real-server", "up", "--mode", "dr", "--vip", "10.0.0.1", "--netns", "tapvs-test-nowhere"],
    ["real-server", "check", "--vip", "10.0.0.1"], ["real-server", "down", "extra"],
  ]) func wrongUsageIsTwo(_ arguments: [String]) {
    #expect(TapVS.perform(arguments)?.code == .usage)
  }

  @Test(arguments: [
    ["--help"], ["--version"], ["help", "ports"], ["connections", "--help"],
    ["real-server", "--help"], ["real-server", "up", "--help"],
  ])
  func helpIsFine(_ arguments: [String]) {
    #expect(TapVS.perform(arguments)?.code == nil)
  }

  @Test(arguments: [
    ["status", "--name", "tapvs-test-nobody"], ["ports", "--name", "tapvs-test-nobody"],
    ["connections", "--name", "tapvs-test-nobody", "-o", "json"],
    ["status", "--netns", "tapvs-test-nowhere"], ["status", "--netns", "/nonexistent"],
  ]) func nobodyReachedIsThree(_ arguments: [String]) {
    #expect(TapVS.perform(arguments)?.code == .notReached)
  }

  @Test(arguments: [
    (ControlError.timedOut, TapVSExitCode.notReached), (.refused("x"), .wrong),
    (.denied("x"), .unavailable),
    (.malformed("x"), .wrong), (.nameTaken(.standard), .wrong),
    (.namespace(LinkError(.notPermitted, "x")), .unavailable),
    (.namespace(LinkError(.namespaceMissing, "x")), .notReached),
  ]) func eachErrorHasItsCode(_ error: ControlError, _ code: TapVSExitCode) {
    #expect(Failure(error).code == code)
    #expect(Failure(error).message == error.description)
  }
}
