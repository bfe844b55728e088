import Frames
import TestSupport
import Testing
import Wire

/// Frames that become longer at their front.
@Suite struct FrameGrowthTests {
  private let port = PortIndex(1)
  private static let growth = FrameBatch.headroom - VirtioNetHeader.tunnelLength

  /// Three frames, of which the first ends where the second one's stride begins.
  private func batch() -> FrameBatch {
    var batch = FrameBatch()
    for (octet, length) in [(1, FrameBatch.stride - FrameBatch.headroom), (2, 60), (3, 4000)] {
      _ = batch.append(
        TestFrame([UInt8](repeating: UInt8(octet), count: length)), port: port)
    }
    return batch
  }

  @Test func everyFrameHasTheSameRoom() {
    let batch = batch()
    for index in 0..<batch.count { #expect(batch.roomBefore(index) == Self.growth) }
    #expect(Self.growth == 42)
  }

  @Test func prependsWithoutTouchingNeighbours() {
    for index in 0..<3 {
      var batch = batch()
      let before = (0..<3).map { TestFrame(copying: batch, at: $0).bytes }
      batch.prepend(Self.growth, at: index)
      #expect(batch.roomBefore(index) == 0)
      var bytes = batch.bytes(at: index)
      for offset in 0..<Self.growth { bytes.storeOctet(0xee, at: offset) }
      for other in 0..<3 {
        let new = [UInt8](repeating: 0xee, count: other == index ? Self.growth : 0)
        #expect(TestFrame(copying: batch, at: other).bytes == new + before[other])
      }
      #expect(batch[index].start >= index * FrameBatch.stride + VirtioNetHeader.tunnelLength)
    }
  }

  @Test func prependsBitByBit() {
    var batch = batch()
    for count in [0, 8, 28, 6] { batch.prepend(count, at: 1) }
    #expect(batch.roomBefore(1) == 0)
    #expect(batch[1].length == 102)
  }

  @Test func whatIsKnownOfAGrownFrameCanChange() {
    var batch = batch()
    batch.prepend(Self.growth, at: 0)
    batch[0].verdict = .transmit(PortIndex(0))
    batch.transmit(0, length: 20, by: PortIndex(2))
    #expect(batch[0].length == 20)
    #expect(batch[0].verdict == .transmit(PortIndex(2)))
  }

  @Test(arguments: [0, 1, 7, 8, 9, 34, 54, 55, 333, 400], [0, 8, 28, 42])
  func opensAGapAnywhere(offset: Int, count: Int) {
    var random = SplitMix64(seed: 3)
    let content = random.bytes(400)
    var batch = FrameBatch()
    _ = batch.append(TestFrame([9]), port: port)
    _ = batch.append(TestFrame(content), port: port)
    batch.openGap(count, behind: offset, at: 1)
    let grown = TestFrame(copying: batch, at: 1).bytes
    #expect(grown.count == 400 + count)
    #expect(Array(grown.prefix(offset)) == Array(content.prefix(offset)))
    #expect(Array(grown.dropFirst(offset + count)) == Array(content.dropFirst(offset)))
    #expect(TestFrame(copying: batch, at: 0).bytes == [9])
  }

  @Test func trapsWithoutRoom() async {
    await #expect(processExitsWith: .failure) {
      var batch = FrameBatch()
      batch.append(length: 100, port: PortIndex(0))
      batch.prepend(43, at: 0)
    }
    await #expect(processExitsWith: .failure) {
      var batch = FrameBatch()
      batch.append(length: 100, port: PortIndex(0))
      batch.append(length: 100, port: PortIndex(0))
      batch.prepend(36, at: 1)
      batch.prepend(7, at: 1)
    }
    await #expect(processExitsWith: .failure) {
      var batch = FrameBatch()
      batch.append(length: 100, port: PortIndex(0))
      batch.prepend(-1, at: 0)
    }
    await #expect(processExitsWith: .failure) {
      var batch = FrameBatch()
      batch.append(length: 100, port: PortIndex(0))
      batch.openGap(8, behind: 101, at: 0)
    }
    await #expect(processExitsWith: .failure) {
      var batch = FrameBatch()
      batch.append(length: 100, port: PortIndex(0))
      batch.openGap(8, behind: 20, at: 1)
    }
  }
}
