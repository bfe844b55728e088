import TestSupport
import Testing

@testable import conformance

@Suite struct SelectionTests {
  private let file: conformance.VectorFile

  init() throws {
    file = try CarriedVectors().file
  }

  @Test func choosesByAreaModeAndID() throws {
    let all = try file.select(areas: nil, modes: nil, except: [])
    #expect(all.count == file.entries.count)
    let some = try file.select(areas: ["nat", "arp"], modes: ["LOCAL"], except: ["ARP-013"])
    #expect(!some.isEmpty)
    #expect(some.allSatisfy { $0.area == "arp" && $0.mode == "LOCAL" && $0.id != "ARP-013" })
  }

  @Test(
    arguments: [
      (["nowhere"], nil, [], "unknown area 'nowhere'"),
      (["nat"], ["nat"], [], "unknown mode 'nat'"),
      (nil, nil, ["NAT-000"], "unknown vector 'NAT-000'"),
      (["nat"], ["LOCAL"], [], "the selection has no vectors"),
    ] as [([String]?, [String]?, [String], String)])
  func refuses(areas: [String]?, modes: [String]?, except: [String], message: String) throws {
    let error = #expect(throws: SelectionError.self) {
      try file.select(areas: areas, modes: modes, except: except)
    }
    #expect(error?.description.hasPrefix(message) == true)
  }

  @Test(arguments: [
    ("schedulers.json", "is no object"), ("tcp-states.json", "topology"),
    ("missing.json", "cannot be read"),
  ])
  func refusesOtherFiles(name: String, message: String) {
    let path = TestSupport.VectorFile.path(name)
    let error = #expect(throws: SelectionError.self) { try conformance.VectorFile(path: path) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: ["", ",", "nat,", ",nat", "nat,,arp"])
  func refusesEmptyNames(list: String) {
    #expect(CommaSeparated(argument: list) == nil)
  }

  @Test func splitsAtCommas() {
    #expect(CommaSeparated(argument: "nat,arp")?.names == ["nat", "arp"])
  }
}
