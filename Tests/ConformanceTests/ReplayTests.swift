import Foundation
import Testing

@testable import conformance

/// The director does what Linux IPVS was recorded doing; what is left out stands with its reason in the
/// folder's `recordings.json`.
@Suite struct ReplayTests {
  @Test(arguments: CarriedRecordings.names, [EnginePath.fast, .slow])
  func agreesWithTheKernel(name: String, path: EnginePath) throws {
    let failures = try Replay(CarriedRecordings.recording(at: name), path).failures
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  /// Nothing lies in a folder unused, and nothing is both replayed and left out.
  @Test(arguments: CarriedRecordings.folders)
  func theListIsTheFolder(name: String) throws {
    let folder = try CarriedRecordings(name).folder
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let names = folder.replayed.map(\.name)
    let expected = names.flatMap { ["\($0).ipvsadm", "\($0).pcap"] } + ["recordings.json"]
    #expect(files.sorted() == expected.sorted())
    #expect(!names.isEmpty)
    for (name, reason) in folder.leftOut {
      #expect(!names.contains(name) && !reason.isEmpty, "\(name)")
    }
  }

  @Test(arguments: CarriedRecordings.folders)
  func establishedFlowsTakeTheFastPath(folder: String) throws {
    let recording = try CarriedRecordings.recording(at: "\(folder)/tcp-fin")
    #expect(try Replay(recording, .fast).fastPathCount > 0)
    #expect(try Replay(recording, .slow).fastPathCount == 0)
  }
}
