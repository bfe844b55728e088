import Foundation

/// What `up` did in a network namespace: what `down` needs to undo it.
package struct ServerState: Codable, Equatable, Sendable {
  /// The form of the file.
  private var version = 1
  /// Which boot and which namespace this is about; a namespace's number is used again.
  let boot: String
  let namespaceCookie: UInt64
  package var wanted: WantedServer
  /// In the order in which they were made.
  package var changes: [Change]
  package var decapsulator: Decapsulator?

  init(
    boot: String, namespaceCookie: UInt64, wanted: WantedServer, changes: [Change],
    decapsulator: Decapsulator?
  ) {
    self.boot = boot
    self.namespaceCookie = namespaceCookie
    self.wanted = wanted
    self.changes = changes
    self.decapsulator = decapsulator
  }

  /// The bytes of the file.
  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Text and numbers only: there is nothing that could not be encoded.
    return ((try? encoder.encode(self)).map { [UInt8]($0) } ?? []) + [UInt8(ascii: "\n")]
  }

  /// Why a file is none of ours.
  struct Refusal: Error, Equatable {
    let reason: String
  }

  /// Reads the bytes of a file.
  init(_ bytes: [UInt8]) throws(Refusal) {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw Refusal(reason: error.onOneLine)
    } catch {
      throw Refusal(reason: "it is no JSON")
    }
    guard version == 1 else { throw Refusal(reason: "its version is \(version); 1 is known here") }
    guard changes.count <= 10_000 else {
      throw Refusal(reason: "it has \(changes.count) changes; at most 10000 are possible")
    }
    if let place = changes.firstIndex(where: { !$0.isPlausible }) {
      throw Refusal(reason: "change \(place) is none that `up` makes")
    }
    if decapsulator.map({ $0.process.number < 2 }) == true {
      throw Refusal(reason: "its process is none that `up` starts")
    }
    do throws(ServerError) {
      wanted = try WantedServer(
        mode: wanted.mode, virtualAddresses: wanted.virtualAddresses, gateway: wanted.gateway,
        directors: wanted.directors, tunnel: wanted.tunnel)
    } catch {
      throw Refusal(reason: error.message)
    }
  }
}

extension DecodingError {
  /// Where it is and what is wrong there.
  fileprivate var onOneLine: String {
    let context: Context
    var problem: String?
    switch self {
    case .keyNotFound(let key, let found):
      context = found
      problem = "\(key.stringValue) is missing"
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
      context = found
    @unknown default:
      return "it cannot be read"
    }
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    let text = (problem ?? context.debugDescription).unicodeScalars.prefix(200)
      .map { $0.value < 0x20 || $0.value == 0x7f ? "?" : String($0) }.joined()
    return path.isEmpty ? text : "\(path): \(text)"
  }
}
