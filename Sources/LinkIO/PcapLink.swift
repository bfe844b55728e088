package import Frames
import Wire

/// A device that receives what a capture file holds and records what is transmitted.
package final class PcapLink: FrameDevice {
  private var reader: PcapReader
  private var writer: PcapWriter

  /// The time of the packet received last, in nanoseconds since 1970; that of the next transmitted.
  package private(set) var time: UInt64 = 0

  /// What is wrong with the file, once it has been met; nothing more is received then.
  package private(set) var failure: PcapError?

  /// Replays the file with the contents `bytes` and records up to `limit` bytes.
  package init(
    replaying bytes: [UInt8], recordingAtMost limit: Int = PcapWriter.defaultLimit
  ) throws(PcapError) {
    reader = try PcapReader(bytes)
    writer = PcapWriter(limit: limit)
  }

  package var descriptor: Int32? { nil }

  /// The capture file of what was transmitted so far.
  package var recording: [UInt8] { writer.bytes }

  /// Appends the file's next packets, which are taken as whole and with complete checksums.
  ///
  /// A packet that the capture cut is shorter than it says and comes so. Answers `gone` at the end.
  package func receive(into batch: inout FrameBatch, port: PortIndex) -> ReceiveOutcome {
    while batch.hasRoom {
      guard let record = nextRecord() else { return .gone }
      time = record.time
      _ = batch.append(copying: record.bytes, port: port)
    }
    return .full
  }

  private func nextRecord() -> PcapRecord? {
    guard failure == nil else { return nil }
    do throws(PcapError) {
      return try reader.next()
    } catch {
      failure = error
      return nil
    }
  }

  /// Records the frame as it stands; refused when the recording is full.
  package func transmit(_ index: Int, of batch: borrowing FrameBatch) -> TransmitOutcome {
    let record = PcapRecord(time: time, bytes: batch.octets(at: index))
    return writer.append(record) ? .sent : .refused
  }
}
