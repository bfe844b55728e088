import NIOCore
import NIOPosix
import Synchronization

/// A server on loopback that answers each connection with bytes, whatever it is asked.
final class TestServer: Sendable {
  enum End: Sendable {
    /// It closes when all is sent.
    case closes
    /// It stays silent then.
    case stays
    /// It goes on for ever.
    case repeats
  }

  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let channel: any Channel
  let received = ReceivedBytes()

  init(_ answer: [UInt8], then end: End = .closes, afterRequest: Bool = true) throws {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    let received = received
    channel = try bootstrap.childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(
          Answering(answer, end, waits: afterRequest, received))
      }
    }.bind(host: "127.0.0.1", port: 0).wait()
  }

  convenience init(_ answer: String, then end: End = .closes) throws {
    try self.init(Array(answer.utf8), then: end)
  }

  var port: UInt16 { UInt16(channel.localAddress?.port ?? 0) }

  func stop() { try? group.syncShutdownGracefully() }
}

/// What clients sent, all of them one behind the other.
final class ReceivedBytes: Sendable {
  private let bytes = Mutex<[UInt8]>([])

  func note(_ more: [UInt8]) { bytes.withLock { $0 += more } }

  var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}

private final class Answering: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let answer: [UInt8]
  private let end: TestServer.End
  private let waits: Bool
  private let received: ReceivedBytes
  private var hasAnswered = false

  init(_ answer: [UInt8], _ end: TestServer.End, waits: Bool, _ received: ReceivedBytes) {
    self.answer = answer
    self.end = end
    self.waits = waits
    self.received = received
  }

  func channelActive(context: ChannelHandlerContext) {
    if !waits { reply(context) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    received.note(Array(unwrapInboundIn(data).readableBytesView))
    if !hasAnswered { reply(context) }
  }

  private func reply(_ context: ChannelHandlerContext) {
    hasAnswered = true
    let buffer = context.channel.allocator.buffer(bytes: answer)
    let channel = context.channel
    let promise = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
    let end = end
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    promise.futureResult.whenSuccess {
      switch end {
      case .closes: channel.close(promise: nil)
      case .stays: break
      case .repeats:
        let (handler, context) = bound.value
        handler.reply(context)
      }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
