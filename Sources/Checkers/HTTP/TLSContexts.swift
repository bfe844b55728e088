import Health
import NIOSSL
import Synchronization

/// What TLS needs to know of certificates, made once for each way to look at them.
final class TLSContexts: Sendable {
  private struct Way: Hashable {
    let verifies: Bool
    let hasName: Bool
    let authorities: String?
  }

  private let contexts = Mutex<[Way: NIOSSLContext]>([:])

  /// The context for `probe`; fails when its file of authorities cannot be read.
  func context(for probe: HTTPProbe) throws -> NIOSSLContext {
    let hasName = probe.serverName != nil || probe.host != nil
    let way = Way(
      verifies: probe.verifiesCertificate, hasName: hasName, authorities: probe.authorities)
    if let known = contexts.withLock({ $0[way] }) { return known }
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.applicationProtocols = ["http/1.1"]
    if !way.verifies {
      configuration.certificateVerification = .none
    } else if !hasName {
      configuration.certificateVerification = .noHostnameVerification
    }
    if let authorities = probe.authorities { configuration.trustRoots = .file(authorities) }
    let made = try NIOSSLContext(configuration: configuration)
    contexts.withLock { $0[way] = made }
    return made
  }
}
