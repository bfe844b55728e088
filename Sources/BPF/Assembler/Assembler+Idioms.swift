/// Sequences that several programs use.
extension Assembler {
  /// Leaves a pointer to the value of the key at `offset` bytes behind `frame` in `result`, or 0.
  mutating func lookUp(in map: Int32, keyAt offset: Int16) {
    setMap(.first, map)
    setAddress(.second, .frame, offset)
    call(.mapLookup)
  }

  /// Leaves a pointer in `result`, or 0, that says whether the address in `register`, which is in
  /// network order, is in a map of prefixes.
  ///
  /// The key is built in 8 bytes at `offset` behind `frame`.
  mutating func lookUpAddress(_ register: Register, in map: Int32, keyAt offset: Int16) {
    store(.word, constant: 32, to: .frame, offset)
    store(.word, register, to: .frame, offset + 4)
    lookUp(in: map, keyAt: offset)
  }

  /// Adds 1 to the counter whose index the word at `offset` bytes behind `frame` holds; `label` has to
  /// be new.
  mutating func count(in map: Int32, indexAt offset: Int16, _ label: Label) {
    lookUp(in: map, keyAt: offset)
    jump(label, if: .result, .equal, 0)
    set(.first, 1)
    addAtomically(.first, to: .result, 0)
    self.label(label)
  }
}
