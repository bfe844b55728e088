import ArgumentParser
import Control
import Netlink

/// Which director is asked.
struct DirectorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network namespace that the director runs in; default: this one.",
      valueName: "name|path"))
  var netns: String?

  @OptionGroup var director: NameOption

  mutating func validate() throws {
    guard let netns else { return }
    if netns.isEmpty || (netns.contains("/") && !netns.hasPrefix("/")) {
      throw ValidationError(
        "--netns is \"\(netns)\"; a name under /run/netns or an absolute path is wanted")
    }
  }

  /// Asks the director, and gives `body` each part of its answer; each may take `timeout`.
  func ask(
    _ request: ControlRequest, timeout: Duration = .seconds(10),
    _ body: (ControlResponse) throws(Failure) -> Void
  ) throws(Failure) {
    var failure: Failure?
    do {
      let client = try ControlClient(
        name: director.name, in: NetworkNamespace(netns), timeout: timeout)
      try client.ask(request) { (response) throws(ControlError) in
        do throws(Failure) {
          try body(response)
        } catch {
          failure = error
          throw .malformed("")
        }
      }
    } catch {
      throw failure ?? Failure(error)
    }
  }
}
