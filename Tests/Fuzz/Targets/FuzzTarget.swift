/// Something that takes bytes from outside, and what must hold whatever they are.
///
/// The same targets are driven by libFuzzer (`Scripts/fuzz`) and, from seeds, by `swift test`.
package struct FuzzTarget: Sendable {
  /// In kebab case, unique.
  package let name: String

  /// What an input must get to, to be of use, as in `a rewrite`.
  package let goal: String

  /// How many of a hundred inputs of a long run must get there.
  package let leastShare: Int

  /// Inputs to begin with: what honest senders send.
  package let seeds: @Sendable () -> [[UInt8]]

  /// Runs one input and answers whether it got to the goal; throws what does not hold.
  package let run: @Sendable ([UInt8]) throws(Violation) -> Bool

  init(
    _ name: String, goal: String = "what is parsed", leastShare: Int = 0,
    seeds: @autoclosure @escaping @Sendable () -> [[UInt8]],
    run: @escaping @Sendable ([UInt8]) throws(Violation) -> Bool
  ) {
    self.name = name
    self.goal = goal
    self.leastShare = leastShare
    self.seeds = seeds
    self.run = run
  }

  /// All of them, the quickest first.
  package static let all = [
    ethernet, arp, ipv4, tcp, udp, icmp, description, pcap, netlink, configuration,
    controlRequests, controlAnswers, director,
  ]
}

/// Something that must hold and does not.
package struct Violation: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Throws `violation` unless `condition` holds.
func expect(_ condition: Bool, _ violation: @autoclosure () -> String) throws(Violation) {
  if !condition { throw Violation(violation()) }
}
