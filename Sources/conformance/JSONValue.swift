import Foundation

/// A JSON document as it stands, so that keys which nobody knows are noticed.
enum JSONValue: Equatable, Decodable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }
}

/// An object of a vector and where it stands, as in `config.service`; its keys are read one by one.
struct JSONObject {
  let path: String
  let members: [String: JSONValue]

  /// The object that `value` is; throws for anything else.
  init(_ value: JSONValue, at path: String) throws(VectorError) {
    guard case .object(let members) = value else {
      throw VectorError.malformed("\(path) is no object")
    }
    self.path = path
    self.members = members
  }

  private func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Refuses keys that are not `known`, and then those whose feature the engine does not have.
  func check(known: Set<String>, needing features: [String: String] = [:]) throws(VectorError) {
    for key in members.keys.sorted() where !known.contains(key) && features[key] == nil {
      throw VectorError.unknownKey(name(key))
    }
    for key in members.keys.sorted() {
      if let feature = features[key] { throw VectorError.needs("\(feature) (\(name(key)))") }
    }
  }

  /// The value of `key`, or `nil` if it is missing or null.
  func optional<Value>(
    _ key: String, _ read: (JSONValue, String) throws(VectorError) -> Value
  ) throws(VectorError) -> Value? {
    guard let value = members[key], value != .null else { return nil }
    return try read(value, name(key))
  }

  /// The value of `key`; throws if it is missing or null.
  func required<Value>(
    _ key: String, _ read: (JSONValue, String) throws(VectorError) -> Value
  ) throws(VectorError) -> Value {
    guard let value = try optional(key, read) else {
      throw VectorError.malformed("\(name(key)) is missing")
    }
    return value
  }
}

/// Why a vector or a recording cannot be run.
enum VectorError: Error, CustomStringConvertible {
  /// A key that this program does not know.
  case unknownKey(String)
  /// Something that the engine does not do.
  case needs(String)
  /// A value of the wrong kind, or one that cannot be.
  case malformed(String)

  var description: String {
    switch self {
    case .unknownKey(let name): "unknown key \(name)"
    case .needs(let feature): "needs \(feature)"
    case .malformed(let what): what
    }
  }
}
