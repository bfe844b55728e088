import TestSupport
import Testing

@testable import conformance

/// A vector that says what nobody understands, or wants what is not there, fails with its name.
@Suite struct StrictnessTests {
  private let vectors: CarriedVectors

  init() throws {
    vectors = try CarriedVectors()
  }

  @Test(arguments: [
    ["bogus"], ["config", "bogus"], ["config", "service", "bogus"],
    ["config", "real_servers", "0", "bogus"], ["conn", "bogus"], ["conn_after", "bogus"],
    ["input", "0", "bogus"], ["output", "0", "bogus"],
  ])
  func namesUnknownKeys(path: [String]) throws {
    var vector = try vectors.vector("NAT-006")
    #expect(vectors.failures(of: vector).isEmpty)
    vector.set(path, .integer(1))
    let name = path.joined(separator: ".").replacing(".0.", with: "[0].")
    #expect(vectors.failures(of: vector) == ["unknown key \(name)"])
  }

  @Test(
    arguments: [
      (
        ["config", "sysctl"], JSONValue.object(["sloppy_tcp": .integer(1)]),
        "needs the sysctl sloppy_tcp"
      ),
      (["config", "service", "syn_proxy"], .bool(true), "needs a SYN proxy"),
      (["config", "client_addr"], .string("proxy_v1"), "needs client addresses by proxy_v1"),
      (["config", "test_cookie"], .integer(1), "needs a SYN proxy"),
      (["config", "service", "proto"], .string("sctp"), "needs protocol sctp"),
      (["config", "service", "vip"], .string("2001:db8::1"), "needs IPv6"),
      (["config", "service", "vport"], .integer(0), "needs services for all ports"),
      (["config", "service", "scheduler"], .string("mh"), "needs scheduler mh"),
      (
        ["config", "real_servers", "0", "fwd"], .string("local"), "needs forwarding method local"
      ),
      (["conn", "sp_delta"], .integer(1), "needs a SYN proxy"),
      (["conn_after", "held_packets"], .integer(1), "needs a SYN proxy"),
    ] as [([String], JSONValue, String)])
  func namesWhatTheEngineDoesNotDo(path: [String], value: JSONValue, message: String) throws {
    var vector = try vectors.vector("NAT-006")
    vector.set(path, value)
    let failures = vectors.failures(of: vector)
    #expect(failures.count == 1)
    #expect(failures.first?.hasPrefix(message) == true, "\(failures)")
  }

  @Test(
    arguments: [
      (["config", "service", "vport"], JSONValue.integer(65_536)),
      (["config", "service", "vport"], .string("80")),
      (["config", "real_servers", "0", "ip"], .string("10.0.0")),
      (["config", "real_servers", "0", "ip"], .string("10.0.0.77")),
      (["config", "real_servers", "0", "weight"], .integer(-1)),
      (["config", "mtu"], .object(["ext": .integer(0)])),
      (["config", "advance_clock_s"], .integer(-1)),
      (["config", "path_mtu"], .object(["10.0.0.2": .integer(67)])),
      (["config", "path_mtu"], .object(["10.0.0": .integer(1400)])),
      (["config", "test_lport"], .integer(0)),
      (["config", "test_local_isn"], .integer(1 << 32)),
      (["config", "uoa"], .string("on")),
      (["config", "service", "laddrs"], .string("10.0.0.200")),
      (["config", "real_servers", "0", "tunnel"], .string("ipip")),
      (["config", "real_servers", "0", "fwd"], .string("fullnat")),
      (["conn", "fwd"], .string("dr")),
      (["conn", "delta"], .integer(1)),
      (["conn", "daddr"], .string("10.0.0.3")),
      (["input", "0", "port"], .string("wan")),
      (["input", "0", "frame"], .string("0")),
      (["input", "0", "frame"], .string("zz")),
      (["input", "0", "frame"], .string(String(repeating: "00", count: 65_554))),
      (["input", "0", "vnet"], .string("0000")),
      (["output", "0", "mask"], .array([.array([.integer(-1), .integer(2)])])),
      (["verdict"], .string("perhaps")),
      (["output"], .null),
      (["conn"], .array([])),
    ] as [([String], JSONValue)])
  func survivesMalformedValues(path: [String], value: JSONValue) throws {
    var vector = try vectors.vector("NAT-006")
    vector.set(path, value)
    #expect(!vectors.failures(of: vector).isEmpty)
  }
}
