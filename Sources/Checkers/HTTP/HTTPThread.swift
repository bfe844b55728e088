import Frames
import Health
import LinkIO
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Wire

/// The thread of the checks that speak HTTP.
final class HTTPThread: Sendable {
  /// What one run may hold of an answer: its body.
  static let bodyLimit = 1 << 20

  /// And all that is read of it, header and framing counted.
  static let answerLimit = bodyLimit + (128 << 10)

  private let mailbox: CheckMailbox
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let runs = Mutex<[CheckRun: EventLoopPromise<CheckResult>]>([:])
  private let contexts = TLSContexts()

  init(_ mailbox: CheckMailbox) {
    self.mailbox = mailbox
  }

  private struct Cancelled: Error {}

  func begin(_ start: CheckStart, _ probe: HTTPProbe) {
    let loop = group.next()
    let promise = loop.makePromise(of: CheckResult.self)
    runs.withLock { $0[start.run] = promise }
    promise.futureResult.whenComplete { [self] outcome in
      _ = runs.withLock { $0.removeValue(forKey: start.run) }
      if case .success(let result) = outcome { mailbox.post(start.run, result) }
    }
    limit(promise, to: start.deadline)
    let destination = Destination(start.server, probe.target)
    connect(destination, probe, promise)
  }

  /// A run fails by time at `deadline` unless it is over.
  private func limit(_ promise: EventLoopPromise<CheckResult>, to deadline: Instant) {
    let task = promise.futureResult.eventLoop.scheduleTask(
      deadline: .uptimeNanoseconds(deadline.nanoseconds)
    ) {
      promise.succeed(.failure(.timedOut))
    }
    promise.futureResult.whenComplete { _ in task.cancel() }
  }

  private func connect(
    _ destination: Destination, _ probe: HTTPProbe, _ promise: EventLoopPromise<CheckResult>
  ) {
    do {
      let remote = try SocketAddress(
        ipAddress: "\(destination.address)", port: Int(destination.port))
      var bootstrap = ClientBootstrap(group: promise.futureResult.eventLoop)
      if let source = destination.source {
        bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: "\(source)", port: 0))
      }
      let context = probe.isSecure ? try contexts.context(for: probe) : nil
      bootstrap
        .channelOption(.maxMessagesPerRead, value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let context {
              try pipeline.addHandler(
                NIOSSLClientHandler(
                  context: context, serverHostname: probe.nameOfServer(for: destination)))
            }
            try pipeline.addHandler(AnswerLimit(Self.answerLimit))
            try pipeline.addHTTPClientHandlers()
            try pipeline.addHandler(HTTPCheck(probe, at: destination, promise))
          }
        }
        .connect(to: remote)
        .whenComplete { outcome in
          switch outcome {
          case .success(let channel):
            promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
          case .failure(let error):
            promise.succeed(.failure(CheckFailure(error)))
          }
        }
    } catch {
      promise.succeed(.failure(CheckFailure(error)))
    }
  }

  func shorten(_ run: CheckRun, to deadline: Instant) {
    if let promise = runs.withLock({ $0[run] }) { limit(promise, to: deadline) }
  }

  func cancel(_ run: CheckRun) {
    runs.withLock { $0[run] }?.fail(Cancelled())
  }

  func stop() {
    for promise in runs.withLock({ Array($0.values) }) { promise.fail(Cancelled()) }
    try? group.syncShutdownGracefully()
  }
}

/// Counts what comes of an answer, and gives up when it is too much.
private final class AnswerLimit: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var rest: Int

  init(_ limit: Int) {
    rest = limit
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    rest -= unwrapInboundIn(data).readableBytes
    if rest < 0 {
      context.fireErrorCaught(CheckFailure.tooLong)
    } else {
      context.fireChannelRead(data)
    }
  }
}

extension HTTPProbe {
  /// The name in the TLS greeting; an address is none (RFC 6066 section 3).
  func nameOfServer(for destination: Destination) -> String? {
    let name = serverName ?? host.map { String($0.prefix { $0 != ":" }) }
    guard let name, !name.isEmpty, IPv4Address(name) == nil, !name.contains(":") else { return nil }
    return name
  }
}
