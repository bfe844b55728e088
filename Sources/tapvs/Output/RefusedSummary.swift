import Configuration

/// What is wrong with a configuration, as `check -o json` prints it.
struct RefusedSummary: Encodable {
  let valid = false
  let file: String
  let findings: [Place]

  struct Place: Encodable {
    let line: Int?
    let column: Int?
    let found: String
    let wanted: String
  }

  init(_ error: ConfigurationError, file: String) {
    self.file = file
    findings = error.findings.map {
      Place(
        line: $0.position?.line, column: $0.position?.column, found: $0.found, wanted: $0.wanted)
    }
  }
}
