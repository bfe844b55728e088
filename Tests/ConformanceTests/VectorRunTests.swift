import TestSupport
import Testing

@testable import conformance

/// What a vector demands is really looked at: changed in one place, it fails.
@Suite struct VectorRunTests {
  private let vectors: CarriedVectors

  init() throws {
    vectors = try CarriedVectors()
  }

  private func changed(_ id: String, _ path: [String], _ value: JSONValue) throws -> JSONValue {
    var vector = try vectors.vector(id)
    vector.set(["alt_output"], .null)
    vector.set(path, value)
    return vector
  }

  @Test(arguments: ["NAT-001", "NAT-004", "NAT-014", "GSO-001", "ARP-001", "ARP-010", "ICMP-009"])
  func everyByteCounts(id: String) throws {
    let vector = try vectors.vector(id)
    #expect(vectors.failures(of: vector).isEmpty)
    #expect(vectors.failures(of: vector, .fast).isEmpty)
    guard case .string(let text) = vector["output", "0", "frame"] else { throw NoFrame() }
    // Of an answer to a ping, identification and fragment word are free.
    let free = id == "ICMP-009" ? [18, 19, 20, 21, 24, 25] : []
    for offset in 0..<(text.count / 2) where !free.contains(offset) {
      let frame = vector["output", "0", "frame"].flippingBit(ofByte: offset)
      let wrong = try changed(id, ["output", "0", "frame"], frame)
      #expect(!vectors.failures(of: wrong).isEmpty, "byte \(offset)")
    }
  }

  @Test func showsBothFrames() throws {
    let frame = try vectors.vector("NAT-003")["output", "0", "frame"].flippingBit(ofByte: 22)
    let failures = vectors.failures(of: try changed("NAT-003", ["output", "0", "frame"], frame))
    let table = failures.first ?? ""
    #expect(table.hasPrefix("frame 1 of 1 differs:"))
    #expect(table.contains("* ipv4 time to live             57"))
    #expect(table.contains("  tcp destination port          8080"))
    #expect(table.hasSuffix("first difference at byte 22"))
    #expect(failures.last == "verdicts: sent out of int")
  }

  @Test func everyOffloadFieldCounts() throws {
    let vector = try vectors.vector("GSO-006")
    #expect(vectors.failures(of: vector).isEmpty)
    for offset in 0..<10 {
      let offload = vector["output", "0", "vnet"].flippingBit(ofByte: offset)
      let wrong = try changed("GSO-006", ["output", "0", "vnet"], offload)
      #expect(!vectors.failures(of: wrong).isEmpty, "byte \(offset)")
    }
  }

  @Test func portOrderAndNumberCount() throws {
    let wrongPort = try changed("NAT-001", ["output", "0", "port"], .string("ext"))
    #expect(vectors.failures(of: wrongPort).contains { $0.contains("went out of int") })
    guard case .array(let frames) = try vectors.vector("ARP-010")["output"] else { throw NoFrame() }
    for list in [frames.reversed(), [frames[0]], frames + [frames[1]], []] {
      let wrong = try changed("ARP-010", ["output"], .array(list))
      #expect(!vectors.failures(of: wrong).isEmpty, "\(list.count) frames")
    }
  }

  @Test func alternativesCount() throws {
    var vector = try vectors.vector("NAT-015")
    let right = vector["output"]
    vector.set(["output", "0", "frame"], .string("00"))
    vector.set(["alt_output"], .array([.array([]), right]))
    #expect(vectors.failures(of: vector).isEmpty)
  }

  @Test(arguments: [
    ("NAT-001", "drop"), ("NAT-001", "reply"), ("NAT-001", "icmp"), ("ARP-001", "forward"),
    ("ICMP-009", "forward"), ("ICMP-011", "forward"), ("ICMP-011", "icmp"), ("NOSV-004", "reply"),
  ])
  func theVerdictCounts(id: String, verdict: String) throws {
    let wrong = try changed(id, ["verdict"], .string(verdict))
    #expect(!vectors.failures(of: wrong).isEmpty)
  }

  @Test(
    arguments: [
      ("NAT-001", "state", JSONValue.string("ESTABLISHED")), ("NAT-001", "timeout", .integer(59)),
      ("NAT-001", "active_counted", .bool(false)), ("NAT-001", "daddr", .string("10.0.0.3")),
      ("NAT-001", "cport", .integer(40001)), ("NAT-001", "proto", .string("udp")),
      ("NAT-001", "connections", .integer(0)), ("NAT-006", "state", .string("ESTABLISHED")),
      ("ARP-009", "neigh", .object(["192.0.2.1": .string("02:00:00:00:00:66")])),
      ("ARP-009", "neigh", .object(["192.0.2.1": .null])),
    ] as [(String, String, JSONValue)])
  func whatIsRememberedCounts(id: String, key: String, value: JSONValue) throws {
    let wrong = try changed(id, ["conn_after", key], value)
    #expect(vectors.failures(of: wrong).contains { $0.hasPrefix("conn_after: ") })
  }

  @Test func plainEstablishedFlowsMustTakeTheFastPath() throws {
    let plain = ["NAT-003", "NAT-004", "NAT-008", "NAT-010", "NAT-014", "NAT-017", "GSO-006"]
    for id in plain {
      #expect(try Vector(vectors.vector(id)).isPlainEstablishedFlow, "\(id)")
    }
    // A new flow, an RST, IP options, the end of the time to live, ARP.
    for id in ["NAT-001", "NAT-006", "NAT-007", "NAT-009", "ARP-001"] {
      #expect(try !Vector(vectors.vector(id)).isPlainEstablishedFlow, "\(id)")
    }
    let options = try Vector(vectors.vector("NAT-007"))
    #expect(try VectorRun(options, vectors.file.topology, .fast).isSlowOnly)
    let data = try Vector(vectors.vector("NAT-003"))
    #expect(try !VectorRun(data, vectors.file.topology, .fast).isSlowOnly)
  }
}

private struct NoFrame: Error {}
