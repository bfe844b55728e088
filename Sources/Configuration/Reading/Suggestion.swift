/// What a mistyped word was meant to be.
enum Suggestion {
  /// The word of `words` that differs from `text` in at most two letters, and in less than half of
  /// its letters; `nil` if none does.
  static func closest(to text: String, among words: [String]) -> String? {
    let letters = Array(text.lowercased().unicodeScalars)
    guard letters.count <= 32 else { return nil }
    let ranked = words.map { (word: $0, distance: distance(letters, Array($0.unicodeScalars))) }
    let best = ranked.min { $0.distance < $1.distance }
    guard let best, best.distance <= 2, best.distance * 2 < best.word.unicodeScalars.count else {
      return nil
    }
    return best.word
  }

  /// How many letters must be inserted, left out, replaced or swapped with their neighbour to make
  /// `left` of `right` (optimal string alignment).
  ///
  /// Cost: the product of the lengths.
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for (row, letter) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        let isSame = letter == other
        var cost = min(
          previous[column] + (isSame ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
          cost = min(cost, beforePrevious[column - 1] + 1)
        }
        current.append(cost)
      }
      (beforePrevious, previous) = (previous, current)
    }
    return previous[right.count]
  }
}
