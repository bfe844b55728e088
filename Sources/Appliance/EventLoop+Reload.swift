import Configuration
import Control
import Director
import Frames
import Health

/// An applied configuration that is taken back unless it is confirmed.
struct Unconfirmed {
  let former: ApplianceConfiguration
  let file: String
  let deadline: Instant
}

/// Why a file is read.
enum ReadingPurpose {
  case reload
  case plan
  /// With a time, it is taken back then unless it is confirmed.
  case apply(confirm: Duration?)
}

/// A file that is being read.
struct Reading {
  let purpose: ReadingPurpose
  let file: String
  /// The order that it answers; `nil` for a signal or a watched file.
  let order: UInt64?
}

/// Changes of the configuration while traffic flows.
extension EventLoop {
  /// When there is something to do for the configuration beside orders.
  var reloadDeadline: Instant? {
    [unconfirmed?.deadline, watch?.next].compactMap(\.self).min()
  }

  /// Takes back what nobody confirmed, and looks at a watched file.
  func advanceReload() {
    if let pending = unconfirmed, pending.deadline <= now {
      takeBack(pending, detail: "nobody confirmed it in time")
    }
    if let next = watch?.next, next <= now, watch?.look(at: now) ?? false { reloadByItself() }
  }

  /// Reads the director's own file again, when it can: nobody waits for an answer.
  func reloadByItself() {
    if case .failure(let refusal) = begin(.reload, file: invocation.file, order: nil) {
      if reading != nil {
        isReloadWanted = true
      } else {
        refuse(invocation.file, detail: refusal.text)
      }
    }
  }

  /// Begins to read `file`; one at a time.
  private func begin(
    _ purpose: ReadingPurpose, file: String, order: UInt64?
  ) -> Result<Void, Refusal> {
    guard let reader else { return .failure(Refusal(text: "this director reads no files")) }
    guard reading == nil else {
      return .failure(Refusal(text: "another configuration is being read: try again"))
    }
    if unconfirmed != nil {
      guard case .plan = purpose else {
        return .failure(
          Refusal(text: "a configuration waits to be confirmed: confirm it or roll it back first"))
      }
    }
    reading = Reading(purpose: purpose, file: file, order: order)
    reader.read(file)
    return .success(())
  }

  /// Begins what `request` orders.
  func order(_ purpose: ReadingPurpose, _ request: ControlRequest) -> ControlAnswer {
    if let file = request.file, !file.hasPrefix("/") {
      return .done(
        ControlResponse(error: "`file` is \"\(file.prefix(64))\"; an absolute path is wanted"))
    }
    lastOrder += 1
    switch begin(purpose, file: request.file ?? invocation.file, order: lastOrder) {
    case .success: return .later(lastOrder)
    case .failure(let refusal): return .done(ControlResponse(error: refusal.text))
    }
  }

  func takeAnswer(_ number: UInt64) -> ControlResponse? { answers.removeValue(forKey: number) }

  /// Takes what reading a file gave.
  func takeReading() {
    guard let outcome = reader?.take(), let reading else { return }
    self.reading = nil
    let response: ControlResponse
    switch outcome {
    case .success(let new): response = take(new, reading)
    case .failure(let error):
      let findings = error.findings.map { "\($0)" }
      if case .plan = reading.purpose {
      } else {
        refuse(reading.file, detail: findings.first ?? "")
      }
      response = ControlResponse(error: "\(reading.file) is refused", findings: findings)
    }
    if let order = reading.order {
      answers[order] = response
      control.wake(self, at: now)
      // Whoever asked may have left.
      answers[order] = nil
    }
    if isReloadWanted {
      isReloadWanted = false
      reloadByItself()
    }
    noteChange()
  }

  private func take(_ new: ApplianceConfiguration, _ reading: Reading) -> ControlResponse {
    let plan = ConfigurationPlan(from: configuration, to: new)
    var report = ChangeReport(file: reading.file, items: plan.items, restart: plan.restart)
    if case .plan = reading.purpose { return ControlResponse(changes: report) }
    guard plan.restart.isEmpty else {
      let detail = "it needs a restart: \(plan.restart.joined(separator: ", "))"
      refuse(reading.file, detail: detail)
      return ControlResponse(error: "\(reading.file) is refused: \(detail)", changes: report)
    }
    let former = configuration
    if let obstacle = adopt(new) {
      refuse(reading.file, detail: obstacle.description)
      return ControlResponse(
        error: "\(reading.file) is refused: \(obstacle.description)", changes: report)
    }
    reloads.applied += 1
    if case .apply(let confirm?) = reading.purpose {
      unconfirmed = Unconfirmed(
        former: former, file: reading.file, deadline: now.advanced(by: confirm))
      report.confirmSeconds = Int(confirm.components.seconds)
    }
    tell(EventReport(.reloaded, detail: "\(plan.items.count) changes", file: reading.file))
    return ControlResponse(changes: report)
  }

  private func refuse(_ file: String, detail: String) {
    reloads.refused += 1
    tell(EventReport(.reloadRefused, detail: detail, file: file))
  }

  /// Does what `new` says from now on, if the director can.
  private func adopt(_ new: ApplianceConfiguration) -> ReloadObstacle? {
    if let obstacle = director.reconfigure(new.director, at: now) { return obstacle }
    configuration = new
    runner?.setProbes(new.probes)
    noteServicePlaces()
    follow(monitor.apply(new.health, at: now))
    return nil
  }

  /// Lets what was applied stay.
  func confirm() -> ControlResponse {
    guard let pending = unconfirmed else {
      return ControlResponse(error: "nothing waits to be confirmed")
    }
    unconfirmed = nil
    tell(EventReport(.confirmed, file: pending.file))
    return ControlResponse(changes: ChangeReport(file: pending.file))
  }

  /// Takes back what was applied.
  func rollBack() -> ControlResponse {
    guard let pending = unconfirmed else {
      return ControlResponse(error: "nothing waits to be confirmed")
    }
    takeBack(pending, detail: "an operator took it back")
    return ControlResponse(changes: ChangeReport(file: pending.file))
  }

  private func takeBack(_ pending: Unconfirmed, detail: String) {
    unconfirmed = nil
    _ = adopt(pending.former)
    tell(EventReport(.rolledBack, detail: detail, file: pending.file))
  }

  func obey(_ request: ControlRequest) -> ControlAnswer {
    switch request.command {
    case .reload: order(.reload, request)
    case .plan: order(.plan, request)
    case .apply: order(.apply(confirm: request.confirmSeconds.map { .seconds($0) }), request)
    case .confirm: .done(confirm())
    case .rollback: .done(rollBack())
    case .drain: .done(drain(request))
    case .undrain: .done(undrain(request))
    case .drains: .done(drainReport(request))
    case .status, .connections, .ports, .events:
      .done(ControlResponse(error: "not an order"))
    }
  }
}
