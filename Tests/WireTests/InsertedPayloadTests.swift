import Testing
import Wire

/// Sequence numbers around payload that is put before a client's first byte.
@Suite struct InsertedPayloadTests {
  /// Some of them lie shortly before the numbers begin anew.
  static let firsts: [UInt32] = [1, 0x1111_1112, 0x7fff_fff8, 0x8000_0000, 0xffff_fff0, 0]

  @Test(arguments: firsts)
  func requestsBehindTheFirstByteAreShifted(first: UInt32) {
    let insertion = InsertedPayload(first: first, length: 28)
    #expect(insertion.inbound(first &- 1) == first &- 1, "the SYN, a probe")
    #expect(insertion.inbound(first) == first)
    for distance: UInt32 in [1, 27, 28, 29, 1000, 1 << 30] {
      #expect(insertion.inbound(first &+ distance) == first &+ distance &+ 28)
    }
  }

  @Test(arguments: firsts)
  func acknowledgmentsDoNotCountWhatIsInserted(first: UInt32) {
    let insertion = InsertedPayload(first: first, length: 28)
    #expect(insertion.outbound(first &- 1) == first &- 1)
    for distance: UInt32 in 0...28 { #expect(insertion.outbound(first &+ distance) == first) }
    for distance: UInt32 in [29, 30, 1000, 1 << 30] {
      #expect(insertion.outbound(first &+ distance) == first &+ distance &- 28)
    }
  }

  /// An acknowledgment of a byte of the client's, there and back.
  @Test(arguments: firsts)
  func theOtherDirectionUndoesIt(first: UInt32) {
    for isAcknowledged in [true, false] {
      let insertion = InsertedPayload(first: first, length: 28, isAcknowledged: isAcknowledged)
      for distance: UInt32 in [1, 2, 28, 29, 65_536, 1 << 30] {
        #expect(insertion.outbound(insertion.inbound(first &+ distance)) == first &+ distance)
      }
    }
  }

  @Test(arguments: firsts)
  func isAcknowledgedByAllOfIt(first: UInt32) {
    let insertion = InsertedPayload(first: first, length: 28)
    for distance: UInt32 in [0, 1, 27, 1 << 31, 0 &- 1] {
      #expect(!insertion.isAcknowledged(by: first &+ distance))
    }
    for distance: UInt32 in [28, 29, 1 << 30] {
      #expect(insertion.isAcknowledged(by: first &+ distance))
    }
  }

  /// A connection that has carried 2 GiB and more: numbers lie behind the first byte again, and are
  /// it.
  @Test(arguments: firsts)
  func numbersMayGoRound(first: UInt32) {
    let insertion = InsertedPayload(first: first, length: 28, isAcknowledged: true)
    for distance: UInt32 in [0, 1, 1 << 31, 3 << 30, 0 &- 1] {
      #expect(insertion.inbound(first &+ distance) == first &+ distance &+ 28)
      #expect(insertion.outbound(first &+ distance &+ 28) == first &+ distance)
      #expect(!insertion.belongs(into: first &+ distance, count: 100, [.ack, .psh]))
    }
  }

  /// Together with FullNAT's own shift, which is made behind it, and undone before.
  @Test func aConversation() {
    let insertion = InsertedPayload(first: 0x1111_1112, length: 28)
    let shift: UInt32 = 0x3000_0000
    #expect(!insertion.belongs(into: 0x1111_1112, count: 0, .ack), "the third segment")
    #expect(insertion.inbound(0x1111_1112) &+ shift == 0x4111_1112)
    #expect(insertion.belongs(into: 0x1111_1112, count: 18, [.ack, .psh]), "the first request")
    #expect(insertion.outbound(0x4111_1112 &+ 28 &+ 18 &- shift) == 0x1111_1124)
    #expect(insertion.inbound(0x1111_1124) &+ shift == 0x4111_1140, "the second request")
  }

  @Test func belongsIntoTheFirstBytesSegmentOrTheFIN() {
    let insertion = InsertedPayload(first: 500, length: 28)
    #expect(insertion.belongs(into: 500, count: 1, [.ack]))
    #expect(insertion.belongs(into: 500, count: 1460, [.ack, .psh, .fin]))
    #expect(insertion.belongs(into: 500, count: 0, [.ack, .fin]))
    #expect(!insertion.belongs(into: 500, count: 0, [.ack]), "a bare acknowledgment")
    #expect(!insertion.belongs(into: 500, count: 0, [.ack, .psh]))
    #expect(!insertion.belongs(into: 501, count: 10, [.ack]))
    #expect(!insertion.belongs(into: 499, count: 10, [.ack]))
    #expect(!insertion.belongs(into: 500, count: 10, [.rst, .ack]))
    #expect(!insertion.belongs(into: 500, count: 10, [.syn]))
  }
}
