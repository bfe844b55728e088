// Fence: this file owns the memory of the translations.
//
// Memory: a `ZeroedMemory` of 32 bytes for each place of the connection table, or for one place when
// nothing is translated.
// Owner: the `TranslationTable` value, which cannot be copied, and whose memory lives as long.
// Soundness: an index is checked against `placeCount`.

import CLinux
import Wire

/// What FullNAT knows of one half of a connection, 32 bytes.
///
/// A connection has two entries in the connection table: requests find the one by the client's
/// endpoint, replies the other by the local one. Each has what its direction needs beside it.
struct Translation: Sendable {
  /// The place of the other half.
  var other: UInt32 = 0
  /// What this half's packets get in place of the endpoint by which they were found, as it stands in a
  /// frame: requests the local one as source, replies the client's as destination.
  var address: UInt32 = 0
  /// What is added to the client's sequence numbers.
  var shift: UInt32 = 0
  /// The client's first sequence number.
  var clientSequence: UInt32 = 0
  /// The real server's first sequence number, once it has told it.
  var serverSequence: UInt32 = 0
  var port: UInt16 = 0
  /// Where in the server's list the local port's pool is.
  var lease: UInt16 = 0
  /// What the rewriting of addresses and ports adds to checksums.
  var change = ChecksumChange(addresses: 0, ports: 0)
  var flags: TranslationFlags = []
  /// How many datagrams have carried the client's address.
  var toldCount: UInt8 = 0

  @inline(__always) var rawEndpoint: RawEndpoint { RawEndpoint(address: address, port: port) }
}

struct TranslationFlags: OptionSet, Sendable {
  let rawValue: UInt8

  /// The server's first sequence number is known.
  static var knowsServerSequence: Self { Self(rawValue: 1) }
  /// The server has acknowledged the PROXY header: all that follows is shifted by its length.
  static var isPrefixAcknowledged: Self { Self(rawValue: 2) }
}

/// The translations by place of the connection table.
@safe
struct TranslationTable: ~Copyable {
  private let memory: ZeroedMemory
  private let translations: UnsafeMutablePointer<Translation>
  private let placeCount: Int

  /// A table for places below `placeCount` (above 0).
  init(placeCount: Int) throws(TableMemoryError) {
    self.placeCount = placeCount
    memory = try ZeroedMemory(byteCount: placeCount * MemoryLayout<Translation>.stride)
    unsafe translations = memory.base.bindMemory(to: Translation.self, capacity: placeCount)
  }

  /// Starts loading the translations of the places of `bucket`: two cache lines.
  @inline(__always)
  func prefetch(_ bucket: Int) {
    let first = bucket &* ConnectionTable.laneCount
    guard first &+ ConnectionTable.laneCount <= placeCount else { return }
    unsafe clinux_prefetch_for_write(translations.advanced(by: first))
    unsafe clinux_prefetch_for_write(translations.advanced(by: first &+ 2))
  }

  /// The translation at `index`; traps outside the table.
  subscript(index: Int) -> Translation {
    @inline(__always) unsafeAddress {
      precondition(index >= 0 && index < placeCount)
      return unsafe UnsafePointer(translations.advanced(by: index))
    }
    @inline(__always) unsafeMutableAddress {
      precondition(index >= 0 && index < placeCount)
      return unsafe translations.advanced(by: index)
    }
  }
}
