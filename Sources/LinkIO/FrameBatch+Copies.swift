// Fence: this file copies frames out of a batch.
//
// Memory: the batch's, read only while it is borrowed.
// Owner: the caller's `FrameBatch`.
// Soundness: the span that the batch lends carries its bounds.

package import Frames

extension FrameBatch {
  /// A copy of the frame at `index`; traps outside the batch.
  package borrowing func octets(at index: Int) -> [UInt8] {
    unsafe readBytes(at: index).withUnsafeBytes { unsafe [UInt8]($0) }
  }
}
