/// How one thing stands that a real server needs.
package struct Finding: Equatable, Sendable, Encodable {
  /// What was looked at.
  package let item: String
  package let found: String
  package let wanted: String
  package let isRight: Bool
  /// What comes of it and how to repair it; `nil` if all is right.
  package let problem: String?

  package init(_ item: String, found: String, wanted: String, problem: String?) {
    self.item = item
    self.found = found
    self.wanted = wanted
    self.problem = problem
    isRight = problem == nil
  }

  private enum CodingKeys: String, CodingKey {
    case item
    case found
    case wanted
    case isRight = "ok"
    case problem
  }
}
