import Frames
import TestSupport
import Testing
import Wire

@Suite struct FrameBatchTests {
  private let port = PortIndex(1)

  @Test func beginsEmpty() {
    let batch = FrameBatch()
    #expect(batch.isEmpty == true)
    #expect(batch.hasRoom == true)
    #expect(batch.count == 0)
  }

  @Test func keepsWhatIsAppended() {
    var batch = FrameBatch()
    var offload = VirtioNetHeader()
    offload.flags = .needsChecksum
    offload.checksumStart = 34
    let isIn = batch.append(TestFrame([1, 2, 3], offload: offload), port: port)
    #expect(isIn)
    #expect(batch.count == 1)
    #expect(TestFrame(copying: batch, at: 0) == TestFrame([1, 2, 3], offload: offload))
    #expect(batch[0].port == port)
    #expect(batch[0].length == 3)
    #expect(batch[0].verdict == .absorb)
  }

  @Test func acceptsAnEmptyFrame() {
    var batch = FrameBatch()
    let isIn = batch.append(TestFrame([]), port: port)
    #expect(isIn)
    #expect(batch.readBytes(at: 0).byteCount == 0)
  }

  /// Small frames stand a stride apart, each with its headroom and an aligned IP header.
  @Test func placesFramesAtStrides() {
    var batch = FrameBatch()
    for length in [0, 60, 1514, FrameBatch.stride - FrameBatch.headroom, 60] {
      let isIn = batch.append(TestFrame([UInt8](repeating: 7, count: length)), port: port)
      #expect(isIn)
    }
    for index in 0..<batch.count {
      #expect(batch[index].start == index * FrameBatch.stride + FrameBatch.headroom)
      #expect((batch[index].start + EthernetFrame.headerLength) % 16 == 0)
    }
    #expect(FrameBatch.stride / 64 % 2 == 1, "odd in cache lines")
  }

  @Test func largeFramesTakeSeveralStrides() {
    var batch = FrameBatch()
    for length in [FrameBatch.stride - FrameBatch.headroom + 1, 60] {
      let isIn = batch.append(TestFrame([UInt8](repeating: 7, count: length)), port: port)
      #expect(isIn)
    }
    #expect(batch[1].start == 2 * FrameBatch.stride + FrameBatch.headroom)
  }

  @Test func isFullAfter64SmallFrames() {
    var batch = FrameBatch()
    for index in 0..<FrameBatch.frameLimit {
      #expect(batch.hasRoom == true)
      let isIn = batch.append(TestFrame([UInt8(index)]), port: port)
      #expect(isIn)
    }
    #expect(batch.hasRoom == false)
    let isIn = batch.append(TestFrame([0]), port: port)
    #expect(!isIn)
    #expect(batch.count == FrameBatch.frameLimit)
    for index in 0..<FrameBatch.frameLimit {
      #expect(batch.readBytes(at: index).octet(at: 0) == UInt8(index))
    }
  }

  /// The last frame begins inside of the budget and may end behind it, whatever its length.
  @Test func isFullAfterTheByteBudget() {
    var batch = FrameBatch()
    let large = TestFrame([UInt8](repeating: 0xcc, count: FrameBatch.maximumFrameLength))
    var count = 0
    while batch.append(large, port: port) { count += 1 }
    #expect(count == 4)
    #expect(batch.hasRoom == false)
    for index in 0..<count {
      #expect(TestFrame(copying: batch, at: index) == large)
    }
  }

  /// Small frames up to the budget's edge, then the largest: the worst case for the memory.
  @Test func aLargeFrameFitsWhereverRoomIsLeft() {
    var batch = FrameBatch()
    let large = TestFrame([UInt8](repeating: 0xcc, count: FrameBatch.maximumFrameLength))
    for _ in 0..<3 {
      let isIn = batch.append(large, port: port)
      #expect(isIn)
    }
    let small = TestFrame([UInt8](repeating: 1, count: 60))
    while FrameBatch.byteBudget - batch[batch.count - 1].start > 2 * FrameBatch.stride {
      let isIn = batch.append(small, port: port)
      #expect(isIn)
    }
    let isIn = batch.append(large, port: port)
    #expect(isIn)
    #expect(TestFrame(copying: batch, at: batch.count - 1) == large)
    #expect(TestFrame(copying: batch, at: batch.count - 2) == small)
  }

  @Test func refusesOverlongFrames() {
    var batch = FrameBatch()
    let overlong = [UInt8](repeating: 0, count: FrameBatch.maximumFrameLength + 1)
    let isIn = batch.append(TestFrame(overlong), port: port)
    #expect(!isIn)
    #expect(batch.isEmpty == true)
  }

  @Test func forgetsAllFrames() {
    var batch = FrameBatch()
    while batch.append(TestFrame([1]), port: port) {}
    batch.removeAll()
    #expect(batch.isEmpty == true)
    #expect(batch.hasRoom == true)
    let isIn = batch.append(TestFrame([2]), port: port)
    #expect(isIn)
    #expect(TestFrame(copying: batch, at: 0) == TestFrame([2]))
    #expect(batch[0].verdict == .absorb)
  }

  @Test func changesBytesInPlace() {
    var batch = FrameBatch()
    let areIn = [
      batch.append(TestFrame([1, 2]), port: port), batch.append(TestFrame([3]), port: port),
    ]
    #expect(areIn == [true, true])
    var bytes = batch.bytes(at: 0)
    bytes.storeOctet(9, at: 1)
    #expect(TestFrame(copying: batch, at: 0).bytes == [1, 9])
    #expect(TestFrame(copying: batch, at: 1).bytes == [3])
  }

  @Test func slotsKeepWhatIsDecided() {
    var batch = FrameBatch()
    let isIn = batch.append(TestFrame([1, 2, 3]), port: port)
    #expect(isIn)
    batch[0].verdict = .transmit(PortIndex(0))
    batch[0].length = 2
    batch[0].start += 1
    #expect(batch[0].verdict == .transmit(PortIndex(0)))
    #expect(batch.readBytes(at: 0).byteCount == 2)
    #expect(TestFrame(copying: batch, at: 0).bytes == [2, 3])
  }

  @Test func trapsOutsideOfTheBatch() async {
    await #expect(processExitsWith: .failure) {
      let batch = FrameBatch()
      _ = batch[0]
    }
    await #expect(processExitsWith: .failure) {
      var batch = FrameBatch()
      batch.append(length: 1, port: PortIndex(0))
      batch[0].start = 0
    }
    await #expect(processExitsWith: .failure) {
      var batch = FrameBatch()
      batch.append(length: FrameBatch.maximumFrameLength + 1, port: PortIndex(0))
    }
  }
}
