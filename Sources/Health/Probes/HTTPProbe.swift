/// A request of HTTP/1.1, and what its answer must be.
package struct HTTPProbe: Hashable, Sendable {
  package var target: ProbeTarget
  /// Whether it goes through TLS.
  package var isSecure = false
  /// The path and query, as in `/health?deep=1`.
  package var path: String
  /// The `Host` field; `nil` for the endpoint that is asked.
  package var host: String?
  /// The name in the TLS greeting (SNI), which the certificate must be for; `nil` for `host`, if that
  /// is a name.
  package var serverName: String?
  /// Whether the certificate must hold, as keepalived does not ask for.
  package var verifiesCertificate = false
  /// A file of certificates in PEM that signed the server's; `nil` for the system's.
  package var authorities: String?
  /// The statuses of which the answer's must be one.
  package var statuses: [ClosedRange<Int>] = [200...299]
  /// What the body must be; `nil` if it does not matter.
  package var digest: BodyDigest?
  /// A regular expression (that of Swift) to find in the body.
  package var pattern: String?
  /// Whether `pattern` must be there, or must not (`regex_no_match`).
  package var wantsPattern = true

  package init(target: ProbeTarget = ProbeTarget(), path: String = "/") {
    self.target = target
    self.path = path
  }
}

/// A digest of the whole body, in lower-case hexadecimal digits.
package struct BodyDigest: Hashable, Sendable {
  package enum Algorithm: String, CaseIterable, Sendable {
    /// What keepalived's `genhash` prints.
    case md5
    case sha256

    /// Hexadecimal digits in a digest.
    package var digitCount: Int {
      switch self {
      case .md5: 32
      case .sha256: 64
      }
    }
  }

  package var algorithm: Algorithm
  package var digits: String

  package init(_ algorithm: Algorithm, _ digits: String) {
    self.algorithm = algorithm
    self.digits = digits
  }
}
