// Fence: this file owns the memory of the candidates of a batch.
//
// Memory: one allocation of `FrameBatch.frameLimit` candidates, made and filled in `init`, freed in
// `deinit`.
// Owner: the `CandidateBatch` value, which cannot be copied.
// Soundness: every index is checked against `FrameBatch.frameLimit`.

import Frames
import Wire

/// A frame that may belong to an established flow, as the first pass saw it.
struct Candidate {
  /// The client's side; 0 when the frame is none.
  var key: UInt64 = 0
  /// The other side's endpoint: the virtual service's or the real server's.
  var peer = RawEndpoint(rawValue: 0)
  /// The bucket where the connection is searched first; of a reply to a local address its position in
  /// the reply index, or -1.
  var home: Int = 0
  var totalLength: UInt16 = 0
  /// IP and transport header together, in bytes.
  var headerLength: UInt16 = 0
  var isInbound = false
  var isTCP = false
  /// Whether it goes to a local address of FullNAT.
  var isToLocal = false
  var flags = TCPFlags()

  /// Whether it is TCP with options.
  @inline(__always) var hasOptions: Bool { isTCP && headerLength > 40 }
}

/// An address and a port as they stand in a frame, in one number: the address in the lower 32 bits, the
/// port in the 16 above.
struct RawEndpoint: Equatable, Sendable {
  let rawValue: UInt64

  @inline(__always)
  init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  @inline(__always)
  init(address: UInt32, port: UInt16) {
    rawValue = UInt64(address) | UInt64(port) << 32
  }

  init(_ endpoint: Endpoint) {
    self.init(
      address: endpoint.address.rawValue.byteSwapped, port: endpoint.port.byteSwapped)
  }

  /// No endpoint: equal to none of a frame.
  @inline(__always) static var none: Self { Self(rawValue: .max) }

  @inline(__always) var address: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
  @inline(__always) var port: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 32) }

  var endpoint: Endpoint {
    Endpoint(IPv4Address(rawValue: address.byteSwapped), port.byteSwapped)
  }
}

/// The candidates of one batch.
@safe
struct CandidateBatch: ~Copyable {
  private let candidates: UnsafeMutablePointer<Candidate>

  init() {
    unsafe candidates = .allocate(capacity: FrameBatch.frameLimit)
    unsafe candidates.initialize(repeating: Candidate(), count: FrameBatch.frameLimit)
  }

  deinit { unsafe candidates.deallocate() }

  subscript(index: Int) -> Candidate {
    @inline(__always) unsafeAddress {
      precondition(index >= 0 && index < FrameBatch.frameLimit)
      return unsafe UnsafePointer(candidates.advanced(by: index))
    }
    @inline(__always) unsafeMutableAddress {
      precondition(index >= 0 && index < FrameBatch.frameLimit)
      return unsafe candidates.advanced(by: index)
    }
  }
}
