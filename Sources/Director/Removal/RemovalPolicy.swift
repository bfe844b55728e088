/// What becomes of the connections of a real server that is gone.
package enum RemovalPolicy: String, CaseIterable, Sendable {
  /// Both ends hear of it by a reset, whether they send or not; datagrams go to another server.
  case reset
  /// The next packet decides: a SYN or a datagram goes to another server, any other segment is answered
  /// with a reset, since no other server knows the connection.
  case reschedule
  /// They go on with the server, which takes no new ones.
  case keep
  /// Requests are dropped without a word, and the connections stay until their time is over or the
  /// server is back, as `ip_vs` does with `expire_nodest_conn=0`.
  case ignore

  /// Whether the connections come to an end by what the director does.
  var endsConnections: Bool { self == .reset || self == .reschedule }
}
