/// The description of types that the kernel wants with a map of socket storage (its "BTF").
///
/// Only integers: the keys and values of our maps are no more.
package struct TypeInformation: Equatable, Sendable {
  private var types: [UInt32] = []
  private var strings: [UInt8] = [0]
  private var count: UInt32 = 0

  package init() {}

  /// Adds an integer of `size` bytes without sign and answers its number.
  package mutating func addInteger(_ name: String, size: UInt32) -> UInt32 {
    let kind: UInt32 = 1
    types += [UInt32(strings.count), kind << 24, size, size * 8]
    strings += Array(name.utf8) + [0]
    count += 1
    return count
  }

  /// A header of 24 bytes, the types and the strings, in the machine's order.
  package var bytes: [UInt8] {
    let magicAndVersion: UInt32 = 0x0001_eb9f
    let typeLength = UInt32(types.count * 4)
    let header = [
      magicAndVersion, 24, 0, typeLength, typeLength, UInt32(strings.count),
    ]
    return (header + types).flatMap(\.nativeBytes) + strings
  }
}

extension FixedWidthInteger {
  /// The bytes as they lie in memory.
  package var nativeBytes: [UInt8] {
    let value = littleEndian
    return stride(from: 0, to: Self.bitWidth, by: 8).map { shift in
      UInt8(truncatingIfNeeded: value >> Self(shift))
    }
  }
}
