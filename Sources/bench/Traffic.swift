import Director
import Wire

/// The frames of `flowCount` flows, each as a template.
enum Traffic {
  /// Writes the client's segment of `flow` with `flags`.
  static func writeRequest(
    _ pool: borrowing TemplatePool, at index: Int, flow: Int, flags: TCPFlags
  ) {
    pool.write(
      at: index, from: Site.client(flow),
      to: Endpoint(Site.virtual(Site.service(flow)), Site.servicePort),
      sourceMAC: Site.routerMAC, destinationMAC: Site.outsideMAC, flags: flags, flow: flow)
  }

  /// Writes the reply of `server` to the client of `flow`, or to who stands for it.
  static func writeReply(
    _ pool: borrowing TemplatePool, at index: Int, flow: Int, server: IPv4Address,
    to destination: Endpoint? = nil, flags: TCPFlags = .ack
  ) {
    let place = Int(server.rawValue & 0xff) - 1
    pool.write(
      at: index, from: Endpoint(server, Site.serverPort), to: destination ?? Site.client(flow),
      sourceMAC: Site.serverMAC(Site.service(flow), place), destinationMAC: Site.insideMAC,
      flags: flags, flow: flow)
  }

  /// The flows below `flowCount` in an order of their own, always the same.
  static func shuffled(_ flowCount: Int) -> [Int] {
    var random = Random(state: UInt64(flowCount))
    return Array(0..<flowCount).shuffled(using: &random)
  }

  /// `count` flows below `flowCount`, each as likely as another: the worst locality there is.
  static func random(_ count: Int, below flowCount: Int) -> [Int] {
    var random = Random(state: ~UInt64(flowCount))
    return (0..<count).map { _ in Int.random(in: 0..<flowCount, using: &random) }
  }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): each run measures the same frames.
struct Random: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
