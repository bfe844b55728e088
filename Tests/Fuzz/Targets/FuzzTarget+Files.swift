import Configuration
import Director
import Foundation
import Frames
import LinkIO
import TestSupport
import Wire

// What comes from files: frames told to people, captures, configurations.

extension FuzzTarget {
  /// A virtio-net header of 10 bytes and a frame.
  static let description = FuzzTarget("description", seeds: SeedFrame.all.map(\.bytes)) {
    input throws(Violation) in
    let offload = VirtioNetHeader(input.rawSpan)
    let frame = Array(input.dropFirst(offload == nil ? 0 : VirtioNetHeader.length))
    let fields = FrameDescription(frame.rawSpan, offload: offload).fields
    for field in fields {
      try expect(field.range.upperBound <= frame.count, "\(field.fullName) past the frame")
      try expect(!field.name.isEmpty && !field.layer.isEmpty, "a field without a name")
    }
    let comparison = FrameComparison(
      expected: frame.rawSpan, offload, actual: frame.rawSpan, offload)
    try expect(comparison.isEqual, "a frame differs from itself:\n\(comparison)")
    return fields.count > 12
  }

  static let pcap = FuzzTarget("pcap", seeds: pcapSeeds()) { input throws(Violation) in
    let records: [PcapRecord]
    do throws(PcapError) {
      records = try PcapReader.records(in: input)
    } catch {
      try expect(error.offset >= 0 && error.offset <= input.count, "\(error): not in the file")
      try expect(!error.message.isEmpty, "no message")
      return false
    }
    var writer = PcapWriter()
    for record in records {
      try expect(record.bytes.count <= record.originalLength, "longer than it was")
      guard writer.append(record) else { throw Violation("read and not written: \(record)") }
    }
    guard let again = try? PcapReader.records(in: writer.bytes) else {
      throw Violation("written and not read")
    }
    try expect(again == records, "written otherwise than read")
    return !records.isEmpty
  }

  private static func pcapSeeds() -> [[UInt8]] {
    var writer = PcapWriter()
    for (number, seed) in SeedFrame.all.enumerated() where seed.frame.bytes.count < 100 {
      _ = writer.append(PcapRecord(time: UInt64(number) * 1_500_000_000, bytes: seed.frame.bytes))
    }
    return [Array(writer.bytes.prefix(24)), writer.bytes, Array(writer.bytes.prefix(300))]
  }

  static let configuration = FuzzTarget("configuration", seeds: configurationSeeds()) {
    input throws(Violation) in
    let parsed: ApplianceConfiguration
    do throws(ConfigurationError) {
      parsed = try ApplianceConfiguration.parse(input, file: "f")
    } catch {
      try expect(!error.findings.isEmpty, "refused without a finding")
      for finding in error.findings {
        try expect(!finding.found.isEmpty && !finding.wanted.isEmpty, "says nothing: \(finding)")
        try expect(
          !finding.description.contains(where: \.isNewline), "more than one line: \(finding)")
      }
      return false
    }
    try expect(parsed.bindings.count == parsed.director.ports.count, "bindings")
    // Whatever is accepted, the director can be made from it.
    var configuration = parsed.director
    configuration.connectionLimit = min(configuration.connectionLimit, 64)
    guard
      var director = try? Director(configuration: configuration, seed: 1, at: .zero)
    else { throw Violation("no director") }
    var outbox = FrameBatch()
    director.advance(to: .zero, outbox: &outbox)
    try expect(outbox.count > 0, "it announces nothing")
    return true
  }

  private static func configurationSeeds() -> [[UInt8]] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let fixtures = tests.appendingPathComponent("ConfigurationTests/Fixtures")
    return ["base.yaml", "methods.yaml", "ten-mistakes.yaml"].compactMap {
      try? [UInt8](Data(contentsOf: fixtures.appendingPathComponent($0)))
    }
  }
}
