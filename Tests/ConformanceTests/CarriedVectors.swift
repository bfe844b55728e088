import TestSupport
import Testing

@testable import conformance

/// A file of `Tests/Vectors`, and its vectors as they stand or changed in one place.
struct CarriedVectors {
  let file: conformance.VectorFile

  /// Read once: every case of every test wants them.
  private static let loaded = Dictionary(
    uniqueKeysWithValues: ["nat", "dr", "tunnel", "fullnat"].map { name in
      (
        name,
        Result { try conformance.VectorFile(path: TestSupport.VectorFile.path("\(name).json")) }
      )
    })

  /// The file `name`, without its ending.
  init(_ name: String = "nat") throws {
    file = try #require(Self.loaded[name]).get()
  }

  func vector(_ id: String) throws -> JSONValue {
    try #require(file.entries.first { $0.id == id }).content
  }

  /// What is wrong with `vector`, on the slow path unless another is named.
  func failures(of vector: JSONValue, _ path: EnginePath = .slow) -> [String] {
    do {
      return try VectorRun(Vector(vector), file.topology, path).failures
    } catch {
      return [error.description]
    }
  }
}

extension JSONValue {
  /// The value under `path`, members by key and by number; traps where there is none.
  subscript(path: String...) -> JSONValue { value(path[...]) }

  /// Puts `value` under `path`, whose last key may be new.
  mutating func set(_ path: [String], _ value: JSONValue) {
    self = replacing(path[...], value)
  }

  private func value(_ path: ArraySlice<String>) -> JSONValue {
    guard let key = path.first else { return self }
    switch self {
    case .object(let members): return members[key, default: .null].value(path.dropFirst())
    case .array(let members): return members[Int(key) ?? -1].value(path.dropFirst())
    default: preconditionFailure("no member \(key)")
    }
  }

  private func replacing(_ path: ArraySlice<String>, _ value: JSONValue) -> JSONValue {
    guard let key = path.first else { return value }
    switch self {
    case .object(var members):
      members[key] = members[key, default: .null].replacing(path.dropFirst(), value)
      return .object(members)
    case .array(var members):
      let place = Int(key) ?? -1
      members[place] = members[place].replacing(path.dropFirst(), value)
      return .array(members)
    default: preconditionFailure("no member \(key)")
    }
  }

  /// A text of hexadecimal digits with one bit of one byte changed.
  func flippingBit(ofByte offset: Int) -> JSONValue {
    guard case .string(let text) = self else { preconditionFailure("no text") }
    var bytes = hexadecimal(text)
    bytes[offset] ^= 1
    let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return .string(digits.joined())
  }
}
