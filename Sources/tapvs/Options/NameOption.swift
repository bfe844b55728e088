import ArgumentParser
import Control

struct NameOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The name of the director, when several run in one network namespace.", valueName: "name"),
    transform: Self.name)
  var name = ControlName.standard

  @Sendable
  private static func name(_ text: String) throws -> ControlName {
    if let name = ControlName(text) { return name }
    throw ValidationError(
      "--name is \"\(text)\"; 1-64 letters, digits, '-', '_' and '.' are wanted")
  }
}
