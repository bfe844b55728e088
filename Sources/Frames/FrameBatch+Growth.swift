// Fence: this file moves bytes of a frame within the memory of its batch.
//
// Memory: that of the `FrameBatch`.
// Owner: the batch.
// Soundness: a frame grows only into the stride that it begins in, which no other frame touches,
// and leaves the virtio-net header's place before it; what is moved is checked against the frame's
// length.

public import Wire

extension FrameBatch {
  /// How many bytes the frame at `index` can grow by at its front; traps outside the batch.
  ///
  /// 42 for a frame as it came: the headroom without the place of the longest virtio-net header.
  @inlinable
  package func roomBefore(_ index: Int) -> Int {
    // Every frame begins at a multiple of `stride`, `headroom` bytes in.
    max(0, self[index].start % Self.stride - VirtioNetHeader.tunnelLength)
  }

  /// Puts `count` bytes, which the caller is to write, before the frame at `index`; traps outside
  /// the batch and when there is no room.
  @inlinable
  package mutating func prepend(_ count: Int, at index: Int) {
    precondition(count >= 0 && count <= roomBefore(index))
    var slot = self[index]
    slot.start -= count
    slot.length += count
    self[index] = slot
  }

  /// Opens a gap of `count` bytes, which the caller is to write, behind the first `offset` bytes of
  /// the frame at `index`; traps outside the batch and the frame, and when there is no room.
  ///
  /// What stands before the gap moves towards the front, the rest stays. Cost: `offset` bytes are
  /// copied.
  @inlinable
  package mutating func openGap(_ count: Int, behind offset: Int, at index: Int) {
    precondition(offset >= 0 && offset <= self[index].length)
    prepend(count, at: index)
    let start = unsafe base(at: index)
    // The two may overlap; `copyMemory` allows it.
    unsafe start.copyMemory(from: start.advanced(by: count), byteCount: offset)
  }
}
