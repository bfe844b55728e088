import Glibc
import Netlink

/// The program that takes outer headers off: `tapvs real-server decap`.
///
/// It is started with its standard output in a pipe, writes one line there when packets may come,
/// `ready` or `ready DEVICE` with the TUN that it made, and nothing after. It runs until SIGTERM. If
/// it cannot work it says so in one line on standard error and ends, with 77 when that is the system's
/// fault.
package struct Decapsulator: Codable, Equatable, Sendable {
  package let process: ProcessIdentity
  package let arguments: [String]
  /// The device that packets come out of, if it has one of its own.
  package let device: String?

  /// The name of that device, by whomever the program was started.
  static let usualDevice = "tapvs-decap"

  /// What the program is told for `wanted`; `nil` if none has to run.
  static func arguments(for wanted: WantedServer) -> [String]? {
    guard let tunnel = wanted.tunnel, tunnel.needsProgram else { return nil }
    var arguments = ["real-server", "decap"]
    for address in wanted.virtualAddresses { arguments += ["--vip", "\(address)"] }
    for director in wanted.directors { arguments += ["--from", "\(director)"] }
    arguments += ["--encapsulation", tunnel.encapsulation.rawValue]
    if tunnel.hasChecksum { arguments.append("--checksum") }
    return arguments + ["--port", "\(tunnel.port)", "--method", tunnel.method.rawValue]
  }

  /// Starts `program` with `arguments` and waits until it is ready.
  static func start(
    _ program: String, _ arguments: [String], log: String, patience: Duration = .seconds(15)
  ) throws(ServerError) -> Self {
    let started: DetachedProgram
    do throws(SystemError) {
      started = try DetachedProgram.start(program, arguments, log: log)
    } catch {
      throw ServerError(.unavailable, "\(program) cannot be started: \(error)")
    }
    defer { close(started.output) }
    let identity = ProcessIdentity(running: started.process)
    let line = Readable.line(started.output, until: .now + patience)
    if let identity, case .said(let text) = line {
      let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      if words == ["ready"] {
        return Self(process: identity, arguments: arguments, device: nil)
      }
      if words.count == 2, words[0] == "ready", LinkTable.isPossible(name: words[1]) {
        return Self(process: identity, arguments: arguments, device: words[1])
      }
    }
    if let identity, let handle = ProcessHandle(identity) {
      // One that says no more is about to end, and its exit code tells why.
      if line != .ended || !handle.hasEnded(within: .seconds(5)) {
        _ = handle.end(reaps: false)
      }
    }
    defer { try? SmallFile.remove(log) }
    throw refusal(line, code: started.exitCode(), log: log)
  }

  /// Why it does not run.
  private static func refusal(_ line: Readable.Line, code: Int32?, log: String) -> ServerError {
    switch line {
    case .said(let text):
      return ServerError(
        .wrong, "the decapsulator said \"\(text.plain)\"; \"ready\" or \"ready DEVICE\" is wanted")
    case .late:
      return ServerError(.wrong, "the decapsulator was not ready in time; it was ended")
    case .ended:
      return ServerError(
        code == 77 ? .unavailable : .wrong,
        "no decapsulator: \(reason(in: log) ?? "it ended without a word")")
    }
  }

  /// What the program says why it cannot work.
  private static func reason(in log: String) -> String? {
    let bytes = (try? SmallFile.read(log)) ?? []
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let own = lines.last { $0.hasPrefix("tapvs: ") }?.dropFirst("tapvs: ".count)
    return (own ?? lines.first).map { String($0).plain }
  }

  /// Ends it, if it has not ended by itself.
  func end() throws(ServerError) {
    guard let handle = ProcessHandle(process) else { return }
    guard handle.end() else {
      throw ServerError(.wrong, "the decapsulator, process \(process.number), does not end")
    }
  }
}

extension Snapshot {
  /// As it is without the device that packets come out of, which holds the VIPs too and goes with the
  /// program.
  func withoutDecapsulator(_ decapsulator: Decapsulator?) -> Self {
    let names = [Decapsulator.usualDevice, decapsulator?.device]
    var snapshot = self
    snapshot.devices.removeAll { names.contains($0.name) }
    snapshot.addresses.removeAll { names.contains($0.device) }
    return snapshot
  }
}

extension String {
  /// Without what a terminal would act on, and not endless.
  fileprivate var plain: String {
    String(String.UnicodeScalarView(unicodeScalars.prefix(300).map { $0.value < 0x20 ? "?" : $0 }))
  }
}
