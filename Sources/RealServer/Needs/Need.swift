/// Something that a real server needs, of which it can be said how it stands and what to do.
package protocol Need: Sendable {
  /// What to change on a server that is like `snapshot`; nothing if all is right.
  ///
  /// Throws if no change of ours could make it right.
  func changes(on snapshot: Snapshot) throws(ServerError) -> [Change]

  /// How it stands.
  func findings(in snapshot: Snapshot) -> [Finding]
}

extension [Finding] {
  /// Throws the first of the findings that is not right.
  func refuseWrong() throws(ServerError) {
    for finding in self {
      if let problem = finding.problem {
        throw ServerError(.wrong, "\(finding.item): found \(finding.found); \(problem)")
      }
    }
  }
}
