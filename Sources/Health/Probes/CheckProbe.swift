package import Wire

/// What a check asks of a real server; one case for each kind of check.
///
/// `HealthConfiguration.Check.probe` is its `description`, by which a configuration finds it again.
package enum CheckProbe: Hashable, Sendable {
  /// A TCP connection can be opened (keepalived `TCP_CHECK`).
  case tcp(ProbeTarget)
  /// An HTTP or HTTPS answer is as wanted (`HTTP_GET`, `SSL_GET`).
  case http(HTTPProbe)
  /// A datagram is answered, or at least not refused (`UDP_CHECK`).
  case udp(UDPProbe)
  /// An ICMP echo is answered (`PING_CHECK`); the target's port means nothing.
  case icmp(ProbeTarget)
  /// A name server answers (`DNS_CHECK`).
  case dns(DNSProbe)
  /// A program ends well (`MISC_CHECK`).
  case script(ScriptProbe)
  /// A SYN that goes the way of the service's own packets is answered (`through: vip`).
  ///
  /// The director sends it itself; no socket of the kernel is concerned.
  case path
}

/// Where a check goes.
package struct ProbeTarget: Hashable, Sendable {
  /// Instead of the real server's address (`connect_ip`).
  package var address: IPv4Address?
  /// Instead of the real server's port (`connect_port`).
  package var port: UInt16?
  /// The kernel's address that it leaves from (`bindto`); `nil` leaves it to the kernel.
  package var source: IPv4Address?

  package init(address: IPv4Address? = nil, port: UInt16? = nil, source: IPv4Address? = nil) {
    self.address = address
    self.port = port
    self.source = source
  }
}
