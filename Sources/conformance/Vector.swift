import Director
import Wire

/// One vector, read in full: what there is, what comes in, what must follow.
struct Vector {
  /// A frame that comes in, or is to go out.
  struct Element {
    var port: String
    var frame: [UInt8]
    var offload: VirtioNetHeader
    /// Bytes that may differ.
    var ignored: [Range<Int>]
  }

  /// What becomes of the input.
  enum Outcome: String {
    /// Sent on.
    case forward
    /// Answered by the director.
    case reply
    /// Answered with an ICMP error.
    case icmp
    case drop
    /// For the director's host, with nothing to be seen.
    case local
    /// Frames without input.
    case generate
    /// Only what is remembered matters.
    case state
  }

  let configuration: VectorConfiguration
  /// The connection that exists before.
  let connection: VectorConnection?
  let input: [Element]
  let outcome: Outcome
  /// Each list of frames that is right; the first is the preferred one.
  let outputs: [[Element]]
  let after: VectorAftermath?

  private static let keys: Set<String> = [
    "id", "title", "area", "mode", "config", "conn", "input", "verdict", "output", "alt_output",
    "conn_after", "notes", "tags", "checked_against", "corrected",
  ]

  init(_ value: JSONValue) throws(VectorError) {
    let vector = try JSONObject(value, at: "")
    try vector.check(known: Self.keys)
    configuration = try vector.required("config") { value, path throws(VectorError) in
      try VectorConfiguration(JSONObject(value, at: path))
    }
    connection = try vector.optional("conn") { value, path throws(VectorError) in
      try VectorConnection(JSONObject(value, at: path))
    }
    input = try vector.required("input", Read.list(Self.element))
    let word = try vector.required("verdict", Read.string)
    guard let outcome = Outcome(rawValue: word) else {
      throw VectorError.malformed("unknown verdict '\(word)'")
    }
    self.outcome = outcome
    let output = try vector.required("output", Read.list(Self.element))
    let alternatives = try vector.optional("alt_output", Read.list(Read.list(Self.element)))
    outputs = [output] + (alternatives ?? [])
    after = try vector.optional("conn_after") { value, path throws(VectorError) in
      try VectorAftermath(JSONObject(value, at: path))
    }
  }

  private static func element(_ value: JSONValue, _ path: String) throws(VectorError) -> Element {
    let element = try JSONObject(value, at: path)
    try element.check(known: ["port", "frame", "vnet", "mask"])
    return Element(
      port: try element.required("port", Read.string),
      frame: try element.required("frame", Read.bytes),
      offload: try element.optional("vnet", offload) ?? VirtioNetHeader(),
      ignored: try element.optional("mask", Read.list(Read.range)) ?? [])
  }

  /// Twelve bytes, little endian whatever this machine is.
  private static func offload(
    _ value: JSONValue, _ path: String
  ) throws(VectorError) -> VirtioNetHeader {
    let bytes = try Read.bytes(value, path)
    guard bytes.count == 12 else { throw VectorError.malformed("\(path) is not 12 bytes long") }
    func field(_ offset: Int) -> UInt16 { UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8 }
    var header = VirtioNetHeader()
    header.flags = VirtioNetHeader.Flags(rawValue: bytes[0])
    header.gsoType = VirtioNetHeader.GSOType(rawValue: bytes[1])
    header.headerLength = field(2)
    header.gsoSize = field(4)
    header.checksumStart = field(6)
    header.checksumOffset = field(8)
    return header
  }
}
