import Director
import Frames
import TestSupport
import Wire

/// One input to the whole director: a program of frames, time and answers, done by two directors of
/// which one has no fast path.
///
/// ```
/// variant | operation, its choices | operation, its choices | ...
/// ```
/// An operation takes a seed frame, composes a usual one or answers what was sent, may change it, mend
/// it and send the batch; or changes the configuration, or lets time pass. Whatever the bytes are, they are a program.
struct DirectorRun {
  /// The most operations, so that a run takes a few milliseconds.
  private static let operationLimit = 200
  /// The most frames of a batch.
  private static let batchLimit = 24

  private var reader: InputReader
  private let fast: FuzzedDirector
  private let slow: FuzzedDirector
  private var clock = ManualClock()
  private var pending: [SeedFrame] = []
  /// What the directors sent last, newest at the end.
  private var sent: [SeedFrame] = []

  init(_ input: [UInt8]) throws(Violation) {
    reader = InputReader(input)
    let configuration = ExampleDirector.configuration(variant: reader.octet())
    fast = try FuzzedDirector(configuration, isFast: true, at: clock.now)
    slow = try FuzzedDirector(configuration, isFast: false, at: clock.now)
  }

  /// Runs the program; answers whether it made the directors rewrite anything.
  mutating func run() throws(Violation) -> Bool {
    try settle()
    let before = fast.rewrittenCount
    var count = 0
    while !reader.isAtEnd && count < Self.operationLimit {
      try perform(reader.octet())
      count += 1
    }
    try flush()
    try expectSameState()
    return fast.rewrittenCount > before
  }

  /// Lets announcements end and neighbours be known; opens a connection and a flow.
  private mutating func settle() throws(Violation) {
    try advance(by: .zero)
    try advance(by: .seconds(2))
    ExampleDirector.learnNeighbors(&fast.director, at: clock.now)
    ExampleDirector.learnNeighbors(&slow.director, at: clock.now)
    pending = [
      UsualFrames.request().tcp(from: UsualFrames.clientPort, to: 80, .syn),
      UsualFrames.request().udp(from: UsualFrames.clientPort, to: 53),
    ].map { SeedFrame(port: .wan, frame: $0.frame()) }
    try flush()
  }

  private mutating func perform(_ operation: UInt8) throws(Violation) {
    switch operation & 7 {
    case 0...1: try add(reader.pick(SeedFrame.all))
    case 2...3: try add(Composition.frame(&reader))
    case 4...5:
      guard !sent.isEmpty else { return }
      let frame = sent[sent.count - 1 - reader.below(min(sent.count, 64))]
      try add(Composition.answer(to: frame, &reader))
    case 6:
      try flush()
      let choice = reader.octet()
      fast.change(choice, at: clock.now)
      slow.change(choice, at: clock.now)
    default:
      try flush()
      try advance(by: reader.pick(Self.steps))
    }
  }

  private static let steps: [Duration] = [
    .zero, .milliseconds(1), .milliseconds(300), .seconds(1), .seconds(3), .seconds(10),
    .seconds(60), .seconds(130), .seconds(901), .seconds(20_000),
  ]

  /// Appends the frame to the batch, changed as the next byte says.
  ///
  /// ```
  /// 7      6         5          4              3       2            1 0
  /// | send | lengths | mend sum | in fragments | twice | other port | changes
  /// ```
  private mutating func add(_ seed: SeedFrame) throws(Violation) {
    let choice = reader.octet()
    var seed = seed
    let changes = [0, 0, 1, 3][Int(choice & 3)]
    for _ in 0..<changes { seed.frame.mutate(&reader, others: SeedFrame.all) }
    if choice & 0x20 != 0 { FrameMending.mend(&seed.frame, wholly: choice & 0x40 != 0) }
    if choice & 0x04 != 0 && changes > 0 { seed.port = seed.port == .wan ? .lan : .wan }
    seed.frame.bytes = Array(seed.frame.bytes.prefix(FrameBatch.maximumFrameLength))
    let frames = choice & 0x10 == 0 ? [seed] : Composition.fragments(of: seed, &reader)
    for _ in 0...(choice >> 3 & 1) { pending += frames }
    if choice & 0x80 != 0 || pending.count >= Self.batchLimit || isBig { try flush() }
  }

  /// Whether another frame might not have room.
  private var isBig: Bool {
    pending.reduce(0) { $0 + $1.frame.bytes.count + FrameBatch.stride } > FrameBatch.byteBudget / 2
  }

  private mutating func flush() throws(Violation) {
    guard !pending.isEmpty else { return }
    let left = try fast.receive(pending, at: clock.now)
    let right = try slow.receive(pending, at: clock.now)
    for (index, frame) in pending.enumerated() where left.outcomes[index] != right.outcomes[index] {
      throw Violation(
        """
        the fast path: \(left.outcomes[index])
        the slow path: \(right.outcomes[index])
        of: \(frame)
        """)
    }
    try expect(left.originated == right.originated, "the paths originate different frames")
    pending = []
    note(left.outcomes.compactMap(\.sent) + left.originated)
  }

  private mutating func advance(by step: Duration) throws(Violation) {
    let now = clock.advance(by: step)
    let left = try fast.advance(to: now)
    let right = try slow.advance(to: now)
    try expect(left == right, "the paths originate different frames in time")
    note(left)
  }

  private mutating func note(_ frames: [SeedFrame]) {
    sent = Array((sent + frames).suffix(64))
  }

  private func expectSameState() throws(Violation) {
    let (left, right) = (fast.director.counters, slow.director.counters)
    try expect(right.fastPath == 0, "the slow path took the fast one")
    try expect(left.totals == right.totals && left.drops == right.drops, "different counters")
    let now = clock.now
    try expect(
      fast.director.connectionSnapshots(from: 0, limit: .max, span: 1 << 32, at: now).connections
        == slow.director.connectionSnapshots(from: 0, limit: .max, span: 1 << 32, at: now)
        .connections, "different connections")
    try expect(
      fast.director.neighborSnapshots == slow.director.neighborSnapshots, "different neighbours")
  }
}

extension DirectorCounters {
  fileprivate var totals: [UInt64] {
    [
      received, transmitted, held, absorbed, originated, connectionsOpened, connectionsEnded,
      errorsSent, errorsSuppressed, resetsSent, datagramsReassembled, datagramsFragmented,
      probesSent, connectionsReset, connectionsAbandoned, connectionsReplaced,
      tunnelSuperframes,
    ]
  }
}
