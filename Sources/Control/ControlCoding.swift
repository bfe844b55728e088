import Foundation

/// Requests and responses as lines of JSON.
enum ControlCoding {
  /// Why a line is no request.
  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  /// `value` and a line feed.
  static func line(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
      return Array("{\"error\":\"the answer cannot be written\",\"ok\":false}\n".utf8)
    }
    return [UInt8](data) + [UInt8(ascii: "\n")]
  }

  /// The request that `line` is.
  static func request(_ line: [UInt8]) throws(Refusal) -> ControlRequest {
    do {
      return try JSONDecoder().decode(ControlRequest.self, from: Data(line))
    } catch {
      let commands = ControlCommand.allCases.map(\.rawValue).joined(separator: ", ")
      throw Refusal(
        description: "not a request: a line of JSON with `command` (\(commands)) is wanted")
    }
  }

  /// The response that `line` is; `nil` for anything else.
  static func response(_ line: [UInt8]) -> ControlResponse? {
    try? JSONDecoder().decode(ControlResponse.self, from: Data(line))
  }
}
