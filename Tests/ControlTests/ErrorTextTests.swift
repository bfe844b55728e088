import Testing

@testable import Control

/// What is said of a director that answers nonsense.
@Suite struct ErrorTextTests {
  @Test(arguments: ["\n", "\r", "\u{b}", "\u{1b}", "\u{7f}", "\u{85}", "\u{2028}"])
  func nothingMovesTheCursor(character: Character) throws {
    let text = "before\(character)after"
    for error in [ControlError.malformed(text), .refused(text), .denied(text)] {
      let scalar = try #require(character.unicodeScalars.first)
      #expect(error.description.contains("before\\u{\(String(scalar.value, radix: 16))}after"))
      #expect(!error.description.contains(character))
    }
  }

  @Test func textIsLeftAlone() {
    #expect(ControlError.refused("größer: \"a\\b\" 漢").description == "größer: \"a\\b\" 漢")
  }
}
