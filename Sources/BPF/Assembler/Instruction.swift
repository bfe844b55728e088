/// A register of the eBPF machine (RFC 9669 section 4.1).
///
/// `result` holds what a call and the program answer, `first` to `fifth` are a call's arguments and
/// are lost by it, `kept6` to `kept9` outlive calls, `frame` is the end of the stack of 512 bytes and
/// cannot be written. A program begins with its context in `first`.
package enum Register: UInt8, Sendable {
  case result
  case first
  case second
  case third
  case fourth
  case fifth
  case kept6
  case kept7
  case kept8
  case kept9
  case frame
}

/// How many bytes a load or a store moves.
package enum Width: UInt8, Sendable {
  case byte = 0x10
  case half = 0x08
  case word = 0x00
  case double = 0x18
}

/// An operation on 64 bits; `shiftRight` brings in zeroes.
package enum Operation: UInt8, Sendable {
  case add = 0x00
  case subtract = 0x10
  case multiply = 0x20
  case or = 0x40
  case and = 0x50
  case shiftLeft = 0x60
  case shiftRight = 0x70
  case exclusiveOr = 0xa0
  case copy = 0xb0
}

/// A condition on 64 bits without sign; `anyOf` asks whether both have a bit in common.
package enum Condition: UInt8, Sendable {
  case equal = 0x10
  case above = 0x20
  case atLeast = 0x30
  case anyOf = 0x40
  case notEqual = 0x50
  case below = 0xa0
  case atMost = 0xb0
}

/// A function of the kernel (`enum bpf_func_id` of linux/bpf.h); none of these wants a GPL program.
package enum KernelFunction: Int32, Sendable {
  case mapLookup = 1
  case packetStore = 9
  case packetLoad = 26
  case packetAdjustRoom = 50
  case socketSetCallbackFlags = 59
  case socketStorageGet = 107
}

/// One word of an eBPF program: what the kernel calls `struct bpf_insn`.
package struct Instruction: Equatable, Sendable {
  /// Operation, registers, offset and constant, from the lowest byte upwards: the structure's bytes on
  /// a little-endian machine, and Swift runs on no other under Linux.
  package let word: UInt64

  /// The parts in the order of the structure: 8 bits, twice 4 bits, 16 bits, 32 bits.
  init(
    _ code: UInt8, destination: UInt8 = 0, source: UInt8 = 0, offset: Int16 = 0,
    constant: Int32 = 0
  ) {
    word =
      UInt64(code) | UInt64(destination | source << 4) << 8 | UInt64(UInt16(bitPattern: offset))
      << 16
      | UInt64(UInt32(bitPattern: constant)) << 32
  }

  init(word: UInt64) {
    self.word = word
  }

  /// The same jump over `distance` instructions.
  func jumping(_ distance: Int16) -> Self {
    Self(word: word & ~0xffff_0000 | UInt64(UInt16(bitPattern: distance)) << 16)
  }
}
