import TestSupport
import Testing
import Wire

@testable import BPF

/// The program for each of `TunnelFrames`, tried by the kernel without any link.
@Suite(
  "The decapsulation program", .enabled(if: TestNamespace.isPossible, "needs root"))
struct DecapsulationTests {
  private func ingress(_ rules: DecapsulationRules = TunnelFrames.rules) throws -> TunnelIngress {
    try TunnelIngress(rules, from: TunnelFrames.directors, to: TunnelFrames.addresses)
  }

  private func verdict(_ event: DecapsulationEvent?) -> UInt32 {
    switch event {
    case .malformed, .nested, .congested: UInt32(bitPattern: DecapsulationProgram.Verdict.drop)
    default: UInt32(bitPattern: DecapsulationProgram.Verdict.next)
    }
  }

  @Test(arguments: TunnelFrames.all)
  func framesAreTakenLeftOrDropped(_ row: TunnelCase) throws {
    let ingress = try ingress()
    let outcome = try ingress.trial(row.frame)
    #expect(outcome.verdict == verdict(row.event))
    #expect(outcome.frame == row.result)
    for event in DecapsulationEvent.allCases {
      #expect(ingress.counters[event] == (event == row.event ? 1 : 0), "\(event)")
    }
  }

  @Test(arguments: Encapsulation.allCases)
  func otherEncapsulationsAreNoneOfOurs(_ only: Encapsulation) throws {
    let ingress = try ingress(DecapsulationRules([only], port: TunnelFrames.port))
    let good = TunnelFrames.all.filter { $0.name.hasSuffix(": good") }
    #expect(good.count == 4)
    for row in good {
      let isOurs = row.name.hasPrefix(only.rawValue)
      let outcome = try ingress.trial(row.frame)
      #expect(outcome.frame == (isOurs ? row.result : row.frame), "\(row)")
    }
  }

  /// The kernel shortens superframes of TCP alone, and a trial's is none.
  @Test func superframesOfOtherKindsAreLeftAlone() throws {
    for suffix in [": good", ": bytes behind what is inside"] {
      let rows = TunnelFrames.all.filter { $0.name.hasSuffix(suffix) }
      #expect(rows.count == 4)
      for row in rows {
        let ingress = try ingress()
        let outcome = try ingress.trial(row.frame, segmentLength: 20)
        #expect(outcome == BPFProgram.Outcome(verdict: verdict(nil), frame: row.frame), "\(row)")
        #expect(ingress.counters[.impossible] == 1)
      }
    }
  }

  /// Datagrams of a superframe in GUE are the socket's: they are not even marked, or dropped as nested.
  @Test func superframesOfDatagramsAreNotTouched() throws {
    let names = ["gue: datagrams, marked", "gue: GUE inside"]
    for name in names {
      let row = try #require(TunnelFrames.all.first { $0.name == name })
      let ingress = try ingress()
      let outcome = try ingress.trial(row.frame, segmentLength: 20)
      #expect(outcome == BPFProgram.Outcome(verdict: verdict(nil), frame: row.frame), "\(row)")
      #expect(ingress.counters[.impossible] == 1)
    }
    // Of other tunnels they are taken as segments are: what keeps them here is that a trial's are none.
    let other = try #require(TunnelFrames.all.first { $0.name == "ipip: datagrams, marked" })
    let outcome = try ingress().trial(other.frame, segmentLength: 20)
    #expect(outcome.frame != other.frame)
  }

  @Test func thePortIsTheOneThatWasAskedFor() throws {
    let ingress = try ingress(DecapsulationRules([.gue], port: 6081))
    let row = try #require(TunnelFrames.all.first { $0.name == "gue: good" })
    #expect(try ingress.trial(row.frame).frame == row.frame)
    var other = row.frame
    other[37] = 0xc1
    #expect(try ingress.trial(other).frame == row.result)
  }
}

/// The program against its twin in C, on the same frames and on thousands made from them.
@Suite(
  "The decapsulation program and its twin",
  .enabled(if: TestNamespace.isPossible, "needs root"),
  .enabled(if: ClangTwin.isPossible, "needs a clang that knows bpf"))
struct DecapsulationTwinTests {
  /// One of the two, with maps of its own.
  private struct Side {
    let program: BPFProgram
    let directors: PrefixMap
    let addresses: AddressMap
    let counters: Counters<DecapsulationEvent>

    init(
      _ make: (_ directors: Int32, _ addresses: Int32, _ counters: Int32) throws -> [Instruction]
    ) throws {
      directors = try PrefixMap("directors")
      try directors.replace(with: TunnelFrames.directors)
      addresses = try AddressMap("addresses", TunnelFrames.addresses)
      counters = try Counters()
      program = try BPFProgram(
        "test", .ingress,
        instructions: make(
          directors.map.descriptor.number, addresses.map.descriptor.number,
          counters.map.descriptor.number))
    }

    var counts: [UInt64] { DecapsulationEvent.allCases.map { counters[$0] } }
  }

  private func sides(_ rules: DecapsulationRules) throws -> (Side, Side) {
    let twin = try ClangTwin(rules)
    let own = try Side { (directors, addresses, counters) in
      try DecapsulationProgram(
        rules, directors: directors, addresses: addresses, counters: counters
      ).assembler().instructions()
    }
    return (own, try Side(twin.instructions(directors:addresses:counters:)))
  }

  /// A frame with a few bytes changed or cut off, down to the 34 that the kernel wants for a trial, and perhaps its outer sum made right again.
  private func mutation(_ frame: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var frame = frame
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      // Headers are what matters.
      let place = Int.random(in: 12..<min(frame.count, 90), using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: frame[place] = .random(in: 0 ... .max, using: &random)
      case 1: frame[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: frame[place] = [0, 1, 4, 0x45, 0xff].randomElement(using: &random) ?? 0
      default: frame = Array(frame.prefix(Int.random(in: 34...frame.count, using: &random)))
      }
    }
    if Bool.random(using: &random) {
      frame[24] = 0
      frame[25] = 0
      let sum = InternetChecksum.checksum(of: frame.rawSpan.extracting(14..<34))
      frame[24] = UInt8(sum >> 8)
      frame[25] = UInt8(sum & 0xff)
    }
    return frame
  }

  @Test(arguments: [
    Set(Encapsulation.allCases), [.ipip], [.gre], [.gue],
  ])
  func bothDoTheSame(_ encapsulations: Set<Encapsulation>) throws {
    let (own, twin) = try sides(DecapsulationRules(encapsulations, port: TunnelFrames.port))
    var random = SplitMix64(seed: 4)
    for row in TunnelFrames.all {
      for round in 0..<40 {
        let frame = round == 0 ? row.frame : mutation(row.frame, &random)
        let segment: UInt32 = round % 8 == 7 ? 20 : 0
        let found = try own.program.trial(frame, segmentLength: segment)
        let other = try twin.program.trial(frame, segmentLength: segment)
        #expect(found == other, "\(row), \(frame)")
      }
    }
    #expect(own.counts == twin.counts)
    #expect(own.counts[DecapsulationEvent.taken.rawValue] > 50)
  }
}
