import Foundation
import Testing

@testable import BPF

/// The program of Twins/decapsulation.c, as the toolchain's clang translates it.
struct ClangTwin {
  /// Whether clang is here and knows the machine.
  static let isPossible: Bool = {
    guard let targets = try? run(["clang", "--print-targets"]) else { return false }
    return String(decoding: targets, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      .contains("bpf")
  }()

  private let words: [UInt64]

  /// Translates it for `rules`.
  init(_ rules: DecapsulationRules) throws {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Twins/decapsulation.c").path
    let choice = Encapsulation.allCases.map { encapsulation in
      let isChosen = rules.encapsulations.contains(encapsulation)
      return "-D\(encapsulation.rawValue.uppercased())=\(isChosen ? 1 : 0)"
    }
    let object = try Self.run(
      [
        "clang", "-target", "bpf", "-O2", "-Wall", "-Werror", "-DPORT=\(rules.port)", "-c", source,
        "-o", "-",
      ] + choice)
    let code = try #require(Self.section("tc", of: object))
    words = stride(from: 0, to: code.count, by: 8).map { Self.number(code, $0, 8) }
  }

  /// The program with the descriptors of its maps in the places of their numbers.
  func instructions(directors: Int32, addresses: Int32, counters: Int32) -> [Instruction] {
    var words = words
    for (number, map) in [(1, directors), (2, addresses), (3, counters)] {
      for place in words.indices.dropLast()
      where words[place] & 0xff == 0x18 && words[place] >> 32 == UInt64(number)
        && words[place + 1] == 0x7461_7076_0000_0000
      {
        words[place] = words[place] & 0xffff | 0x1000 | UInt64(UInt32(bitPattern: map)) << 32
        words[place + 1] = 0
      }
    }
    return words.map(Instruction.init(word:))
  }

  /// The bytes of the section `name` of an ELF file of 64 bits.
  private static func section(_ name: String, of file: [UInt8]) -> [UInt8]? {
    guard file.count >= 64 else { return nil }
    let table = Int(number(file, 40, 8))
    let size = Int(number(file, 58, 2))
    let names = table + size * Int(number(file, 62, 2))
    let text = Int(number(file, names + 24, 8))
    for header in (0..<Int(number(file, 60, 2))).map({ table + size * $0 }) {
      let begin = text + Int(number(file, header, 4))
      guard file[begin...].starts(with: Array(name.utf8) + [0]) else { continue }
      let offset = Int(number(file, header + 24, 8))
      return Array(file[offset..<(offset + Int(number(file, header + 32, 8)))])
    }
    return nil
  }

  private static func number(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> UInt64 {
    bytes[offset..<(offset + size)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func run(_ command: [String]) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    return [UInt8](bytes)
  }
}
