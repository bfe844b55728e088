import Director
import Wire

/// What a vector's `conn` or `conn_after` says of FullNAT; what is `nil` is not said.
struct VectorTranslation {
  private let local: Endpoint?
  private let sequenceShift: UInt32?
  private let clientSequence: UInt32?
  private let localSequence: UInt32?
  private let serverSequence: UInt32?
  private let toldCount: Int?
  /// The length in bytes of the PROXY header that is before the client's bytes so far.
  ///
  /// Nothing remembers it, sequence numbers tell it: a vector's frames show whether that is right.
  let prefixLength: Int?

  static let keys: Set<String> = [
    "laddr", "lport", "client_isn", "local_isn", "delta", "rs_isn", "fdata_ack", "pp_len",
    "uoa_sent",
  ]

  /// The length of a PROXY header of version 2 for IPv4.
  private static let headerLength = 28

  /// Reads the keys of `object`; throws when they contradict each other.
  init(_ object: JSONObject) throws(VectorError) {
    if object.members["laddr"] ?? .null != .null || object.members["lport"] ?? .null != .null {
      local = try VectorConnection.endpoint("l", of: object)
    } else {
      local = nil
    }
    clientSequence = try object.optional("client_isn", Read.sequence)
    localSequence = try object.optional("local_isn", Read.sequence)
    var shift = try object.optional("delta", Read.sequence)
    if let localSequence, let clientSequence {
      let difference = localSequence &- clientSequence
      guard shift ?? difference == difference else {
        throw VectorError.malformed("\(object.path).delta is not local_isn - client_isn")
      }
      shift = difference
    }
    sequenceShift = shift
    // What acknowledges the first sequence number and nothing else.
    let firstAcknowledgement = try object.optional("fdata_ack", Read.sequence)
    let told = try object.optional("rs_isn", Read.sequence)
    serverSequence = told ?? firstAcknowledgement.map { $0 &- 1 }
    if let firstAcknowledgement, let told, firstAcknowledgement != told &+ 1 {
      throw VectorError.malformed("\(object.path).fdata_ack is not rs_isn + 1")
    }
    toldCount = try object.optional("uoa_sent", Read.count)
    prefixLength = try object.optional("pp_len", Read.count)
    if let prefixLength, prefixLength != 0, prefixLength != Self.headerLength {
      throw VectorError.needs("a PROXY header of \(prefixLength) bytes (\(object.path).pp_len)")
    }
  }

  /// Whether nothing is said.
  var isEmpty: Bool {
    local == nil && sequenceShift == nil && clientSequence == nil && localSequence == nil
      && serverSequence == nil && toldCount == nil && prefixLength == nil
  }

  /// What it is for a connection by `method`, which is to exist; `nil` for all but FullNAT.
  func snapshot(
    _ method: ForwardingMethod, _ object: JSONObject
  ) throws(VectorError) -> TranslationSnapshot? {
    guard method == .fullnat else {
      guard isEmpty else {
        throw VectorError.malformed("\(object.path) has a local side without FullNAT")
      }
      return nil
    }
    guard let local else { throw VectorError.malformed("\(object.path).laddr is missing") }
    return TranslationSnapshot(
      local: local, sequenceShift: sequenceShift ?? 0, clientSequence: clientSequence,
      serverSequence: serverSequence, toldCount: toldCount ?? 0)
  }

  /// What differs in `found`, by the name of the key.
  ///
  /// The server's first sequence number must be known when `hasHeardServer`; otherwise a vector may
  /// name the one that is to come.
  func differences(_ found: TranslationSnapshot?, hasHeardServer: Bool) -> [Difference] {
    var differences: [Difference] = []
    func compare<Value: Equatable>(_ key: String, _ seen: Value?, _ wanted: Value?) {
      guard let wanted, seen != wanted else { return }
      differences.append(
        Difference(key: key, found: seen.map { "\($0)" } ?? "none", wanted: "\(wanted)"))
    }
    compare("laddr and lport", found?.local, local)
    compare("client_isn", found?.clientSequence, clientSequence)
    compare("delta", found?.sequenceShift, sequenceShift)
    let first = found.flatMap { found in found.clientSequence.map { $0 &+ found.sequenceShift } }
    compare("local_isn", first, localSequence)
    if hasHeardServer || found?.serverSequence != nil {
      compare("rs_isn", found?.serverSequence, serverSequence)
    }
    compare("uoa_sent", found?.toldCount, toldCount)
    return differences
  }

  /// A key whose value is not what it should be.
  struct Difference {
    var key: String
    var found: String
    var wanted: String
  }
}
