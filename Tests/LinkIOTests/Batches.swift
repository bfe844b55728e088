import Frames
import LinkIO
import Wire

/// A batch of `frames`, which all have room.
func makeBatch(_ frames: [[UInt8]], offload: VirtioNetHeader = VirtioNetHeader()) -> FrameBatch {
  var batch = FrameBatch()
  for frame in frames {
    let hasRoom = batch.append(copying: frame, port: PortIndex(0), offload: offload)
    precondition(hasRoom)
  }
  return batch
}

extension PcapWriter {
  /// Which of `records` were taken.
  mutating func append(all records: [PcapRecord]) -> [Bool] {
    records.map { append($0) }
  }
}
