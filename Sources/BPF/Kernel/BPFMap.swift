// Fence: this file lends keys and values to bpf(2).
//
// Memory: arrays of bytes on the caller's side.
// Owner: the calling function.
// Soundness: the kernel reads and writes as many bytes as the map's key and value have, which the
// lengths of the arrays are checked against.

import CLinux
import Glibc
import Netlink

/// A table in the kernel that programs and this process share.
@safe
package struct BPFMap: Sendable {
  /// What a map is for, and the lengths of its keys and values in bytes.
  package struct Shape: Equatable, Sendable {
    package enum Kind: UInt32, Sendable {
      case hash = 1
      case array = 2
      /// Keys are a number of leading bits and an address; the longest that matches is found.
      case prefixes = 11
      /// A value for each socket; the kernel drops it with the socket.
      case socketStorage = 24
    }

    package let kind: Kind
    package let keySize: Int
    package let valueSize: Int
    /// The most elements; 0 for `socketStorage`, which has no bound.
    package let capacity: Int

    package init(_ kind: Kind, keySize: Int, valueSize: Int, capacity: Int) {
      self.kind = kind
      self.keySize = keySize
      self.valueSize = valueSize
      self.capacity = capacity
    }

    /// These kinds have to allocate as they go (BPF_F_NO_PREALLOC).
    fileprivate var flags: UInt32 {
      kind == .prefixes || kind == .socketStorage ? UInt32(BPF_F_NO_PREALLOC) : 0
    }
  }

  package let name: String
  package let shape: Shape
  package let descriptor: BPFDescriptor

  /// Makes a map; `name` is for people, who see its first 15 bytes.
  package init(_ name: String, _ shape: Shape) throws(BPFError) {
    self.name = name
    self.shape = shape
    do throws(SystemError) {
      descriptor = try Self.create(name, shape)
    } catch {
      if error.code == EINVAL {
        throw BPFError(.unsupported, "map \(name) cannot be made: this kernel lacks its kind")
      }
      throw BPFError(error, "map \(name) cannot be made")
    }
  }

  private static func create(_ name: String, _ shape: Shape) throws(SystemError) -> BPFDescriptor {
    var map = clinux_bpf_map()
    map.type = shape.kind.rawValue
    map.key_size = UInt32(shape.keySize)
    map.value_size = UInt32(shape.valueSize)
    map.capacity = UInt32(shape.capacity)
    map.flags = shape.flags
    guard shape.kind == .socketStorage else {
      return try BPFDescriptor(result: unsafe clinux_bpf_create_map(&map, name))
    }
    var types = TypeInformation()
    map.key_type = types.addInteger("u32", size: UInt32(shape.keySize))
    map.value_type = types.addInteger("u64", size: UInt32(shape.valueSize))
    let bytes = types.bytes
    let information = try BPFDescriptor(
      result: unsafe clinux_bpf_load_types(bytes, bytes.count))
    map.type_information = information.number
    return try BPFDescriptor(result: unsafe clinux_bpf_create_map(&map, name))
  }

  /// The map that is pinned at `path`; `nil` if there is none, or one of another shape.
  package init?(_ name: String, _ shape: Shape, pinnedAt path: String) throws(BPFError) {
    var information = bpf_map_info()
    do throws(SystemError) {
      guard let found = try BPFDescriptor(pinnedAt: path),
        unsafe clinux_bpf_describe_map(found.number, &information) == 0
      else { return nil }
      descriptor = found
    } catch {
      throw BPFError(error, "\(path) cannot be opened")
    }
    guard information.type == shape.kind.rawValue, information.key_size == shape.keySize,
      information.value_size == shape.valueSize, information.max_entries == shape.capacity
    else { return nil }
    self.name = name
    self.shape = shape
  }
}

// MARK: Elements

extension BPFMap {
  /// Sets the value of `key`.
  package func set(_ key: [UInt8], _ value: [UInt8]) throws(BPFError) {
    precondition(key.count == shape.keySize && value.count == shape.valueSize)
    var value = value
    guard
      unsafe clinux_bpf_element(command(BPF_MAP_UPDATE_ELEM), descriptor.number, key, &value) == 0
    else {
      let error = SystemError.last
      if error.code == E2BIG || error.code == ENOSPC {
        throw BPFError(.unsuitable, "map \(name) takes no more than \(shape.capacity) entries")
      }
      throw BPFError(error, "map \(name) cannot be written")
    }
  }

  /// The value of `key`; `nil` if it has none.
  package func value(of key: [UInt8]) -> [UInt8]? {
    precondition(key.count == shape.keySize)
    var value = [UInt8](repeating: 0, count: shape.valueSize)
    let result = unsafe clinux_bpf_element(
      command(BPF_MAP_LOOKUP_ELEM), descriptor.number, key, &value)
    return result == 0 ? value : nil
  }

  /// Removes `key`, which need not be there.
  package func remove(_ key: [UInt8]) {
    precondition(key.count == shape.keySize)
    unsafe clinux_bpf_element(command(BPF_MAP_DELETE_ELEM), descriptor.number, key, nil)
  }

  /// All keys.
  package var keys: [[UInt8]] {
    var keys: [[UInt8]] = []
    var next = [UInt8](repeating: 0, count: shape.keySize)
    var result = unsafe clinux_bpf_element(
      command(BPF_MAP_GET_NEXT_KEY), descriptor.number, nil, &next)
    while result == 0, keys.count < shape.capacity {
      keys.append(next)
      let current = next
      result = unsafe clinux_bpf_element(
        command(BPF_MAP_GET_NEXT_KEY), descriptor.number, current, &next)
    }
    return keys
  }

  private func command(_ command: bpf_cmd) -> Int32 { Int32(command.rawValue) }
}
