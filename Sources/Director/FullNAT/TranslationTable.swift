// Fence: this file owns the memory of the translations.
//
// Memory: a `ZeroedMemory` of 8 bytes and one of 16 for each place of the connection table, or for one
// place when nothing is translated.
// Owner: the `TranslationTable` value, which cannot be copied, and whose memory lives as long.
// Soundness: an index is checked against `placeCount`.

import CLinux
import Wire

/// What every request of a connection needs to know with FullNAT, 8 bytes: those of two buckets of the
/// connection table are one cache line.
struct Translation: Sendable {
  /// What is added to the client's sequence numbers.
  var shift: UInt32 = 0
  /// The local endpoint's port as it stands in a frame.
  var port: UInt16 = 0
  /// Where in the server's list the local port's pool is, which has the local endpoint's address.
  var lease: UInt8 = 0
  var flags: TranslationFlags = []
}

/// What few packets need to know.
struct TranslationDetails: Sendable {
  /// The client's first sequence number.
  var clientSequence: UInt32 = 0
  /// The real server's first sequence number, once it has told it.
  var serverSequence: UInt32 = 0
  /// What is added to the client's timestamps; the first of them until the client has told its own.
  var timestampShift: UInt32 = 0
  /// How many datagrams have carried the client's address.
  var toldCount: UInt8 = 0
}

struct TranslationFlags: OptionSet, Sendable {
  let rawValue: UInt8

  /// The server's first sequence number is known.
  static var knowsServerSequence: Self { Self(rawValue: 1) }
  /// The server has acknowledged the PROXY header: all that follows is shifted by its length.
  static var isPrefixAcknowledged: Self { Self(rawValue: 2) }
  /// The client's SYN, with which the shift of timestamps is known, is on its way.
  static var awaitsTimestamp: Self { Self(rawValue: 4) }
  /// The details' `timestampShift` is not 0.
  static var shiftsTimestamps: Self { Self(rawValue: 8) }
  /// As many datagrams as are to have carried the client's address.
  static var hasTold: Self { Self(rawValue: 16) }
}

/// The translations by place of the connection table.
@safe
struct TranslationTable: ~Copyable {
  private let memory: ZeroedMemory
  private let detailsMemory: ZeroedMemory
  private let translations: UnsafeMutablePointer<Translation>
  private let details: UnsafeMutablePointer<TranslationDetails>
  private let placeCount: Int

  /// A table for places below `placeCount` (above 0).
  init(placeCount: Int) throws(TableMemoryError) {
    let memory = try ZeroedMemory(byteCount: placeCount * MemoryLayout<Translation>.stride)
    let detailsMemory = try ZeroedMemory(
      byteCount: placeCount * MemoryLayout<TranslationDetails>.stride)
    self.placeCount = placeCount
    unsafe translations = memory.base.bindMemory(to: Translation.self, capacity: placeCount)
    unsafe details = detailsMemory.base.bindMemory(
      to: TranslationDetails.self, capacity: placeCount)
    self.memory = memory
    self.detailsMemory = detailsMemory
  }

  /// Takes the memory now, see `ZeroedMemory.populate`.
  func populate() {
    memory.populate()
    detailsMemory.populate()
  }

  /// Starts loading the translations of the places of `bucket`.
  @inline(__always)
  func prefetch(_ bucket: Int) {
    let first = bucket &* ConnectionTable.laneCount
    guard first &+ ConnectionTable.laneCount <= placeCount else { return }
    unsafe clinux_prefetch_for_write(translations.advanced(by: first))
  }

  /// Starts loading the details of the places of `bucket`.
  @inline(__always)
  func prefetchDetails(_ bucket: Int) {
    let first = bucket &* ConnectionTable.laneCount
    guard first &+ ConnectionTable.laneCount <= placeCount else { return }
    unsafe clinux_prefetch_for_write(details.advanced(by: first))
  }

  /// What is added to the timestamps of the client at `index`, see `TranslationDetails`.
  subscript(timestampShift index: Int) -> UInt32 {
    @inline(__always) get {
      self[index].flags.contains(.shiftsTimestamps) ? self[details: index].timestampShift : 0
    }
    set {
      self[details: index].timestampShift = newValue
      if newValue == 0 {
        self[index].flags.remove(.shiftsTimestamps)
      } else {
        self[index].flags.insert(.shiftsTimestamps)
      }
    }
  }

  /// How many datagrams of the client at `index` have carried its address.
  subscript(toldCount index: Int) -> UInt8 {
    get { self[details: index].toldCount }
    set {
      self[details: index].toldCount = newValue
      if newValue >= DatagramOption.tellingCount { self[index].flags.insert(.hasTold) }
    }
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

  /// The details at `index`; traps outside the table.
  subscript(details index: Int) -> TranslationDetails {
    @inline(__always) unsafeAddress {
      precondition(index >= 0 && index < placeCount)
      return unsafe UnsafePointer(details.advanced(by: index))
    }
    @inline(__always) unsafeMutableAddress {
      precondition(index >= 0 && index < placeCount)
      return unsafe details.advanced(by: index)
    }
  }
}
