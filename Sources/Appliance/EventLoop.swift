import Configuration
import Control
import Director
import Frames
import Health
import LinkIO
import Logging
import Netlink

/// Waits for frames, signals, questions and the time, and lets the director decide.
///
/// One turn: frames of each ready port are read, decided and sent, a batch at a time; then what is due,
/// if anything is: most turns of a busy director bring frames of established flows and no more.
/// Everything happens on the thread that calls `run`.
final class EventLoop {
  var director: Director
  let links: [PortLink]
  let control: ControlServer
  let invocation: Appliance.Invocation
  let started: Instant
  /// The time of this turn.
  private(set) var now: Instant

  // MARK: Health, in EventLoop+Health

  var monitor = HealthMonitor()
  let runner: (any CheckRunning)?
  /// The places of services in the director's configuration.
  var servicePlaces: [ServiceName: Int] = [:]
  /// The runs of checks that go the way of the packets, by their numbers, and the reverse.
  var probeRuns: [UInt64: CheckRun] = [:]
  var probeNumbers: [CheckRun: UInt64] = [:]
  var lastProbe: UInt64 = 0
  /// Those that could not be begun.
  var failedProbes: [UInt64] = []
  /// Drains that end by time.
  var drains: [TimedDrain] = []

  // MARK: Events, in EventLoop+Events

  var events = EventLog()

  // MARK: Changes of the configuration, in EventLoop+Reload

  var configuration: ApplianceConfiguration
  let reader: ConfigurationThread?
  var reloads = ReloadReport()
  /// The file that is being read.
  var reading: Reading?
  /// Answers to orders that are done, until they are taken.
  var answers: [UInt64: ControlResponse] = [:]
  var lastOrder: UInt64 = 0
  /// Whether the file is to be read again when the reading that is under way has ended.
  var isReloadWanted = false
  /// What is taken back unless it is confirmed.
  var unconfirmed: Unconfirmed?
  /// The file as it was last seen, when it is watched.
  var watch: FileWatch?

  private let poller: Poller
  private let alarm: AlarmDescriptor
  private let signals: SignalDescriptor?
  private let clock: RetryClock
  let logger: Logger
  private var batch = FrameBatch()
  var outbox = FrameBatch.outbox()
  private var isStopping = false
  /// What was said last of a full connection table: how many frames had met it, and when.
  var fullTableNotice: (count: UInt64, time: Instant)?
  /// When missing devices are looked for again; `nil` while none is missing.
  private var nextAttempt: Instant?
  /// When there is something to do beside frames; `nil` for never.
  private var deadline: Instant?
  /// Whether something happened that may bring the deadline nearer.
  private var isDeadlineOld = true

  /// Between two attempts to open a missing device.
  private static let attemptInterval = Duration.seconds(1)

  init(
    director: consuming Director, links: [PortLink], poller: Poller, alarm: AlarmDescriptor,
    signals: SignalDescriptor?, control: ControlServer, invocation: Appliance.Invocation,
    clock: RetryClock, logger: Logger, runner: (any CheckRunning)? = nil,
    reader: ConfigurationThread? = nil
  ) {
    self.runner = runner
    self.reader = reader
    configuration = invocation.configuration
    self.director = director
    self.links = links
    self.poller = poller
    self.alarm = alarm
    self.signals = signals
    self.control = control
    self.invocation = invocation
    self.clock = clock
    self.logger = logger
    now = clock.now()
    started = now
    if invocation.watchesFile { watch = FileWatch(path: invocation.file, at: now) }
  }

  /// What an event is about, as the poller's token.
  private enum Source {
    static let signals: Poller.Token = 1 << 16
    static let control: Poller.Token = 1 << 17
    static let alarm: Poller.Token = 1 << 18
    static let checks: Poller.Token = 1 << 19
    static let reader: Poller.Token = 1 << 20
    /// Added to a port's index.
    static let monitor: Poller.Token = 1 << 21
  }

  /// Works until a signal says stop.
  func run() throws(SystemError) {
    try begin()
    while !isStopping { try turn() }
    runner?.stop()
  }

  /// Begins to watch everything there is.
  func begin() throws(SystemError) {
    if let signals { try poller.add(signals.descriptor, token: Source.signals) }
    try poller.add(control.descriptor, token: Source.control)
    try poller.add(alarm.descriptor, token: Source.alarm)
    if let runner, runner.descriptor >= 0 {
      try poller.add(runner.descriptor, token: Source.checks)
    }
    if let reader { try poller.add(reader.descriptor, token: Source.reader) }
    for port in links { try watch(port) }
    tellSuperframes()
    beginHealth()
    tell(EventReport(.started, file: invocation.file))
    logger.info(
      "ready: \(links.count) ports, \(director.configuration.services.count) virtual services")
  }

  /// Waits for the next event and deals with all there are.
  func turn() throws(SystemError) {
    poller.wait(timeout: mayWait ? nil : .zero)
    now = clock.now()
    // What cannot be waited for is asked each turn.
    for port in links where port.isAlwaysAsked { serve(port) }
    for position in 0..<poller.count {
      let event = poller[position]
      if event.token < Source.signals {
        serve(links[Int(event.token)])
      } else {
        isDeadlineOld = true
        try attend(event.token)
      }
    }
    if isDeadlineOld || director.hasNews || deadline.map({ $0 <= now }) ?? false {
      try doWhatIsDue()
    }
  }

  /// Deals with an event that is no frame.
  private func attend(_ token: Poller.Token) throws(SystemError) {
    switch token {
    case Source.signals: heedSignals()
    case Source.checks: takeCheckResults()
    case Source.reader: takeReading()
    case Source.control: control.service(self, at: now)
    case Source.alarm: alarm.acknowledge()
    default: try follow(links[Int(token - Source.monitor)])
    }
  }

  /// Does what the time or the frames of this turn ask for, and finds out when there will be more.
  private func doWhatIsDue() throws(SystemError) {
    isDeadlineOld = false
    director.advance(to: now, outbox: &outbox)
    send()
    logAddressNotices()
    logTunnelNotices()
    logFullTable()
    logLocalPorts()
    takePathResults()
    takeSuspicions()
    advanceHealth()
    advanceDrains()
    advanceReload()
    if let deadline = control.nextDeadline, deadline <= now { control.service(self, at: now) }
    if let attempt = nextAttempt, attempt <= now { try reopenMissing() }
    deadline = [
      director.nextDeadline(after: now), control.nextDeadline, nextAttempt, monitor.nextDeadline,
      drainDeadline, reloadDeadline,
    ].compactMap(\.self).min()
    if let deadline, deadline > now { alarm.set(deadline, at: now) }
  }

  /// Whether there is nothing to do until an event comes, of which the alarm is one.
  private var mayWait: Bool {
    !isDeadlineOld && deadline.map { $0 > now } ?? true
      && !links.contains(where: \.isAlwaysAsked)
  }

  private func heedSignals() {
    while let name = signals?.next() {
      if name == "SIGHUP" {
        logger.info("SIGHUP: reading \(invocation.file) again")
        reloadByItself()
      } else {
        logger.info("\(name): leaving")
        isStopping = true
      }
    }
  }

  /// Lets what was changed outside of the turn's frames be done in this turn.
  func noteChange() { isDeadlineOld = true }

  // MARK: Frames

  /// The most batches that are taken from one port in a turn.
  private static let batchLimit = 8

  /// Takes frames from `port`, a batch at a time, while there are any, as far as other ports may wait;
  /// what is left makes the port ready again at once.
  ///
  /// Batches begin with one frame and grow while more come: a lone frame is sent on before the port is
  /// asked for another, and sending takes so long that others have come when many do.
  private func serve(_ port: PortLink) {
    for _ in 0..<Self.batchLimit {
      batch.removeAll(room: port.burst)
      let outcome = port.receive(into: &batch)
      port.burst = outcome == .full ? 2 * batch.count : 1
      if batch.isEmpty && outcome != .gone { return }
      now = clock.now()
      director.process(&batch, outbox: &outbox, at: now)
      send()
      if outcome == .gone { return lose(port) }
    }
  }

  /// Sends the frames of the batch and the director's own, and forgets both.
  func send() {
    for port in links {
      note(port.transmit(batch, own: outbox), of: port)
      if port.device == nil {
        let missed = Self.count(outbox, to: port.index) + Self.count(batch, to: port.index)
        if missed > 0 { director.note(.portMissing, count: missed) }
      }
    }
    outbox.removeAll()
    batch.removeAll()
  }

  private func note(_ count: TransmitCount, of port: PortLink) {
    if count.refused > 0 { director.note(.transmitFailed, count: count.refused) }
    if count.isGone { lose(port) }
  }

  private static func count(_ batch: borrowing FrameBatch, to port: PortIndex) -> Int {
    var count = 0
    for slot in 0..<batch.count where batch[slot].verdict == .transmit(port) { count += 1 }
    return count
  }

  // MARK: Devices

  /// Begins to watch a port's device and its link.
  private func watch(_ port: PortLink) throws(SystemError) {
    guard let opened = port.opened else { return }
    let token = Poller.Token(port.index.rawValue)
    if let descriptor = opened.device.descriptor { try poller.add(descriptor, token: token) }
    if let monitor = opened.monitor {
      try poller.add(monitor.descriptor, token: Source.monitor + token)
    }
    let queues = opened.isMultiQueue ? "multi-queue" : "single queue"
    logger.info(
      "port \(port.name): \(port.source.description), offloads \(opened.level.rawValue), \(queues)")
    try follow(port)
  }

  /// Takes note of what became of a port's link.
  private func follow(_ port: PortLink) throws(SystemError) {
    do throws(LinkError) {
      while let opened = port.opened, let event = try opened.monitor?.next() {
        switch event {
        case .present(let link) where link.index == opened.linkIndex:
          note(link, of: port)
        case .removed(let index, _) where index == opened.linkIndex:
          lose(port)
        default:
          break
        }
      }
    } catch {
      logger.warning("port \(port.name): \(error)")
      lose(port)
    }
  }

  private func note(_ link: LinkState, of port: PortLink) {
    let mtu = director.configuration.ports[port.index.index].mtu
    if link.mtu < mtu && link.mtu != port.linkMTU {
      logger.warning(
        """
        port \(port.name): \(port.source.description) has MTU \(link.mtu), the port \(mtu); \
        what is larger gets lost
        """)
    }
    port.linkMTU = link.mtu
    let isRunning = link.isUp && link.isRunning
    guard isRunning != port.isRunning else { return }
    port.isRunning = isRunning
    logger.notice("port \(port.name): \(port.source.description) is \(isRunning ? "up" : "down")")
    // The segment may have forgotten us meanwhile.
    if isRunning { director.announce(port: port.index, at: now) }
  }

  /// A port's device went away: frames to it are dropped until it comes back.
  private func lose(_ port: PortLink) {
    guard let opened = port.opened else { return }
    if let descriptor = opened.device.descriptor { poller.remove(descriptor) }
    if let monitor = opened.monitor { poller.remove(monitor.descriptor) }
    port.close()
    nextAttempt = now.advanced(by: Self.attemptInterval)
    isDeadlineOld = true
    logger.warning("port \(port.name): \(port.source.description) went away; waiting for it")
  }

  /// Tries to open the devices that are missing.
  private func reopenMissing() throws(SystemError) {
    nextAttempt = nil
    for port in links where port.device == nil {
      do throws(LinkError) {
        try port.open(patience: .zero)
        try Appliance.alignOffloads(of: links)
      } catch {
        logger.debug("port \(port.name): \(error)")
        port.close()
        nextAttempt = now.advanced(by: Self.attemptInterval)
        continue
      }
      try watch(port)
      // The devices of other ports may have been lowered for its sake.
      tellSuperframes()
      director.announce(port: port.index, at: now)
    }
  }

  /// Tells the director which ports take TCP segments in UDP tunnels as one frame.
  private func tellSuperframes() {
    for port in links {
      director.setTunnelSuperframes(
        port.opened?.takesTunnelSuperframes ?? false, by: port.index)
    }
  }
}
