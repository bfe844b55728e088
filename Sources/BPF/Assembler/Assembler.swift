/// Writes an eBPF program (RFC 9669), instruction by instruction.
///
/// Jumps go to labels, which may stand before or behind them; `instructions()` puts the distances in.
/// What the program does with memory is for the kernel's verifier to judge.
package struct Assembler {
  /// The name of a place in the program.
  package typealias Label = String

  private var code: [Instruction] = []
  private var places: [Label: Int] = [:]
  private var jumps: [Jump] = []
  private var repeated: Label?

  /// A jump whose distance is not known yet.
  private struct Jump {
    let place: Int
    let target: Label
  }

  package init() {}

  /// Names the place of the next instruction.
  package mutating func label(_ label: Label) {
    if places.updateValue(code.count, forKey: label) != nil { repeated = repeated ?? label }
  }
}

// MARK: Values

extension Assembler {
  /// Applies `operation` to `register` and a constant, which is extended with its sign.
  package mutating func apply(_ operation: Operation, _ register: Register, _ constant: Int32) {
    code.append(
      Instruction(
        0x07 | operation.rawValue, destination: register.rawValue, constant: constant))
  }

  /// Applies `operation` to `register` and `other`.
  package mutating func apply(_ operation: Operation, _ register: Register, _ other: Register) {
    code.append(
      Instruction(
        0x0f | operation.rawValue, destination: register.rawValue, source: other.rawValue))
  }

  package mutating func set(_ register: Register, _ constant: Int32) {
    apply(.copy, register, constant)
  }

  package mutating func set(_ register: Register, _ other: Register) {
    apply(.copy, register, other)
  }

  /// Sets `register` to `base` plus `offset` bytes.
  package mutating func setAddress(_ register: Register, _ base: Register, _ offset: Int16) {
    set(register, base)
    apply(.add, register, Int32(offset))
  }

  /// Turns the lowest 16 bits from network order into the machine's, or back; the others become 0.
  package mutating func swapNetworkHalf(_ register: Register) {
    code.append(Instruction(0xdc, destination: register.rawValue, constant: 16))
  }

  /// Turns the lowest 32 bits from network order into the machine's, or back; the others become 0.
  package mutating func swapNetworkWord(_ register: Register) {
    code.append(Instruction(0xdc, destination: register.rawValue, constant: 32))
  }

  /// Sets `register` to the map of the descriptor `map`.
  package mutating func setMap(_ register: Register, _ map: Int32) {
    code.append(
      Instruction(0x18, destination: register.rawValue, source: 1, constant: map))
    code.append(Instruction(0))
  }
}

// MARK: Memory

extension Assembler {
  /// Loads from `offset` bytes behind `base`; the bits above the width become 0.
  package mutating func load(
    _ width: Width, _ register: Register, from base: Register, _ offset: Int16
  ) {
    code.append(
      Instruction(
        0x61 | width.rawValue, destination: register.rawValue, source: base.rawValue,
        offset: offset))
  }

  /// Stores the lowest bits of `register` at `offset` bytes behind `base`.
  package mutating func store(
    _ width: Width, _ register: Register, to base: Register, _ offset: Int16
  ) {
    code.append(
      Instruction(
        0x63 | width.rawValue, destination: base.rawValue, source: register.rawValue,
        offset: offset))
  }

  /// Stores a constant at `offset` bytes behind `base`.
  package mutating func store(
    _ width: Width, constant: Int32, to base: Register, _ offset: Int16
  ) {
    code.append(
      Instruction(
        0x62 | width.rawValue, destination: base.rawValue, offset: offset, constant: constant))
  }

  /// Adds `register` to the 64 bits at `offset` bytes behind `base`, atomically.
  package mutating func addAtomically(
    _ register: Register, to base: Register, _ offset: Int16
  ) {
    code.append(
      Instruction(
        0xdb, destination: base.rawValue, source: register.rawValue, offset: offset))
  }
}

// MARK: Control

extension Assembler {
  package mutating func jump(_ target: Label) {
    append(Instruction(0x05), to: target)
  }

  /// Jumps if `register` and a constant, which is extended with its sign, meet `condition`.
  package mutating func jump(
    _ target: Label, if register: Register, _ condition: Condition, _ constant: Int32
  ) {
    append(
      Instruction(
        0x05 | condition.rawValue, destination: register.rawValue, constant: constant),
      to: target)
  }

  /// Jumps if `register` and `other` meet `condition`.
  package mutating func jump(
    _ target: Label, if register: Register, _ condition: Condition, _ other: Register
  ) {
    append(
      Instruction(
        0x0d | condition.rawValue, destination: register.rawValue, source: other.rawValue),
      to: target)
  }

  package mutating func call(_ function: KernelFunction) {
    code.append(Instruction(0x85, constant: function.rawValue))
  }

  /// Ends the program, which answers `result`.
  package mutating func exit() {
    code.append(Instruction(0x95))
  }

  private mutating func append(_ jump: Instruction, to target: Label) {
    jumps.append(Jump(place: code.count, target: target))
    code.append(jump)
  }

  /// The program, with the distances of all jumps.
  package func instructions() throws(AssemblyError) -> [Instruction] {
    if let repeated { throw .labelRepeated(repeated) }
    var code = code
    for jump in jumps {
      guard let place = places[jump.target] else { throw .labelMissing(jump.target) }
      // No instruction stands behind the last one.
      guard place < code.count else { throw .labelAtTheEnd(jump.target) }
      guard let distance = Int16(exactly: place - jump.place - 1) else {
        throw .jumpTooFar(jump.target)
      }
      code[jump.place] = code[jump.place].jumping(distance)
    }
    return code
  }
}

/// Why a program cannot be put together: a mistake of its author.
package enum AssemblyError: Error, Equatable, Sendable {
  case labelRepeated(Assembler.Label)
  case labelMissing(Assembler.Label)
  case labelAtTheEnd(Assembler.Label)
  /// More than 32767 instructions away.
  case jumpTooFar(Assembler.Label)
}
