import Director
import Testing
import Wire

@testable import conformance

/// What is particular to the vectors of direct routing, tunnels and FullNAT.
@Suite struct MethodVectorTests {
  private let routed: CarriedVectors
  private let tunnelled: CarriedVectors
  private let translated: CarriedVectors

  init() throws {
    routed = try CarriedVectors("dr")
    tunnelled = try CarriedVectors("tunnel")
    translated = try CarriedVectors("fullnat")
  }

  @Test(arguments: [EnginePath.fast, .slow])
  func allPass(path: EnginePath) throws {
    for vectors in [routed, tunnelled, translated] {
      for entry in vectors.file.entries {
        let failures = vectors.failures(of: entry.content, path)
        #expect(failures.isEmpty, "\(entry.id): \(failures.joined(separator: "\n"))")
      }
    }
  }

  @Test func whatGoesOnIsToldFromWhatGoesBack() throws {
    let vector = try Vector(routed.vector("DR-001"))
    let frame = vector.outputs[0][0].frame
    #expect(vector.isOnward(frame, port: "ext"))
    #expect(vector.isOnward(frame, port: "int"))
    let gateway = Array(vector.input[0].frame[6..<12])
    #expect(!vector.isOnward(gateway + frame[6...], port: "ext"))
    let tunnel = try Vector(tunnelled.vector("TUN-001"))
    let outer = tunnel.outputs[0][0].frame
    #expect(Array(outer[..<6]) == gateway)
    #expect(tunnel.isOnward(outer, port: "ext"))
    // As if it went to the client.
    #expect(!tunnel.isOnward(Array(outer[..<30]) + [198, 51, 100, 10] + outer[34...], port: "ext"))
  }

  @Test(arguments: ["reply", "icmp", "drop"])
  func theVerdictCounts(verdict: String) throws {
    var vector = try routed.vector("DR-001")
    vector.set(["verdict"], .string(verdict))
    #expect(!routed.failures(of: vector).isEmpty)
  }

  @Test func plainFlowsAreToldFromOthers() throws {
    func plain(_ vectors: CarriedVectors) throws -> [String] {
      try vectors.file.entries.filter { try Vector($0.content).isPlainEstablishedFlow }.map(\.id)
    }
    #expect(try plain(routed) == ["DR-002", "DR-008"])
    #expect(try plain(tunnelled) == ["TUN-002", "TUN-003"])
    // Not the third segment, which gets an option, nor what has one to overwrite; nor a datagram that
    // gets the client's address.
    let translatedPlain = ["FNAT-007", "FNAT-018", "FNAT-019", "FNAT-024", "FNAT-025"]
    #expect(try plain(translated) == translatedPlain)
  }

  @Test(
    arguments: [
      ("FNAT-003", ["conn", "delta"], JSONValue.integer(1), "conn.delta is not local_isn - "),
      ("FNAT-003", ["conn", "fdata_ack"], .integer(1), "conn.fdata_ack is not rs_isn + 1"),
      ("FNAT-003", ["conn", "laddr"], .null, "conn.laddr is missing"),
      ("FNAT-003", ["conn", "fwd"], .string("nat"), "conn has a local side without FullNAT"),
      ("FNAT-026", ["conn", "pp_len"], .integer(29), "needs a PROXY header of 29 bytes"),
      ("FNAT-001", ["config", "service", "laddrs"], .null, "config.service.laddrs is missing"),
    ] as [(String, [String], JSONValue, String)])
  func contradictionsAreRefused(
    id: String, path: [String], value: JSONValue, message: String
  ) throws {
    var vector = try translated.vector(id)
    vector.set(path, value)
    let failures = translated.failures(of: vector)
    #expect(failures.count == 1)
    #expect(failures.first?.hasPrefix(message) == true, "\(failures)")
  }

  @Test func everythingRememberedCounts() throws {
    let after = try #require(try Vector(translated.vector("FNAT-001")).after)
    let right = TranslationSnapshot(
      local: Endpoint(IPv4Address(10, 0, 0, 200), 10_001), sequenceShift: 0x3000_0000,
      clientSequence: 0x1111_1111, serverSequence: 0x2222_2222)
    func keys(_ snapshot: TranslationSnapshot?, hasHeardServer: Bool = false) -> [String] {
      after.translation.differences(snapshot, hasHeardServer: hasHeardServer).map(\.key)
    }
    #expect(keys(right) == [])
    var changed = right
    changed.serverSequence = nil
    #expect(keys(changed) == [])
    #expect(keys(changed, hasHeardServer: true) == ["rs_isn"])
    changed.serverSequence = 0
    #expect(keys(changed) == ["rs_isn"])
    changed = right
    changed.local.port += 1
    #expect(keys(changed) == ["laddr and lport"])
    changed = right
    changed.sequenceShift += 1
    #expect(keys(changed) == ["delta", "local_isn"])
    changed = right
    changed.clientSequence = nil
    #expect(keys(changed) == ["client_isn", "local_isn"])
    #expect(keys(nil) == ["laddr and lport", "client_isn", "delta", "local_isn"])
  }

  @Test func theServerIsHeardBeforeItsNumberIsWanted() throws {
    #expect(try !Vector(translated.vector("FNAT-001")).hasHeardServer)
    #expect(try Vector(translated.vector("FNAT-002")).hasHeardServer)
    #expect(try Vector(translated.vector("FNAT-003")).hasHeardServer)
  }
}
