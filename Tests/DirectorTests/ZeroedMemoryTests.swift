import Glibc
import Testing

@testable import Director

@Suite struct ZeroedMemoryTests {
  private static let page = 4096

  /// Which pages of the first `count` the kernel has given.
  private func resident(_ memory: borrowing ZeroedMemory, pages count: Int) -> [Bool] {
    var states = [UInt8](repeating: 0, count: count)
    let outcome = unsafe mincore(memory.base, count * Self.page, &states)
    #expect(outcome == 0)
    return states.map { $0 & 1 == 1 }
  }

  @Test func comesWhenItIsTouched() throws {
    let memory = try ZeroedMemory(byteCount: 16 * Self.page)
    #expect(resident(memory, pages: 16).allSatisfy { !$0 })
    unsafe memory.base.storeBytes(of: 1, toByteOffset: 5 * Self.page, as: UInt8.self)
    let seen = resident(memory, pages: 16)
    #expect(seen.enumerated().filter { $0.element }.map(\.offset) == [5])
  }

  @Test func comesAtOnce() throws {
    let memory = try ZeroedMemory(byteCount: 16 * Self.page)
    memory.populate()
    #expect(resident(memory, pages: 16).allSatisfy { $0 })
  }

  /// What is beyond the limit comes when it is touched.
  @Test func comesUpToALimit() throws {
    let limit = 64 << 20
    let memory = try ZeroedMemory(byteCount: limit + 16 * Self.page)
    memory.populate()
    let seen = resident(memory, pages: limit / Self.page + 16)
    #expect(seen.prefix(limit / Self.page).allSatisfy { $0 })
    #expect(seen.suffix(16).allSatisfy { !$0 })
  }

  @Test func keepsWhatItHasWhenItGrows() throws {
    var memory = try ZeroedMemory(byteCount: Self.page)
    unsafe memory.base.storeBytes(of: 0x1234_5678, toByteOffset: 8, as: UInt32.self)
    let grown = memory.grow(to: 1 << 20)
    #expect(grown)
    let kept = unsafe memory.base.load(fromByteOffset: 8, as: UInt32.self)
    let new = unsafe memory.base.load(fromByteOffset: (1 << 20) - 4, as: UInt32.self)
    #expect(kept == 0x1234_5678 && new == 0)
  }

  /// More than the address space has.
  @Test func staysWhenThereIsNoMore() throws {
    var memory = try ZeroedMemory(byteCount: Self.page)
    let grown = memory.grow(to: 1 << 50)
    #expect(!grown)
    unsafe memory.base.storeBytes(of: 1, as: UInt8.self)
  }
}
