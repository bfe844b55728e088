/// The bytes written as hexadecimal digits in `text`; everything else in it is decoration.
func octets(_ text: String) -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { place in
    UInt8(digits[place] << 4 | digits[place + 1])
  }
}
