import ArgumentParser
import RealServer

struct RealServerUp: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract: "Make this machine a real server, and remember how it was.",
    discussion: """
      nat: the default route leads to the director (--gateway).
      dr: each VIP is on lo as /32; net.ipv4.conf.all.arp_ignore is 1 and arp_announce 2. It is `all` \
      that counts: for a device the greater of its own value and that of `all` holds, and the values \
      of lo, which some recipes set, have no effect. Nor is a host route to the VIP needed.
      tunnel: as dr; the routes to clients announce a segment size that fits the tunnel; a program \
      takes the outer headers off (--decap, --from).
      fullnat: nothing is changed; a way to the director's local addresses (--from) has to be there.

      Twice the same changes nothing. With other options: from what was to what is wanted now. When \
      something fails, what was done before is undone. `down` puts back what was there before the \
      first `up`.
      """)

  @Option(
    help: ArgumentHelp(
      "How the director forwards to this server.", valueName: "nat|dr|tunnel|fullnat"))
  var mode: ServerMode

  @OptionGroup var options: RealServerOptions
  @OptionGroup var place: NamespaceOption

  func run() throws {
    let wanted = try options.wanted(mode)
    let outcome: ServerSetup.Outcome
    do throws(ServerError) {
      outcome = try ServerSetup(of: place.namespace, program: OwnProgram.path).up(wanted)
    } catch {
      throw Failure(error)
    }
    let lines = outcome.changes.isEmpty ? ["nothing to change"] : outcome.changes
    try StandardOutput.write(lines.map { $0 + "\n" }.joined())
  }
}
