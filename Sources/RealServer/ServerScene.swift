import Netlink

/// A network namespace with what is remembered of it, seen from a thread inside.
struct ServerScene {
  private let kernel: ServerKernel
  private let file: StateFile
  private let boot: String

  init(ofCurrent namespace: NetworkNamespace, file: StateFile) throws(ServerError) {
    kernel = try ServerKernel(ofCurrent: namespace)
    self.file = file
    boot = try ServerKernel.boot()
  }

  func bring(
    to wanted: WantedServer, program: String
  ) throws(ServerError) -> ServerSetup.Outcome {
    let remembered = try remembered()
    let snapshot = try kernel.snapshot(asking: wanted.directors.flatMap(\.ends))
    let plan = try Plan(
      from: snapshot.withoutDecapsulator(remembered?.decapsulator),
      remembering: remembered?.changes ?? [], to: wanted.needs)
    let running = remembered?.decapsulator.flatMap { $0.process.isRunning ? $0 : nil }
    let arguments = Decapsulator.arguments(for: wanted)
    let keeps = running?.arguments == arguments
    var outcome = ServerSetup.Outcome()
    if plan.steps.isEmpty, keeps {
      if remembered?.wanted != wanted || remembered?.changes != plan.changes {
        try file.write(state(wanted, plan.changes, running))
      }
      return outcome
    }
    try Capability.requireNetAdmin()
    // Written first, so that nothing that was begun is forgotten.
    let both = (remembered?.changes ?? []) + plan.changes
    try file.write(state(wanted, both, running))
    var done: [Plan.Step] = []
    var decapsulator = keeps ? running : nil
    do throws(ServerError) {
      for step in plan.steps {
        try kernel.perform(step)
        done.append(step)
        outcome.changes.append("\(step)")
      }
      if !keeps {
        if let running {
          try running.end()
          outcome.changes.append("decapsulator, process \(running.process.number), ended")
        }
        if let arguments {
          let started = try Decapsulator.start(program, arguments, log: file.log)
          decapsulator = started
          outcome.changes.append("decapsulator started, process \(started.process.number)")
        }
      }
      try file.write(state(wanted, plan.changes, decapsulator))
    } catch {
      if !keeps { try? decapsulator?.end() }
      throw takeBack(done, remembered, error)
    }
    return outcome
  }

  func restore() throws(ServerError) -> ServerSetup.Outcome {
    guard let state = try remembered() else { return ServerSetup.Outcome() }
    try Capability.requireNetAdmin()
    var outcome = ServerSetup.Outcome()
    if let decapsulator = state.decapsulator, decapsulator.process.isRunning {
      try decapsulator.end()
      outcome.changes.append("decapsulator, process \(decapsulator.process.number), ended")
    }
    let plan = Plan(undoing: state.changes, in: try kernel.snapshot(asking: []))
    for step in plan.steps {
      try kernel.perform(step)
      outcome.changes.append("\(step)")
    }
    outcome.notes = plan.overtaken
    try file.write(nil)
    try? SmallFile.remove(file.log)
    return outcome
  }

  func report(on wanted: WantedServer?) throws(ServerError) -> ServerReport {
    let remembered = try wanted == nil ? self.remembered() : try? self.remembered()
    guard let wanted = wanted ?? remembered?.wanted else {
      throw ServerError(
        .usage, "`up` has set nothing here that could be checked; --mode is wanted")
    }
    let snapshot = try kernel.snapshot(asking: wanted.directors.flatMap(\.ends))
    let decapsulator = remembered?.decapsulator
    let own = snapshot.withoutDecapsulator(decapsulator)
    var items = wanted.needs.flatMap { $0.findings(in: own) }
    items += DecapsulatorRuns(wanted: wanted, decapsulator: decapsulator).findings
    if let device = decapsulator?.device, snapshot.device(device) != nil {
      items += ReversePath(device: device).findings(in: snapshot)
    }
    return ServerReport(mode: wanted.mode, items: items)
  }

  private func remembered() throws(ServerError) -> ServerState? {
    try file.read(boot: boot, cookie: ServerKernel.cookie)
  }

  private func state(
    _ wanted: WantedServer, _ changes: [Change], _ decapsulator: Decapsulator?
  ) -> ServerState {
    ServerState(
      boot: boot, namespaceCookie: ServerKernel.cookie, wanted: wanted, changes: changes,
      decapsulator: decapsulator)
  }

  /// Goes back what was `done`; gives `error`, with what could not be gone back.
  ///
  /// A program that was ended stays so: its end is remembered by its absence.
  private func takeBack(
    _ done: [Plan.Step], _ remembered: ServerState?, _ error: ServerError
  ) -> ServerError {
    do throws(ServerError) {
      for step in done.reversed() { try kernel.perform(step.reversed) }
      try file.write(remembered)
      return error
    } catch let second {
      return ServerError(
        error.reason,
        "\(error.message); and what was begun could not be undone: \(second.message); `down` tries"
          + " again")
    }
  }
}
