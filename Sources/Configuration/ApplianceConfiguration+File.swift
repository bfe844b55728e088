import Foundation

extension ApplianceConfiguration {
  /// The largest file that is read: 8 MiB.
  package static let fileLengthLimit = SourceText.lengthLimit

  /// Reads the file at `path`; all that is wrong with it is reported at once.
  package static func load(path: String) throws(ConfigurationError) -> Self {
    let bytes: [UInt8]
    do {
      let file = try FileHandle(forReadingFrom: URL(filePath: path))
      bytes = try [UInt8](file.read(upToCount: fileLengthLimit + 1) ?? Data())
    } catch {
      let finding = Finding(
        file: path, position: nil, found: "the file cannot be read (\(reason(of: error)))",
        wanted: "a YAML file is wanted")
      throw ConfigurationError(findings: [finding])
    }
    return try parse(bytes, file: path)
  }

  /// Reads `text`, which findings call `file`.
  package static func parse(_ text: String, file: String) throws(ConfigurationError) -> Self {
    try parse(Array(text.utf8), file: file)
  }

  /// Reads `bytes`, which findings call `file`.
  package static func parse(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> Self {
    var reader = ConfigurationReader(file: file)
    do {
      let document = try YAMLDocument(SourceText.decode(bytes))
      for duplicate in document.duplicates { reader.refuse(duplicate) }
      if let configuration = reader.configuration(document.root) { return configuration }
    } catch {
      reader.refuse(error.found, at: error.position, wanted: error.wanted)
    }
    throw reader.error
  }

  /// The system's own words for `error`, without Foundation's before them.
  private static func reason(of error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
    let text = ((underlying ?? error) as NSError).localizedDescription
    let preamble = "The operation could not be completed. "
    return text.hasPrefix(preamble) ? String(text.dropFirst(preamble.count)) : text
  }
}

extension ConfigurationReader {
  /// The whole of a file; `nil` if anything is wrong.
  fileprivate mutating func configuration(_ root: YAMLNode) -> ApplianceConfiguration? {
    let fields = fields(
      of: root, "the configuration", required: ["version", "ports"],
      optional: ["services", "checks", "connections", "nat-icmp-send", "pmtu-discovery"])
    guard let fields else { return nil }
    checkVersion(fields["version"])
    let ports = fields["ports"].map { self.ports($0) } ?? []
    readNamedChecks(fields["checks"])
    let services = fields["services"].map { self.services($0) } ?? []
    var director = DirectorDraft()
    readConnections(fields["connections"], into: &director)
    let sends = fields["nat-icmp-send"].flatMap { truth($0, "nat-icmp-send") }
    if let sends { director.sendsNATUnreachable = sends }
    let discovers = fields["pmtu-discovery"].flatMap { truth($0, "pmtu-discovery") }
    if let discovers { director.discoversTunnelMTU = discovers }
    check(ports)
    check(services, in: NetworkPlan(ports))
    guard findings.isEmpty else { return nil }
    return ApplianceConfiguration(ports: ports, services: services, director: director)
  }

  fileprivate mutating func refuse(_ duplicate: DuplicateKey) {
    refuse(
      "`\(abbreviated(duplicate.key))` is already given at \(duplicate.first)",
      at: duplicate.position, wanted: "each key once is wanted")
  }

  private mutating func checkVersion(_ node: YAMLNode?) {
    guard let node else { return }
    _ = integer(node, "version", in: 1...1)
  }
}
