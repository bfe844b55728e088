import Director
import Frames
import Wire

/// One vector on one path through the engine, and what is wrong with the result.
struct VectorRun {
  /// Empty when the vector passes.
  private(set) var failures: [String] = []
  /// Whether the fast path has no part in it.
  private(set) var isSlowOnly = false

  init(_ vector: Vector, _ topology: Topology, _ path: EnginePath) throws(VectorError) {
    var run = try EngineRun(vector, topology, path)
    let before = run.director.counters
    for frame in vector.input {
      try run.receive(frame, port: topology.portIndex(named: frame.port))
    }
    if vector.configuration.clockAdvance > .zero {
      run.advance(by: vector.configuration.clockAdvance)
    }
    let outcome = try checkFrames(run.sent, vector, topology)
    if !failures.isEmpty { failures.append("verdicts: \(Self.names(of: run.verdicts, topology))") }
    let counters = run.director.counters
    checkDrops(from: before, to: counters, run.verdicts, outcome)
    if let after = vector.after {
      failures += AftermathCheck(after, vector, topology, run).failures
    }
    if path == .fast { checkFastPath(counters.fastPath &- before.fastPath, vector) }
  }

  private static func names(of verdicts: [Verdict], _ topology: Topology) -> String {
    let names = verdicts.map { verdict in
      switch verdict {
      case .transmit(let port): "sent out of \(topology.ports[port.index].name)"
      case .drop(let reason): "dropped, \(reason.name)"
      case .hold: "held"
      case .absorb: "absorbed"
      }
    }
    return names.isEmpty ? "none" : names.joined(separator: "; ")
  }

  // MARK: Frames

  /// Compares the frames with every alternative; the outcome that the right one stands for.
  private mutating func checkFrames(
    _ sent: [EngineRun.SentFrame], _ vector: Vector, _ topology: Topology
  ) throws(VectorError) -> Vector.Outcome {
    for (index, expected) in vector.outputs.enumerated() {
      let match = try FrameMatch(sent, expected, topology)
      guard match.differences.isEmpty else { continue }
      checkShape(sent, vector, isAlternative: index > 0, topology)
      return Self.outcome(of: expected, instead: index > 0, vector.outcome)
    }
    failures += try FrameMatch(sent, vector.outputs[0], topology).differences
    if vector.outputs.count > 1 {
      failures.append("nor does any of \(vector.outputs.count - 1) alternatives match")
    }
    return vector.outcome
  }

  /// An alternative may turn an answer into silence, or silence into forwarding.
  private static func outcome(
    of frames: [Vector.Element], instead isAlternative: Bool, _ outcome: Vector.Outcome
  ) -> Vector.Outcome {
    guard isAlternative else { return outcome }
    switch outcome {
    case .forward, .reply, .icmp: return frames.isEmpty ? .drop : outcome
    case .drop, .local: return frames.isEmpty ? outcome : .forward
    case .generate, .state: return outcome
    }
  }

  /// Frames that are right must also be of the kind that the verdict says.
  private mutating func checkShape(
    _ sent: [EngineRun.SentFrame], _ vector: Vector, isAlternative: Bool, _ topology: Topology
  ) {
    guard !isAlternative else { return }
    let onward = sent.filter { frame in
      vector.isOnward(frame.bytes, port: topology.ports[frame.port.index].name)
    }
    switch vector.outcome {
    case .forward where sent.isEmpty, .reply where sent.isEmpty, .generate where sent.isEmpty:
      failures.append("verdict \(vector.outcome.rawValue) with nothing sent")
    case .reply where !onward.isEmpty:
      failures.append("verdict reply, and a frame went elsewhere than where one came from")
    case .forward where onward.isEmpty:
      failures.append("verdict forward, and all frames went back where they came from")
    case .icmp where !sent.contains(where: { Self.isError($0.bytes) }):
      failures.append("verdict icmp with no ICMP error sent")
    case .drop where !sent.isEmpty, .local where !sent.isEmpty:
      failures.append("verdict \(vector.outcome.rawValue) with frames sent")
    default: break
    }
  }

  private static func isError(_ frame: [UInt8]) -> Bool {
    guard let ethernet = EthernetFrame(frame.rawSpan), ethernet.etherType == .ipv4,
      let packet = IPv4Packet(ethernet.payload), packet.protocol == .icmp,
      let message = ICMPv4Message(packet.payload)
    else { return false }
    return message.type.isError
  }

  // MARK: Counters

  private mutating func checkDrops(
    from before: DirectorCounters, to after: DirectorCounters, _ verdicts: [Verdict],
    _ outcome: Vector.Outcome
  ) {
    let raised = DropReason.allCases.filter { after[$0] != before[$0] }
    let names = raised.map(\.name).joined(separator: ", ")
    switch outcome {
    case .drop where raised.count != 1:
      failures.append("one drop counter must rise, and \(raised.isEmpty ? "none" : names) did")
    case .forward where !raised.isEmpty, .reply where !raised.isEmpty:
      failures.append("verdict \(outcome.rawValue), and \(names) was counted as dropped")
    case .icmp where raised.count > 1:
      failures.append("more than one drop counter rose: \(names)")
    default: break
    }
    for case .drop(let reason) in verdicts where !raised.contains(reason) {
      failures.append("a frame was dropped as \(reason.name), which was not counted")
    }
  }

  // MARK: Fast path

  private mutating func checkFastPath(_ count: UInt64, _ vector: Vector) {
    isSlowOnly = count == 0
    guard vector.isPlainEstablishedFlow, count != UInt64(vector.input.count) else { return }
    isSlowOnly = false
    failures.append("the fast path declined an established plain flow")
  }
}
