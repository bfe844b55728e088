// Fence: this file owns the memory of frame templates.
//
// Memory: one allocation of `count` times 64 bytes, made in `init`, freed in `deinit`.
// Owner: the `TemplatePool` value, which cannot be copied.
// Soundness: an index is checked against `count`; a template is written inside its 64 bytes, and
// copied to where an empty batch has room for its first frames.

import Director
import Frames
import Wire

/// Frames of 64 bytes, one behind the other, that are copied into a batch.
@safe
struct TemplatePool: ~Copyable {
  /// Bytes of a template: Ethernet, IP and TCP headers and ten bytes of payload.
  static let frameLength = 64

  /// The templates; `count` times `frameLength` bytes.
  @unsafe let base: UnsafeMutableRawPointer
  let count: Int

  /// Room for `count` templates, to be written before they are read.
  init(count: Int) {
    self.count = count
    unsafe base = .allocate(byteCount: max(1, count) * Self.frameLength, alignment: 64)
  }

  deinit { unsafe base.deallocate() }

  /// Writes a TCP segment with ten bytes of payload that belong to flow `flow`.
  func write(
    at index: Int, from source: Endpoint, to destination: Endpoint, sourceMAC: MACAddress,
    destinationMAC: MACAddress, flags: TCPFlags, flow: Int
  ) {
    precondition(index >= 0 && index < count)
    let frame = unsafe base.advanced(by: index * Self.frameLength)
    unsafe frame.initializeMemory(as: UInt8.self, repeating: 0, count: Self.frameLength)
    let words: [(Int, UInt16)] = [
      (0, UInt16(truncatingIfNeeded: destinationMAC.rawValue >> 32)),
      (2, UInt16(truncatingIfNeeded: destinationMAC.rawValue >> 16)),
      (4, UInt16(truncatingIfNeeded: destinationMAC.rawValue)),
      (6, UInt16(truncatingIfNeeded: sourceMAC.rawValue >> 32)),
      (8, UInt16(truncatingIfNeeded: sourceMAC.rawValue >> 16)),
      (10, UInt16(truncatingIfNeeded: sourceMAC.rawValue)),
      (12, EtherType.ipv4.rawValue), (14, 0x4500), (16, 50), (22, 64 << 8 | 6),
      (26, UInt16(source.address.rawValue >> 16)),
      (28, UInt16(truncatingIfNeeded: source.address.rawValue)),
      (30, UInt16(destination.address.rawValue >> 16)),
      (32, UInt16(truncatingIfNeeded: destination.address.rawValue)),
      (34, source.port), (36, destination.port), (46, 5 << 12 | UInt16(flags.rawValue)),
      (48, 0xff00), (54, UInt16(truncatingIfNeeded: flow >> 16)),
      (56, UInt16(truncatingIfNeeded: flow)),
    ]
    for (offset, word) in words { unsafe Self.store(word, frame, offset) }
    unsafe Self.store(Self.checksum(frame, from: 14, length: 20, initial: 0), frame, 24)
    let pseudo = InternetChecksum.pseudoHeaderSum(
      source: source.address, destination: destination.address, protocol: .tcp, length: 30)
    unsafe Self.store(Self.checksum(frame, from: 34, length: 30, initial: pseudo), frame, 50)
  }

  /// Makes the 64 templates from `index` on the only frames of `batch`, received by `port`.
  @inline(__always)
  func fill(_ batch: inout FrameBatch, from index: Int, port: PortIndex) {
    precondition(index >= 0 && index + FrameBatch.frameLimit <= count)
    batch.removeAll()
    var template = unsafe base.advanced(by: index * Self.frameLength)
    for _ in 0..<FrameBatch.frameLimit {
      unsafe batch.nextFrame.copyMemory(from: template, byteCount: Self.frameLength)
      batch.append(length: Self.frameLength, port: port)
      unsafe template = template.advanced(by: Self.frameLength)
    }
  }

  @unsafe
  private static func store(_ word: UInt16, _ frame: UnsafeMutableRawPointer, _ offset: Int) {
    unsafe frame.storeBytes(of: word.bigEndian, toByteOffset: offset, as: UInt16.self)
  }

  @unsafe
  private static func checksum(
    _ frame: UnsafeMutableRawPointer, from offset: Int, length: Int, initial: UInt16
  ) -> UInt16 {
    let span = unsafe RawSpan(_unsafeStart: frame.advanced(by: offset), byteCount: length)
    return ~InternetChecksum.sum(span, initial: initial)
  }
}
