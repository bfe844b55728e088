import Crypto
import Health
import NIOCore
import NIOHTTP1

/// Whether an answer of HTTP is as wanted: one request by GET, whose answer ends the connection.
///
/// Redirections are answers like others. The first failure counts.
final class HTTPCheck: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  /// How much of a body a regular expression is looked for in.
  static let patternLimit = 64 << 10

  private let probe: HTTPProbe
  private let host: String
  private let promise: EventLoopPromise<CheckResult>
  private var status = 0
  private var length = 0
  /// The body, if it matters.
  private var body: [UInt8] = []

  init(_ probe: HTTPProbe, at destination: Destination, _ promise: EventLoopPromise<CheckResult>) {
    self.probe = probe
    self.promise = promise
    let usual: UInt16 = probe.isSecure ? 443 : 80
    let port = destination.port == usual ? "" : ":\(destination.port)"
    host = probe.host ?? probe.serverName ?? "\(destination.address)\(port)"
  }

  func channelActive(context: ChannelHandlerContext) {
    let headers: HTTPHeaders = [
      "Host": host, "User-Agent": "tapvs", "Accept": "*/*", "Connection": "close",
    ]
    let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: probe.path, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      status = Int(head.status.code)
      if !probe.statuses.contains(where: { $0.contains(status) }) {
        finish(.failure(.status(status)))
      }
    case .body(let part):
      length += part.readableBytes
      guard length <= HTTPThread.bodyLimit else { return finish(.failure(.tooLong)) }
      if probe.digest != nil || probe.pattern != nil { body += part.readableBytesView }
    case .end:
      finish(verdict)
    }
  }

  /// What a whole answer with a wanted status is.
  private var verdict: CheckResult {
    if let digest = probe.digest, digest.digits != Self.digits(digest.algorithm, of: body) {
      return .failure(.content)
    }
    if let pattern = probe.pattern {
      let text = String(decoding: body.prefix(Self.patternLimit), as: UTF8.self)
      let isThere = (try? Regex(pattern).firstMatch(in: text)) != nil
      if isThere != probe.wantsPattern { return .failure(.content) }
    }
    return .success
  }

  static func digits(_ algorithm: BodyDigest.Algorithm, of body: [UInt8]) -> String {
    let bytes =
      switch algorithm {
      case .md5: Array(Insecure.MD5.hash(data: body))
      case .sha256: Array(SHA256.hash(data: body))
      }
    return bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.utf8.count < 2 ? "0" + digits : digits
    }.joined()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    finish(.failure(CheckFailure(error)))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish(.failure(.closed))
  }

  /// Tells the result, unless one was told.
  private func finish(_ result: CheckResult) { promise.succeed(result) }
}
