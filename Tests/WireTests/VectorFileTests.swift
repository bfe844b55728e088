import TestSupport
import Testing

/// The tables that other tests run through are whole.
@Suite struct VectorFileTests {
  @Test func statesHaveTimeoutsAndTransitions() throws {
    let vectors = try TCPStateVectors.load()
    #expect(vectors.states.count == 11)
    #expect(vectors.timeouts.count == vectors.states.count)
    #expect(vectors.active.count == vectors.states.count)
    #expect(vectors.events == ["syn", "fin", "ack", "rst"])
    for tables in [vectors.normal, vectors.secureTCP] {
      for table in [tables.input, tables.output, tables.inputOnly] {
        #expect(table.count == vectors.events.count)
        #expect(
          table.allSatisfy {
            $0.count == vectors.states.count && $0.allSatisfy(vectors.states.indices.contains)
          })
      }
    }
  }

  @Test func conversationsNameKnownStates() throws {
    let vectors = try TCPStateVectors.load()
    let steps = vectors.sequences.values.flatMap { $0 }
    #expect(vectors.sequences.count == 14)
    #expect(steps.allSatisfy { vectors.states.contains($0.state) && $0.timeout > 0 })
    #expect(steps.contains { $0.isInput } && steps.contains { !$0.isInput })
    #expect(vectors.sequences["nat_refused"]?.map(\.flags) == ["S", "RA"])
  }

  @Test func schedulersOfThisProgramHaveSequences() throws {
    let vectors = try SchedulerVector.load()
    for name in ["rr", "wrr", "wlc"] {
      let own = vectors.filter { $0.algorithm == name }
      #expect(own.count >= 2, "\(name)")
      #expect(
        own.allSatisfy { $0.order?.count == $0.weights?.count && $0.expect?.isEmpty == false },
        "\(name)")
    }
    #expect(vectors.contains { $0.expect?.contains(nil) == true })
  }
}
