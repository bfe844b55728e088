import ArgumentParser
import Netlink

/// In which network namespace a command works.
struct NamespaceOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network namespace of the real server; default: this one.", valueName: "name|path"))
  var netns: String?

  var namespace: NetworkNamespace { NetworkNamespace(netns) }

  mutating func validate() throws {
    guard let netns else { return }
    if netns.isEmpty || (netns.contains("/") && !netns.hasPrefix("/")) {
      throw ValidationError(
        "--netns is \"\(netns)\"; a name under /run/netns or an absolute path is wanted")
    }
  }
}
