import Foundation
import Frames
import Glibc
import Netlink
import Synchronization
import Testing

@testable import Control

/// The client, with a server on another thread's side of the socket.
@Suite struct ClientTests {
  @Test func aListingReachesTheClient() throws {
    let (responses, count) = try ask(
      ControlRequest(.connections, protocol: "tcp", limit: 1000), connectionCount: 5000)
    #expect(responses.count == 16)
    #expect(count == 1000)
    #expect(responses.dropLast().allSatisfy { $0.more == true })
    #expect(responses.last?.more == nil)
  }

  @Test func reportsReachTheClientAsTheyWere() throws {
    let (status, _) = try ask(ControlRequest(.status))
    #expect(status == [ControlResponse(status: .example)])
    let (ports, _) = try ask(ControlRequest(.ports))
    #expect(ports == [ControlResponse(ports: .example)])
  }

  @Test func withoutServerNobodyIsReached() throws {
    let name = try ServerBench.freshName()
    let error = #expect(throws: ControlError.self) { try ControlClient(name: name) }
    #expect(error == .notReached(name, namespace: nil))
    #expect(
      error?.description
        == "no tapvs named \(name.name ?? "") runs in this network namespace")
  }

  @Test func withoutNamespaceNobodyIsReached() throws {
    let namespace = NetworkNamespace("tapvs-test-\(getpid())-none")
    let error = #expect(throws: ControlError.self) {
      try ControlClient(name: .standard, in: namespace)
    }
    guard case .namespace(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.reason == .namespaceMissing)
  }

  @Test func aServerThatSaysNothingTimesOut() throws {
    let bench = try ServerBench()
    let client = try ControlClient(name: bench.name, timeout: .milliseconds(20))
    let error = #expect(throws: ControlError.self) {
      try client.ask(ControlRequest(.status)) { _ in }
    }
    #expect(error == .timedOut)
  }

  @Test func aRefusalReachesTheClient() throws {
    let bench = try ServerBench()
    let others = try (0..<ControlServer.clientLimit).map { _ in try bench.accepted() }
    let client = try ControlClient(name: bench.name)
    bench.service()
    let error = #expect(throws: ControlError.self) {
      try client.ask(ControlRequest(.status)) { _ in }
    }
    #expect(error == .refused("16 clients are connected already: try again later"))
    #expect(others.count == 16)
  }

  @Test func oneNameIsForOneServer() throws {
    let name = try ServerBench.freshName()
    do {
      let server = try ControlServer(name: name)
      let error = #expect(throws: ControlError.self) { try ControlServer(name: name) }
      #expect(error == .nameTaken(name))
      #expect(
        error?.description
          == "another tapvs named \(name.name ?? "") runs in this network namespace")
      #expect(server.clientCount == 0)
    }
    #expect(throws: Never.self) { try ControlServer(name: name) }
  }

  @Test func namesAreBounded() {
    #expect(ControlName("a-Z_0.9")?.socketName == "tapvs-a-Z_0.9")
    #expect(ControlName.standard.socketName == "tapvs")
    #expect(ControlName(String(repeating: "n", count: 64)) != nil)
    for name in ["", "a b", "a/b", "\u{e4}", "a\n", String(repeating: "n", count: 65)] {
      #expect(ControlName(name) == nil)
    }
  }

  /// Asks a server of `connectionCount` connections from a thread of its own; gives the lines of
  /// the answer and the connections in them.
  private func ask(
    _ request: ControlRequest, connectionCount: Int = 0
  ) throws -> (responses: [ControlResponse], connectionCount: Int) {
    let bench = try ServerBench(connectionCount: connectionCount)
    let name = bench.name
    let exchange = Exchange(name: name, request: request)
    exchange.start()
    while !exchange.isDone {
      waitUntilReadable(bench.server.descriptor)
      bench.service()
    }
    let responses = try exchange.outcome()
    return (responses, responses.reduce(0) { $0 + ($1.connections?.count ?? 0) })
  }
}

/// One request on a thread of its own.
private final class Exchange: Sendable {
  private let name: ControlName
  private let request: ControlRequest
  private let result = Mutex<Result<[ControlResponse], any Error>?>(nil)

  init(name: ControlName, request: ControlRequest) {
    self.name = name
    self.request = request
  }

  var isDone: Bool { result.withLock { $0 != nil } }

  func start() {
    Thread.detachNewThread { [self] in
      let outcome = Result { try ask() }
      result.withLock { $0 = outcome }
    }
  }

  func outcome() throws -> [ControlResponse] {
    try result.withLock { try $0?.get() ?? [] }
  }

  private func ask() throws(ControlError) -> [ControlResponse] {
    var responses: [ControlResponse] = []
    try ControlClient(name: name).ask(request) { responses.append($0) }
    return responses
  }
}

/// Waits until there is something to do, at most a hundredth of a second.
private func waitUntilReadable(_ descriptor: Int32) {
  var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  _ = unsafe poll(&entry, 1, 10)
}
