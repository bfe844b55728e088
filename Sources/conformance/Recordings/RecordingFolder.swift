import Foundation
import LinkIO

/// A folder of recordings and its list of them, `recordings.json`.
///
/// ```
/// {"replayed": {"tcp-fin": {"read_at_ms": [300, 850, 1400]}, "udp": {}},
///  "left_out": {"udp-ops": "needs one-packet scheduling"}}
/// ```
/// Of each that is replayed there are `NAME.pcap` and `NAME.ipvsadm` in the folder.
struct RecordingFolder {
  let path: String
  /// By name.
  let replayed: [(name: String, notes: RecordingNotes)]
  /// Names and reasons, by name.
  let leftOut: [(name: String, reason: String)]

  /// Reads the list in the folder at `path`.
  init(path: String) throws(SelectionError) {
    self.path = path
    let data = try Self.contents("\(path)/recordings.json")
    guard let document = try? JSONDecoder().decode(JSONValue.self, from: data) else {
      throw SelectionError("\(path)/recordings.json: is not JSON")
    }
    do throws(VectorError) {
      let list = try JSONObject(document, at: "")
      try list.check(known: ["replayed", "left_out"])
      let replayed = try list.required("replayed", Read.object)
      let leftOut = try list.required("left_out", Read.object)
      var notes: [(String, RecordingNotes)] = []
      for name in replayed.members.keys.sorted() {
        notes.append((name, try RecordingNotes(replayed.required(name, Read.object))))
      }
      var reasons: [(String, String)] = []
      for name in leftOut.members.keys.sorted() {
        reasons.append((name, try leftOut.required(name, Read.string)))
      }
      self.replayed = notes
      self.leftOut = reasons
    } catch {
      throw SelectionError("\(path)/recordings.json: \(error)")
    }
  }

  /// The recording `name` with its `notes`, read in full.
  func recording(_ name: String, _ notes: RecordingNotes) throws(SelectionError) -> Recording {
    let capture = try Self.contents("\(path)/\(name).pcap")
    let text = try Self.contents("\(path)/\(name).ipvsadm")
    let packets: [PcapRecord]
    do throws(PcapError) {
      packets = try PcapReader.records(in: [UInt8](capture))
    } catch {
      throw SelectionError("\(path)/\(name).pcap: \(error)")
    }
    do throws(VectorError) {
      return try Recording(
        packets, RecordingText(String(decoding: text, as: UTF8.self)), notes)
    } catch {
      throw SelectionError("\(path)/\(name): \(error)")
    }
  }

  private static func contents(_ path: String) throws(SelectionError) -> Data {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SelectionError("\(path): cannot be read")
    }
    return data
  }
}
