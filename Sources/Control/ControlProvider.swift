/// Who knows what a control server tells.
///
/// It is called on the event loop's own thread between two batches of frames.
package protocol ControlProvider: ~Copyable {
  func status() -> StatusReport

  func ports() -> PortsReport

  /// Connections from `cursor` on, at most `limit`, and the cursor of what follows: `nil` at the
  /// end. The first cursor is 0, and any other one was returned by this function before. It may
  /// return none and a cursor, when looking further would take long. Connections that come and go
  /// between two calls may be missed or listed twice.
  func connections(
    from cursor: Int, limit: Int
  ) -> (connections: [ConnectionReport], next: Int?)
}
