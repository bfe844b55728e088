package import Netlink
import Wire

/// Makes a network namespace a real server, undoes that, and says how it stands.
package struct ServerSetup: Sendable {
  private let namespace: NetworkNamespace
  private let directory: String
  /// What is started to take outer headers off.
  private let program: String

  package static let stateDirectory = "/run/tapvs/real-server"

  package init(
    of namespace: NetworkNamespace, remembering directory: String = stateDirectory,
    program: String
  ) {
    self.namespace = namespace
    self.directory = directory
    self.program = program
  }

  /// What was done.
  package struct Outcome: Equatable, Sendable {
    /// A line for each change; none if all was as it is wanted.
    package var changes: [String] = []
    /// A line for each thing that others have changed since.
    package var notes: [String] = []
  }

  /// Makes the server as `wanted`, and not otherwise any more where `up` had made it so before.
  ///
  /// When a change fails, those before it are undone.
  package func up(_ wanted: WantedServer) throws(ServerError) -> Outcome {
    try inside { (scene) throws(ServerError) in
      try SetupLock.hold { () throws(ServerError) in
        try scene.bring(to: wanted, program: program)
      }
    }
  }

  /// Leaves the server as it was before `up`.
  package func down() throws(ServerError) -> Outcome {
    try inside { (scene) throws(ServerError) in
      try SetupLock.hold { () throws(ServerError) in try scene.restore() }
    }
  }

  /// How the server stands to what is `wanted`, or to what `up` was told last.
  package func check(_ wanted: WantedServer?) throws(ServerError) -> ServerReport {
    try inside { (scene) throws(ServerError) in try scene.report(on: wanted) }
  }

  private func inside<R>(
    _ body: (ServerScene) throws(ServerError) -> R
  ) throws(ServerError) -> R {
    let outcome: Result<R, ServerError>
    do throws(LinkError) {
      let number = try namespace.identity().number
      let file = StateFile(namespace: number, in: directory)
      outcome = try namespace.perform { () throws(LinkError) in
        Result { () throws(ServerError) -> R in
          try body(ServerScene(ofCurrent: namespace, file: file))
        }
      }
    } catch {
      throw ServerError(error)
    }
    return try outcome.get()
  }
}

/// How a server stands.
package struct ServerReport: Equatable, Sendable, Encodable {
  package let mode: ServerMode
  package let items: [Finding]

  package init(mode: ServerMode, items: [Finding]) {
    self.mode = mode
    self.items = items
  }

  package var isRight: Bool { items.allSatisfy(\.isRight) }

  private enum CodingKeys: String, CodingKey {
    case mode
    case items
    case isRight = "ok"
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(mode, forKey: .mode)
    try values.encode(items, forKey: .items)
    try values.encode(isRight, forKey: .isRight)
  }
}
