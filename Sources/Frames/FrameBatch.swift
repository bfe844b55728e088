// Fence: this file owns the memory of frames.
//
// Memory: one allocation of `memoryLength` bytes for frames and one of `limit` slots, made in `init`,
// freed in `deinit`.
// Owner: the `FrameBatch` value, which cannot be copied.
// Soundness: `append` alone makes slots, and only inside the allocation; an index is checked against
// `count`; a span lives no longer than the access that lent it.

public import Wire

/// The frames of one turn: read together, decided together, sent together.
///
/// ```
/// 0            66                                     2112
/// +------------+--------------------------------------+------------+-----
/// |headroom    |Ethernet frame                        |headroom    |...
/// | ...vnet 24 |                                      |            |
/// +------------+--------------------------------------+------------+-----
/// ```
/// Frames stand one behind the other at multiples of `stride`, which is odd in cache lines so that
/// equal offsets of neighbouring frames do not fall into the same cache set. A GSO frame of up to
/// 64 KiB takes as many strides as it needs. A batch that is read is full after 64 frames or 256 KiB,
/// whichever comes first, so that it stays in the cache.
@safe
@usableFromInline
package struct FrameBatch: ~Copyable {
  /// The most frames in a batch that is read.
  @inlinable package static var frameLimit: Int { 64 }

  /// No further frame of a batch that is read is begun behind this many bytes.
  @inlinable package static var byteBudget: Int { 256 * 1024 }

  /// The most frames of the director's own in one turn: every frame of a batch that is read may leave
  /// in several fragments, or its 320 KiB of GSO frames in segments.
  @inlinable package static var outboxFrameLimit: Int { 16 * frameLimit }

  /// Bytes before the Ethernet header: room for a virtio-net header and for an outer header.
  ///
  /// Two more than a cache line, so that the IP header is 16-byte aligned.
  @inlinable package static var headroom: Int { 66 }

  /// The largest frame: an Ethernet header, a VLAN tag and an IP packet of 65535 bytes.
  @inlinable package static var maximumFrameLength: Int { 14 + 4 + 65_535 }

  /// What a small frame takes.
  @inlinable package static var stride: Int { 2048 + 64 }

  /// The most frames in this batch.
  @usableFromInline let limit: Int
  /// How many frames it takes this time, at most `limit`.
  @usableFromInline var room: Int
  /// No further frame of this batch is begun behind this many bytes.
  @usableFromInline let budget: Int

  @usableFromInline var memoryLength: Int {
    budget + Self.headroom + Self.maximumFrameLength + Self.stride
  }

  @usableFromInline let memory: UnsafeMutableRawPointer
  @usableFromInline let slots: UnsafeMutablePointer<FrameSlot>
  @usableFromInline var cursor = 0

  /// The number of frames.
  @usableFromInline package internal(set) var count = 0

  /// An empty batch for `frameLimit` frames, none of which begins behind `byteBudget` bytes.
  ///
  /// Memory: the budget and 70 KiB, of which what is never used is never touched.
  package init(frameLimit: Int = Self.frameLimit, byteBudget: Int = Self.byteBudget) {
    precondition(frameLimit > 0 && byteBudget > 0)
    limit = frameLimit
    room = frameLimit
    budget = byteBudget
    unsafe memory = .allocate(
      byteCount: byteBudget + Self.headroom + Self.maximumFrameLength + Self.stride, alignment: 64)
    unsafe slots = .allocate(capacity: frameLimit)
  }

  /// An empty batch for the director's own frames of one turn.
  package static func outbox() -> FrameBatch {
    FrameBatch(frameLimit: outboxFrameLimit, byteBudget: outboxFrameLimit * stride)
  }

  deinit {
    unsafe memory.deallocate()
    unsafe slots.deallocate()
  }

  /// Whether another frame of any length has room.
  @inlinable package var hasRoom: Bool {
    count < room && cursor < budget
  }

  @inlinable package var isEmpty: Bool { count == 0 }

  /// Forgets all frames.
  @inlinable
  package mutating func removeAll() {
    removeAll(room: limit)
  }

  /// Forgets all frames, and takes `room` of them at most (from 1) until it forgets them again.
  @inlinable
  package mutating func removeAll(room: Int) {
    count = 0
    cursor = 0
    self.room = min(max(1, room), limit)
  }

  /// What is known of the frame at `index`; traps outside the batch.
  @inlinable
  package subscript(index: Int) -> FrameSlot {
    get {
      precondition(index >= 0 && index < count)
      return unsafe slots[index]
    }
    set {
      precondition(index >= 0 && index < count)
      precondition(newValue.start >= VirtioNetHeader.tunnelLength && newValue.length >= 0)
      precondition(newValue.start + newValue.length <= memoryLength)
      unsafe slots[index] = newValue
    }
  }

  /// Lets the first `length` bytes of the frame at `index` be sent by `port`, with checksums that are
  /// partial if they were; traps outside the batch and outside the frame.
  @inlinable
  package mutating func transmit(_ index: Int, length: Int, by port: PortIndex) {
    precondition(index >= 0 && index < count)
    precondition(unsafe length >= 0 && length <= slots[index].length)
    unsafe slots[index].length = length
    unsafe slots[index].verdict = .transmit(port)
    // In numbers: the set operations of another module are generic calls.
    var kept = VirtioNetHeader.Flags.needsChecksum.rawValue
    if unsafe slots[index].offload.gsoType.isInUDPTunnel {
      kept |= VirtioNetHeader.Flags.tunnelChecksum.rawValue
    }
    let flags = unsafe slots[index].offload.flags.rawValue & kept
    unsafe slots[index].offload.flags = VirtioNetHeader.Flags(rawValue: flags)
  }

  /// Where the Ethernet header of the next frame goes: `headroom` bytes before it and
  /// `maximumFrameLength` behind it may be written.
  ///
  /// Call only while `hasRoom`.
  @inlinable
  @unsafe
  package var nextFrame: UnsafeMutableRawPointer {
    unsafe memory.advanced(by: cursor + Self.headroom)
  }

  /// Makes the `length` bytes at `nextFrame` the batch's last frame; traps when there is no room.
  @inlinable
  package mutating func append(
    length: Int, port: PortIndex, offload: VirtioNetHeader = VirtioNetHeader()
  ) {
    precondition(hasRoom && length >= 0 && length <= Self.maximumFrameLength)
    unsafe slots.advanced(by: count).initialize(
      to: FrameSlot(
        start: cursor + Self.headroom, length: length, port: port, offload: offload))
    count &+= 1
    let end = cursor + Self.headroom + length
    cursor = (end + Self.stride - 1) / Self.stride * Self.stride
  }

  /// Appends a copy of `bytes`; `false` when there is no room or they are longer than a frame.
  package mutating func append(
    copying bytes: RawSpan, port: PortIndex, offload: VirtioNetHeader = VirtioNetHeader()
  ) -> Bool {
    guard hasRoom, bytes.byteCount <= Self.maximumFrameLength else { return false }
    unsafe bytes.withUnsafeBytes { source in
      if let base = source.baseAddress {
        unsafe nextFrame.copyMemory(from: base, byteCount: source.count)
      }
    }
    append(length: bytes.byteCount, port: port, offload: offload)
    return true
  }

  /// Appends a frame of copies of `head` and, behind it, `tail`; `false` when there is no room or they
  /// are longer than a frame.
  package mutating func append(
    copying head: RawSpan, _ tail: RawSpan, port: PortIndex
  ) -> Bool {
    let length = head.byteCount + tail.byteCount
    guard hasRoom, length <= Self.maximumFrameLength else { return false }
    unsafe head.withUnsafeBytes { source in
      if let base = source.baseAddress {
        unsafe nextFrame.copyMemory(from: base, byteCount: source.count)
      }
    }
    unsafe tail.withUnsafeBytes { source in
      if let base = source.baseAddress {
        unsafe nextFrame.advanced(by: head.byteCount)
          .copyMemory(from: base, byteCount: source.count)
      }
    }
    append(length: length, port: port)
    return true
  }

  /// Appends a copy of `bytes`; `false` when there is no room or they are longer than a frame.
  package mutating func append(
    copying bytes: [UInt8], port: PortIndex, offload: VirtioNetHeader = VirtioNetHeader()
  ) -> Bool {
    append(copying: unsafe bytes.span.bytes, port: port, offload: offload)
  }

  /// The bytes of the frame at `index` from `offset` on, lent for one access; traps outside the batch
  /// and outside the frame.
  @inlinable
  @_lifetime(&self)
  package mutating func bytes(at index: Int, from offset: Int = 0) -> MutableRawSpan {
    let slot = self[index]
    precondition(offset >= 0 && offset <= slot.length)
    let span = unsafe MutableRawSpan(
      _unsafeStart: memory.advanced(by: slot.start + offset), byteCount: slot.length - offset)
    return unsafe _overrideLifetime(span, mutating: &self)
  }

  /// The bytes of the frame at `index`, lent for reading; traps outside the batch.
  @inlinable
  @_lifetime(borrow self)
  package func readBytes(at index: Int) -> RawSpan {
    let slot = self[index]
    let span = unsafe RawSpan(
      _unsafeStart: memory.advanced(by: slot.start), byteCount: slot.length)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// The Ethernet header of the frame at `index`, with `headroom` bytes before it.
  ///
  /// The pointer dies with the batch; the caller keeps to the slot's length. For the fast path and
  /// for devices.
  @inlinable
  @unsafe
  package func base(at index: Int) -> UnsafeMutableRawPointer {
    unsafe memory.advanced(by: self[index].start)
  }
}
