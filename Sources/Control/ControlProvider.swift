/// Who knows what a control server tells.
///
/// It is called on the event loop's own thread between two batches of frames.
package protocol ControlProvider: ~Copyable {
  func status() -> StatusReport

  func ports() -> PortsReport

  /// Events after the one with the number `sequence`, at most `limit`, and how many of those were
  /// forgotten.
  func events(after sequence: UInt64, limit: Int) -> (events: [EventReport], lost: UInt64)

  /// Does what `request` orders, or begins to.
  func obey(_ request: ControlRequest) -> ControlAnswer

  /// The answer to an order that was begun, once; `nil` while it is not done.
  func takeAnswer(_ number: UInt64) -> ControlResponse?

  /// Connections from `cursor` on, at most `limit`, and the cursor of what follows: `nil` at the
  /// end. The first cursor is 0, and any other one was returned by this function before. It may
  /// return none and a cursor, when looking further would take long. Connections that come and go
  /// between two calls may be missed or listed twice.
  func connections(
    from cursor: Int, limit: Int
  ) -> (connections: [ConnectionReport], next: Int?)
}

/// What an order answers.
package enum ControlAnswer: Sendable {
  case done(ControlResponse)
  /// It is under way; `ControlServer.wake` is to be called when `takeAnswer` has its answer.
  case later(UInt64)
}
