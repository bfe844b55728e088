import ArgumentParser
import RealServer

struct RealServerDown: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "down",
    abstract: "Put back what `up` has changed.",
    discussion: """
      What others have changed since is left as it is, and said. Without an `up` before there is \
      nothing to do, which is fine.
      """)

  @OptionGroup var place: NamespaceOption

  func run() throws {
    let outcome: ServerSetup.Outcome
    do throws(ServerError) {
      outcome = try ServerSetup(of: place.namespace, program: OwnProgram.path).down()
    } catch {
      throw Failure(error)
    }
    let told = outcome.changes + outcome.notes
    let lines = told.isEmpty ? ["nothing to undo"] : told
    try StandardOutput.write(lines.map { $0 + "\n" }.joined())
  }
}
