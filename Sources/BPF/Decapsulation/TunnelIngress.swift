package import Netlink
package import Wire

/// The decapsulation program at the ingress of links, as long as this object lives.
package final class TunnelIngress {
  /// What was counted, all links together.
  package let counters: Counters<DecapsulationEvent>
  private let program: BPFProgram
  private let directors: PrefixMap
  private let addresses: AddressMap
  private var links: [BPFLink] = []

  /// Loads the program; packets are taken from `directors` alone, and for `addresses` alone.
  package init(
    _ rules: DecapsulationRules, from directors: [IPv4Prefix], to addresses: [IPv4Address]
  ) throws(BPFError) {
    let counters = try Counters<DecapsulationEvent>()
    let prefixes = try PrefixMap("directors")
    try prefixes.replace(with: directors)
    let virtual = try AddressMap("addresses", addresses)
    program = try BPFProgram(
      "tapvs_decap", .ingress,
      DecapsulationProgram(
        rules, directors: prefixes.map.descriptor.number,
        addresses: virtual.map.descriptor.number, counters: counters.map.descriptor.number
      ).assembler())
    self.counters = counters
    self.directors = prefixes
    self.addresses = virtual
  }

  /// Begins to work on `link`, which has Ethernet frames, of the namespace that the caller is in.
  package func attach(to link: LinkState) throws(BPFError) {
    links.append(try BPFLink(program, atIngressOf: link.name, index: link.index))
  }

  /// Runs the program on a frame, as if it came in: see `BPFProgram.trial`.
  package func trial(
    _ frame: [UInt8], segmentLength: UInt32 = 0
  ) throws(BPFError) -> BPFProgram.Outcome {
    try program.trial(frame, segmentLength: segmentLength)
  }
}
