import Control
import Foundation
import Frames
import Glibc

// The control protocol from both ends, over a real socket: a server that is told anything, and a
// client that is answered anything.

extension FuzzTarget {
  /// Requests as a client of a control server may send them, then the end of its stream.
  static let controlRequests = FuzzTarget(
    "control-requests", goal: "an answer", seeds: requests()
  ) { input throws(Violation) in
    let answers = try ControlWire.answers(of: input)
    var isAnswered = false
    for line in answers.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .dropLast()
    {
      guard let response = try? JSONDecoder().decode(ControlResponse.self, from: Data(line)) else {
        throw Violation("no answer: \(String(decoding: line, as: UTF8.self))")
      }
      try expect(response.ok == (response.error == nil), "an answer and an error")
      isAnswered = isAnswered || response.ok
    }
    try expect(answers.isEmpty || answers.last == UInt8(ascii: "\n"), "an answer without its end")
    return isAnswered
  }

  /// What a server may answer, then the end of its stream.
  static let controlAnswers = FuzzTarget(
    "control-answers", goal: "what is understood", seeds: answers()
  ) { input throws(Violation) in
    var count = 0
    do throws(ControlError) {
      try ControlWire.ask(answering: input) { _ in count += 1 }
    } catch {
      try expect(!error.description.isEmpty, "an error that says nothing")
      try expect(!error.description.contains(where: \.isNewline), "\(error)")
    }
    return count > 0
  }

  private static func requests() -> [[UInt8]] {
    let requests = [
      "{\"command\":\"status\"}", "{\"command\":\"ports\"}",
      "{\"command\":\"connections\",\"protocol\":\"tcp\",\"client\":\"10.0.0.2\",\"limit\":2}",
      "{\"command\":\"connections\"}", "{\"command\":\"none\"}", "[]",
    ]
    return requests.map { Array(($0 + "\n").utf8) }
      + [Array(requests.joined(separator: "\n").utf8)]
  }

  private static func answers() -> [[UInt8]] {
    ["status", "ports", "connections", "none"].compactMap {
      try? ControlWire.answers(of: Array("{\"command\":\"\($0)\"}\n".utf8))
    }
  }
}
