package import Frames
import Wire

// Checks that go the way of the packets: a SYN of our own to one real server through the forwarding of
// its service, whose answer is reset.

extension Director {
  /// Asks a real server by the way of its service's packets; `takePathResults` tells the outcome, at
  /// `deadline` at the latest.
  ///
  /// The SYN is repeated twice while nothing comes. A second question goes straight to the server's own
  /// address, so that silence can be explained. Answers `false`, and asks nothing, if there is no such
  /// server, no own address to ask from, or there are `PathProbes.limit` probes already.
  package mutating func beginPathProbe(
    _ id: UInt64, ofServer real: Endpoint, in protocol: ServiceProtocol, _ virtual: Endpoint,
    deadline: Instant, outbox: inout FrameBatch, at now: Instant
  ) -> Bool {
    guard pathProbes.probes.count < PathProbes.limit, `protocol` == .tcp,
      let record = recordForProbe(of: real, virtual)
    else { return false }
    let repetition = max(.milliseconds(20), now.duration(to: deadline) / 3)
    let questions = questions(to: record)
    guard !questions.isEmpty else { return false }
    pathProbes.add(
      PathProbe(
        id: id, record: record, questions: questions, deadline: deadline,
        nextSend: now.advanced(by: repetition), repetition: repetition))
    ask(id, outbox: &outbox, at: now)
    hasNews = true
    return true
  }

  /// Lets a probe end at `deadline` at the latest.
  package mutating func shortenPathProbe(_ id: UInt64, to deadline: Instant) {
    guard var probe = pathProbes[id], deadline < probe.deadline else { return }
    probe.deadline = deadline
    pathProbes[id] = probe
    hasNews = true
  }

  /// Forgets a probe.
  package mutating func cancelPathProbe(_ id: UInt64) { pathProbes.end(id, nil) }

  /// The outcomes since the last call.
  package mutating func takePathResults() -> [PathResult] {
    defer { pathProbes.results = [] }
    return pathProbes.results
  }

  /// The record of a server, whether health lets it serve or not.
  private func recordForProbe(of real: Endpoint, _ virtual: Endpoint) -> RecordIndex? {
    guard let service = services.place(.tcp, virtual),
      let place = place(of: real, in: service)
    else { return nil }
    return services[service].destinations[place].record
  }

  /// The questions that tell whether packets of the service reach the server and come back.
  private mutating func questions(to record: RecordIndex) -> [PathProbe.Question] {
    let (method, nextHop) = (forwarding[record].method, forwarding[record].nextHop)
    let (real, virtual) = (forwarding[record].real, forwarding[record].virtual)
    guard let near = configuration.ownAddress(of: nextHop.port, towards: real.address) else {
      return []
    }
    let wayBack = method == .nat ? distantAddress(from: real.address) ?? near : near
    var questions = [
      question(from: wayBack, to: method.keepsVirtualAddress ? virtual : real, isService: true)
    ]
    if wayBack != near || method.keepsVirtualAddress {
      questions.append(question(from: near, to: real, isService: false))
    }
    return questions
  }

  /// An own address to which the server `real` replies by its gateway, as to a client; `nil` if it is a
  /// neighbour of all.
  private func distantAddress(from real: IPv4Address) -> IPv4Address? {
    for port in configuration.ports {
      for address in port.addresses where !address.prefix.contains(real) { return address.address }
    }
    return nil
  }

  private mutating func question(
    from address: IPv4Address, to destination: Endpoint, isService: Bool
  ) -> PathProbe.Question {
    let port = pathProbes.takePort()
    // As hard to foresee as FullNAT's.
    let sequence = SipHash.hash(
      UInt64(address.rawValue) << 16 | UInt64(port), pathProbes.questionCount, key: sequenceKey)
    return PathProbe.Question(
      source: Endpoint(address, port), destination: destination,
      sequence: UInt32(truncatingIfNeeded: sequence), isService: isService)
  }

  /// Sends the SYN of each question that has no answer.
  private mutating func ask(_ id: UInt64, outbox: inout FrameBatch, at now: Instant) {
    guard let probe = pathProbes[id] else { return }
    for question in probe.questions where question.isService || !probe.isDirectAnswered {
      send(.syn, question.sequence, of: question, probe.record, outbox: &outbox, at: now)
    }
  }

  private mutating func send(
    _ flags: TCPFlags, _ sequence: UInt32, of question: PathProbe.Question, _ record: RecordIndex,
    outbox: inout FrameBatch, at now: Instant
  ) {
    let segment = BareSegment(
      source: question.source, destination: question.destination, flags: flags,
      sequence: sequence, acknowledgment: 0)
    let isWrapped = question.isService && forwarding[record].method == .tunnel
    if isWrapped && !forwarding[record].outer.isPresent { return }
    let verdict = send(
      segment.frame, to: forwarding[record].nextHop, throughTunnelOf: isWrapped ? record : nil,
      outbox: &outbox, at: now)
    if case .drop(let reason) = verdict { counters.drops[reason] &+= 1 }
  }

  /// Takes a segment that answers a question; `nil` if it is not one.
  mutating func takeProbeAnswer(
    _ packet: Packet, _ index: Int, of batch: borrowing FrameBatch, outbox: inout FrameBatch,
    at now: Instant
  ) -> Verdict? {
    guard packet.protocol == .tcp, let (probe, question) = pathProbes.find(packet.destinationPort),
      packet.destination == question.source.address,
      packet.source == question.destination.address,
      packet.sourcePort == question.destination.port
    else { return nil }
    let flags = packet.tcpFlags
    guard flags.contains(.ack), packet.acknowledgmentNumber == question.sequence &+ 1,
      flags.contains(.rst) || flags.contains(.syn),
      packet.hasRightTransportChecksum(in: batch.readBytes(at: index))
    else { return .drop(.noConnection) }
    if !flags.contains(.rst) {
      send(.rst, question.sequence &+ 1, of: question, probe.record, outbox: &outbox, at: now)
    }
    let cameBack = batch[index].port == forwarding[probe.record].nextHop.port
    if question.isService, cameBack || forwarding[probe.record].method != .nat {
      pathProbes.end(probe.id, flags.contains(.rst) ? .refused : .answered)
    } else {
      // By another port, an answer of NAT has not come the way of those to clients.
      var answered = probe
      answered.isDirectAnswered = true
      pathProbes[probe.id] = answered
    }
    hasNews = true
    return .absorb
  }

  /// Repeats questions, and ends probes whose time is over.
  mutating func advanceProbes(outbox: inout FrameBatch, at now: Instant) {
    guard let next = pathProbes.nextDeadline, next <= now else { return }
    for id in pathProbes.probes.keys.sorted() {
      guard var probe = pathProbes[id] else { continue }
      if probe.deadline <= now {
        pathProbes.end(id, outcome(of: probe))
      } else if probe.nextSend <= now {
        probe.nextSend = now.advanced(by: probe.repetition)
        pathProbes[id] = probe
        ask(id, outbox: &outbox, at: now)
      }
    }
  }

  /// What it means that the way of the packets was silent.
  private func outcome(of probe: PathProbe) -> PathOutcome {
    guard probe.isDirectAnswered else { return .silent }
    return switch forwarding[probe.record].method {
    case .nat: .wrongGateway
    case .dr: .noVirtualAddress
    case .tunnel: .noDecapsulation
    case .fullnat: .silent
    }
  }
}

extension ForwardingMethod {
  /// Whether packets reach the real server with the virtual address as their destination.
  fileprivate var keepsVirtualAddress: Bool { keepsDestination }
}
