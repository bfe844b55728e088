import Glibc
import Health
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension CheckFailure {
  /// What an error of the library means for a check.
  init(_ error: any Error) {
    self =
      switch error {
      case let failure as CheckFailure: failure
      case let failure as IOError: Self(code: failure.errnoCode)
      case is HTTPParserError: Self.parsing(error)
      case let failure as NIOSSLError: Self(tls: failure)
      case is NIOSSLExtraError: .certificate
      case is ChannelError: .closed
      default: Self.other(error)
      }
  }

  private static func parsing(_ error: any Error) -> Self {
    let failure = error as? HTTPParserError
    if failure == .headerOverflow { return .tooLong }
    if failure == .invalidEOFState { return .closed }
    return .malformed
  }

  private init(tls error: NIOSSLError) {
    switch error {
    case .handshakeFailed(let reason):
      self = Self.isAboutCertificates(reason) ? .certificate : .malformed
    case .uncleanShutdown, .readInInvalidTLSState:
      self = .closed
    default:
      self = .malformed
    }
  }

  private static func isAboutCertificates(_ error: BoringSSLError) -> Bool {
    "\(error)".contains("CERTIFICATE_VERIFY_FAILED")
  }

  /// Errors of connecting come wrapped.
  private static func other(_ error: any Error) -> Self {
    if let failure = error as? NIOConnectionError,
      let first = failure.connectionErrors.first
    {
      return Self(first.error)
    }
    if error is BoringSSLError { return .malformed }
    if error is NIOSSLCloseTimedOutError { return .closed }
    return .malformed
  }
}
