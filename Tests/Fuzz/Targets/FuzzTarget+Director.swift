extension FuzzTarget {
  /// The whole director; an input is a program (see `DirectorRun`).
  static let director = FuzzTarget(
    "director", goal: "a rewrite", leastShare: 30, seeds: programs()
  ) { input throws(Violation) in
    var run = try DirectorRun(input)
    return try run.run()
  }

  /// Each seed frame by itself, whole and in fragments; then conversations.
  private static func programs() -> [[UInt8]] {
    let single = SeedFrame.all.indices.prefix(256).map { [0, 0, UInt8($0), 0x80] }
    let inFragments = SeedFrame.all.indices.prefix(256).map { [0, 0, UInt8($0), 0x90, 1] }
    let conversations: [[UInt8]] = [
      [0, 2, 0x00, 0, 0, 0, 1, 0x80, 4, 0, 0x80, 2, 4, 0x80, 0, 0x80, 3],
      [1, 2, 0x02, 1, 1, 0, 2, 0x80, 4, 0, 0x80, 7, 3, 4, 0, 0x80],
      [2, 2, 0x88, 2, 2, 0, 1, 11, 2, 0x80, 7, 9, 7, 4, 4, 1, 0x80],
      [8, 2, 0, 0, 1, 0, 1, 0, 0x08, 2, 0, 0, 2, 0, 1, 0, 0x08, 6, 1, 7, 6, 4, 0, 0, 0x80, 6, 2],
      // Direct routing, FullNAT with a TCP option and with PROXY, tunnels: opened, answered, used.
      [0, 2, 0, 0, 0, 3, 1, 0, 0x80, 2, 0, 0, 0, 3, 0, 3, 0x80, 2, 0, 0, 0, 3, 3, 0, 0x80, 7, 6],
      [0, 2, 0x80, 0, 0, 4, 1, 0, 0x80, 4, 0, 2, 0x80, 2, 0, 0, 0, 4, 0, 3, 0x80, 4, 0, 0, 0x80],
      [0, 2, 0x80, 0, 1, 5, 1, 0, 0x80, 4, 0, 2, 0x80, 2, 0, 0, 1, 5, 5, 3, 0x80, 4, 0, 0, 0x80],
      [0, 2, 0, 0, 0, 6, 1, 0, 0x80, 2, 0, 0, 1, 6, 1, 0, 0x80, 2, 0, 0, 2, 6, 1, 0, 0x80, 7, 3],
      [32, 2, 2, 0, 1, 3, 3, 0x80, 4, 0, 0x80, 2, 2, 0, 1, 3, 3, 0x80, 2, 2, 0, 1, 3, 9, 0x80],
    ]
    return single + inFragments + conversations + [superframes]
  }

  /// The inner port takes segments in tunnels as one frame: connections to each server of a tunnel, and
  /// frames of segments, some of which are to be made shorter.
  private static var superframes: [UInt8] {
    var program: [UInt8] = [0, 6, 4]
    for port in 0..<3 as Range<UInt8> { program += [2, 0, 0, port, 6, 1, 0, 0x80] }
    for port in 0..<3 as Range<UInt8> { program += [2, 0x08, 0, port, 6, 0, 11, 3, 0x80] }
    for port in 0..<3 as Range<UInt8> { program += [2, 0x18, 0, port, 6, 0, 11, 5, 0x80] }
    return program + [6, 4 | 16, 2, 0x08, 0, 2, 6, 0, 11, 3, 0x80]
  }
}
