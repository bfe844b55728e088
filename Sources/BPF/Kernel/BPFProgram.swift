// Fence: this file lends programs and packets to bpf(2).
//
// Memory: arrays on the caller's side; the verifier's log, of `logLength` bytes.
// Owner: the calling function.
// Soundness: the kernel is told how much there is of each; of what it filled, only as much is read as
// it says, the log up to its zero byte.

import CLinux
import Glibc
import Netlink

/// A program that the kernel's verifier has accepted.
@safe
package struct BPFProgram: Sendable {
  /// Where a program can run (`enum bpf_prog_type`, `enum bpf_attach_type`).
  package enum Kind: Sendable {
    /// On what happens to the TCP sockets of a control group.
    case socketOperations
    /// On getpeername(2) and accept(2) of the control group's IPv4 and IPv6 sockets.
    case peerName4
    case peerName6
    /// On frames that come in on a link (TCX).
    case ingress

    var type: UInt32 {
      switch self {
      case .socketOperations: BPF_PROG_TYPE_SOCK_OPS.rawValue
      case .peerName4, .peerName6: BPF_PROG_TYPE_CGROUP_SOCK_ADDR.rawValue
      case .ingress: BPF_PROG_TYPE_SCHED_CLS.rawValue
      }
    }

    var attachType: UInt32 {
      switch self {
      case .socketOperations: BPF_CGROUP_SOCK_OPS.rawValue
      case .peerName4: BPF_CGROUP_INET4_GETPEERNAME.rawValue
      case .peerName6: BPF_CGROUP_INET6_GETPEERNAME.rawValue
      case .ingress: UInt32(CLINUX_BPF_TCX_INGRESS)
      }
    }
  }

  /// The verifier's log of a program of ours takes a fraction of it.
  private static let logLength = 1 << 20

  package let name: String
  package let kind: Kind
  package let descriptor: BPFDescriptor

  /// Loads what `assembler` wrote; `name` is for people, who see its first 15 bytes.
  package init(_ name: String, _ kind: Kind, _ assembler: Assembler) throws(BPFError) {
    let instructions: [Instruction]
    do throws(AssemblyError) {
      instructions = try assembler.instructions()
    } catch {
      throw BPFError(.refused, "program \(name) cannot be put together: \(error)")
    }
    try self.init(name, kind, instructions: instructions)
  }

  init(_ name: String, _ kind: Kind, instructions: [Instruction]) throws(BPFError) {
    let words = instructions.map(\.word)
    self.name = name
    self.kind = kind
    do throws(SystemError) {
      descriptor = try Self.load(name, kind, words)
    } catch {
      throw Self.refusal(error, name, kind, words)
    }
  }

  private static func load(
    _ name: String, _ kind: Kind, _ words: [UInt64]
  ) throws(SystemError) -> BPFDescriptor {
    try BPFDescriptor(
      result: unsafe clinux_bpf_load_program(
        kind.type, kind.attachType, words, words.count, name, nil, 0))
  }

  /// Loads once more to learn what the verifier has to say.
  private static func refusal(
    _ error: SystemError, _ name: String, _ kind: Kind, _ words: [UInt64]
  ) -> BPFError {
    var log = [CChar](repeating: 0, count: logLength)
    let result = unsafe clinux_bpf_load_program(
      kind.type, kind.attachType, words, words.count, name, &log, logLength - 1)
    if result >= 0 { close(result) }
    let text = String(decoding: log.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let attempt = "program \(name) cannot be loaded"
    if error.code == EPERM { return BPFError(error, attempt) }
    guard !text.isEmpty else { return BPFError(.unsupported, "\(attempt): \(error)") }
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("processed ") }
    // A verifier without CAP_PERFMON says EACCES where it would have to track more.
    let hint = error.code == EACCES ? "; CAP_PERFMON may be missing" : ""
    return BPFError(
      .refused, "\(attempt): \(error)\(hint); the verifier: \(lines.last ?? "")", log: text)
  }
}

// MARK: Trial

extension BPFProgram {
  /// What a program made of a frame.
  package struct Outcome: Equatable, Sendable {
    /// The program's result.
    package let verdict: UInt32
    package let frame: [UInt8]

    package init(verdict: UInt32, frame: [UInt8]) {
      self.verdict = verdict
      self.frame = frame
    }
  }

  /// Runs the program once on `frame`, at least 34 bytes from the Ethernet header on, without any
  /// link; on a superframe of a kind of its own unless `segmentLength` is 0.
  package func trial(
    _ frame: [UInt8], segmentLength: UInt32 = 0
  ) throws(BPFError) -> Outcome {
    var output = [UInt8](repeating: 0, count: frame.count + 256)
    var length = output.count
    var verdict: UInt32 = 0
    let result = unsafe clinux_bpf_test_run(
      descriptor.number, frame, frame.count, segmentLength, &output, &length, &verdict)
    guard result == 0 else { throw BPFError(SystemError.last, "program \(name) cannot be tried") }
    return Outcome(verdict: verdict, frame: Array(output.prefix(length)))
  }
}
