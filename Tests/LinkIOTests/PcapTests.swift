import Frames
import LinkIO
import Testing
import Wire

@Suite("Capture files")
struct PcapTests {
  private static let records = [
    PcapRecord(time: 1_700_000_000_123_456_000, bytes: [1, 2, 3]),
    PcapRecord(time: 1_700_000_001_000_000_000, bytes: []),
    PcapRecord(time: 4_294_967_295_999_999_000, bytes: [9, 8], originalLength: 1500),
  ]

  /// A file as another program would write it.
  private static func file(
    magic: UInt32, isLittleEndian: Bool, fraction: UInt32 = 123_456, version: UInt32 = 0x0002_0004,
    linkType: UInt32 = 1, length: UInt32 = 3, originalLength: UInt32 = 60
  ) -> [UInt8] {
    func number(_ value: UInt32) -> [UInt8] {
      let octets = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
      return isLittleEndian ? octets.reversed() : octets
    }
    let major = isLittleEndian ? version << 16 | version >> 16 : version
    return [magic, major, 0, 0, 262_144, linkType].flatMap(number)
      + [1_700_000_000, fraction, length, originalLength].flatMap(number) + [7, 7, 7]
  }

  @Test(arguments: [
    (0xa1b2_c3d4 as UInt32, false, 123_456_000 as UInt64), (0xa1b2_c3d4, true, 123_456_000),
    (0xa1b2_3c4d, false, 123_456), (0xa1b2_3c4d, true, 123_456),
  ])
  func everyFormIsRead(magic: UInt32, isLittleEndian: Bool, nanoseconds: UInt64) throws {
    let records = try PcapReader.records(
      in: Self.file(magic: magic, isLittleEndian: isLittleEndian))
    #expect(
      records == [
        PcapRecord(
          time: 1_700_000_000_000_000_000 + nanoseconds, bytes: [7, 7, 7], originalLength: 60)
      ])
  }

  @Test func whatIsWrittenIsReadBack() throws {
    var writer = PcapWriter()
    #expect(writer.append(all: Self.records) == [true, true, true])
    #expect(try PcapReader.records(in: writer.bytes) == Self.records)
  }

  @Test func aFileHasABound() throws {
    var writer = PcapWriter(limit: 24 + 16 + 3)
    let taken = writer.append(all: [
      PcapRecord(time: 0, bytes: [1, 2, 3, 4]), PcapRecord(time: 0, bytes: [1, 2, 3]),
      PcapRecord(time: 0, bytes: []),
    ])
    #expect(taken == [false, true, false])
    #expect(writer.bytes.count == 24 + 16 + 3)
    var tiny = PcapWriter(limit: 1)
    let isTaken = tiny.append(PcapRecord(time: 0, bytes: []))
    #expect(!isTaken)
  }

  @Test func whatHasNoFormIsNotWritten() {
    var writer = PcapWriter()
    let taken = writer.append(all: [
      PcapRecord(time: .max, bytes: []),
      PcapRecord(time: 0, bytes: [1, 2], originalLength: 1),
      PcapRecord(time: 0, bytes: [], originalLength: 1 << 32),
    ])
    #expect(taken == [false, false, false])
    #expect(writer.bytes.count == 24)
  }

  @Test func everyTruncationIsRefusedExceptBetweenPackets() throws {
    var writer = PcapWriter()
    var borders = [24]
    for record in Self.records {
      _ = writer.append(record)
      borders.append(writer.bytes.count)
    }
    for length in 0..<writer.bytes.count {
      let file = Array(writer.bytes.prefix(length))
      if let count = borders.firstIndex(of: length) {
        #expect(try PcapReader.records(in: file).count == count)
      } else {
        let error = #expect(throws: PcapError.self) { try PcapReader.records(in: file) }
        #expect(try #require(error).offset <= length)
      }
    }
  }

  @Test(arguments: [
    (file(magic: 0x0a0d_0d0a, isLittleEndian: true), 0, "magic number"),
    (file(magic: 0xa1b2_c3d4, isLittleEndian: true, version: 0x0003_0004), 4, "version 3"),
    (file(magic: 0xa1b2_c3d4, isLittleEndian: false, version: 0x0003_0004), 4, "version 3"),
    (file(magic: 0xa1b2_c3d4, isLittleEndian: true, linkType: 113), 20, "link type 113"),
    (file(magic: 0xa1b2_c3d4, isLittleEndian: true, linkType: 0x5000_0001), 20, "checksums"),
    (file(magic: 0xa1b2_c3d4, isLittleEndian: true, fraction: 1_000_000), 28, "parts of a second"),
    (
      file(magic: 0xa1b2_3c4d, isLittleEndian: true, fraction: 1_000_000_000), 28,
      "parts of a second"
    ),
    (file(magic: 0xa1b2_c3d4, isLittleEndian: true, length: 65_554), 32, "65554 bytes"),
    (file(magic: 0xa1b2_c3d4, isLittleEndian: true, length: .max), 32, "4294967295 bytes"),
    (file(magic: 0xa1b2_c3d4, isLittleEndian: true, originalLength: 2), 36, "packet of 2"),
    (
      file(magic: 0xa1b2_c3d4, isLittleEndian: true, length: 4), 43,
      "ends within a packet: 3 of 4 bytes"
    ),
  ])
  func hostileFilesAreRefused(file: [UInt8], offset: Int, text: String) throws {
    let error = #expect(throws: PcapError.self) { try PcapReader.records(in: file) }
    #expect(error?.offset == offset)
    #expect(try #require(error).description.contains(text), "\(error?.description ?? "")")
  }

  @Test func aLinkReplaysAndRecords() throws {
    var writer = PcapWriter()
    for number in 0..<65 {
      _ = writer.append(PcapRecord(time: UInt64(number) * 1000, bytes: [UInt8(number)]))
    }
    let link = try PcapLink(replaying: writer.bytes)
    var batch = FrameBatch()
    let first = link.receive(into: &batch, port: PortIndex(1))
    let (count, last) = (batch.count, batch.octets(at: 63))
    #expect(first == .full)
    #expect(count == 64)
    #expect(last == [63])
    let sent = link.transmit(5, of: batch)
    #expect(sent == .sent)
    batch.removeAll()
    let second = link.receive(into: &batch, port: PortIndex(1))
    let rest = batch.count
    #expect(second == .gone)
    #expect(rest == 1)
    let sentLast = link.transmit(0, of: batch)
    #expect(sentLast == .sent)
    #expect(
      try PcapReader.records(in: link.recording) == [
        PcapRecord(time: 63_000, bytes: [5]), PcapRecord(time: 64_000, bytes: [64]),
      ])
    #expect(link.failure == nil)
  }

  @Test func aLinkStopsAtWhatIsWrong() throws {
    var writer = PcapWriter()
    _ = writer.append(all: Self.records)
    let link = try PcapLink(replaying: writer.bytes.dropLast(), recordingAtMost: 30)
    var batch = FrameBatch()
    let outcome = link.receive(into: &batch, port: PortIndex(1))
    let count = batch.count
    #expect(outcome == .gone)
    #expect(count == 2)
    #expect(link.failure?.offset == writer.bytes.count - 1)
    let refusal = link.transmit(0, of: batch)
    #expect(refusal == .refused)
  }
}
