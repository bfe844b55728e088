/// What a recording's own files do not tell.
struct RecordingNotes {
  /// When the listings of the action log were read, in time since the first frame.
  let readingTimes: [Duration]
  /// Whether the director knew the link addresses of its neighbours from the beginning.
  let knowsNeighbors: Bool
  /// Fields that differ from the kernel's on purpose, by `FrameDescription`, and why.
  let differingFields: [String: String]
  /// Bytes that differ from the kernel's on purpose, of frames by their number in the capture, from 1.
  let differingBytes: [Int: [Range<Int>]]
  /// Numbers in the capture, from 1, of frames that the kernel sent and TapVS does not, and why.
  let unsentFrames: [Int: String]

  init(_ object: JSONObject) throws(VectorError) {
    try object.check(
      known: [
        "read_at_ms", "knows_neighbors", "differing_fields", "differing_bytes", "unsent_frames",
      ])
    let times = try object.optional("read_at_ms", Read.list(Read.integer)) ?? []
    readingTimes = times.map { .milliseconds($0) }
    knowsNeighbors = try object.optional("knows_neighbors", Read.bool) ?? true
    differingFields = try object.optional("differing_fields", Self.reasons) ?? [:]
    var unsent: [Int: String] = [:]
    let reasons = try object.optional("unsent_frames", Self.reasons) ?? [:]
    for (key, reason) in reasons {
      unsent[try Self.frameNumber(key, "\(object.path).unsent_frames")] = reason
    }
    unsentFrames = unsent
    var differing: [Int: [Range<Int>]] = [:]
    if let list = try object.optional("differing_bytes", Read.object) {
      for key in list.members.keys.sorted() {
        let note = try list.required(key, Read.object)
        try note.check(known: ["at", "why"])
        _ = try note.required("why", Read.string)
        differing[try Self.frameNumber(key, list.path)] = try note.required(
          "at", Read.list(Read.range))
      }
    }
    differingBytes = differing
  }

  private static func frameNumber(_ key: String, _ path: String) throws(VectorError) -> Int {
    guard let number = Int(key), number > 0 else {
      throw VectorError.malformed("\(path): '\(key)' is no number")
    }
    return number
  }

  private static func reasons(
    _ value: JSONValue, _ path: String
  ) throws(VectorError) -> [String: String] {
    let object = try JSONObject(value, at: path)
    var reasons: [String: String] = [:]
    for key in object.members.keys { reasons[key] = try object.required(key, Read.string) }
    return reasons
  }
}
