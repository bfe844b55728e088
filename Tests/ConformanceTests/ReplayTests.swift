import Foundation
import Testing

@testable import conformance

/// The director does what Linux IPVS was recorded doing; what is left out stands with its reason in
/// `Tests/Recordings/nat/recordings.json`.
@Suite struct ReplayTests {
  private let recordings: CarriedRecordings

  init() throws {
    recordings = try CarriedRecordings()
  }

  @Test(arguments: CarriedRecordings.names, [EnginePath.fast, .slow])
  func agreesWithTheKernel(name: String, path: EnginePath) throws {
    let failures = try Replay(recordings.recording(name), path).failures
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  /// Nothing lies in the folder unused, and nothing is both replayed and left out.
  @Test func theListIsTheFolder() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: recordings.folder.path)
    let names = CarriedRecordings.names
    let expected = names.flatMap { ["\($0).ipvsadm", "\($0).pcap"] } + ["recordings.json"]
    #expect(files.sorted() == expected.sorted())
    #expect(!names.isEmpty)
    for (name, reason) in recordings.folder.leftOut {
      #expect(!names.contains(name) && !reason.isEmpty, "\(name)")
    }
  }

  @Test func establishedFlowsTakeTheFastPath() throws {
    let recording = try recordings.recording("tcp-fin")
    #expect(try Replay(recording, .fast).fastPathCount > 0)
    #expect(try Replay(recording, .slow).fastPathCount == 0)
  }
}
