/// The text beside a capture: the director's commands, what the client did, and listings.
///
/// ```
/// # mode=nat scenario=tcp-fin
/// ## setup commands (director)
/// ipvsadm -A -t 192.168.10.100:8000 -s rr
/// ## their output
/// ## action log (client side unless said)
/// # after handshake                             a listing meanwhile
/// # after: ipvsadm -d -t ...                    a command and a listing meanwhile
/// # client: ...                                 what the client said
/// ## ipvsadm -Ln
/// ## ipvsadm -Lnc
/// ## sleep 2.2; ipvsadm -Ln --stats
/// ```
struct RecordingText {
  /// What was read, and perhaps changed, while frames came and went.
  struct Moment {
    /// As in `after handshake`.
    var title: String
    /// The command that was run before it was read.
    var command: DirectorCommand?
    var listing: RecordedListing
  }

  let setUp: [DirectorCommand]
  let moments: [Moment]
  /// `-Ln` and `-Lnc` at the end.
  let final: RecordedListing
  /// `--stats` at the end.
  let counters: RecordedListing

  /// Reads `text`; throws for what is missing and for commands of the set-up that said something.
  init(_ text: String) throws(VectorError) {
    let sections = Self.split(text.split(separator: "\n"), at: "## ")
    func section(_ title: String) throws(VectorError) -> [Substring] {
      guard let lines = sections.first(where: { $0.title == title })?.lines else {
        throw VectorError.malformed("there is no section '\(title)'")
      }
      return lines
    }
    setUp = try DirectorCommand.list(
      in: section("setup commands (director)").joined(separator: "\n"))
    if let complaint = try section("their output").first {
      throw VectorError.malformed("the set-up said '\(complaint)'")
    }
    var moments: [Moment] = []
    for block in Self.split(try section("action log (client side unless said)"), at: "# ")
    where block.title == "before" || block.title.hasPrefix("after") {
      let command = block.title.hasPrefix("after: ") ? block.title.dropFirst(7) : nil
      moments.append(
        Moment(
          title: String(block.title),
          command: try command.map { (text) throws(VectorError) in
            try DirectorCommand(String(text))
          },
          listing: try RecordedListing(block.lines)))
    }
    self.moments = moments
    final = try RecordedListing(section("ipvsadm -Ln") + section("ipvsadm -Lnc"))
    counters = try RecordedListing(section("sleep 2.2; ipvsadm -Ln --stats"))
  }

  /// The lines behind each line that begins with `mark`; lines before the first are nobody's.
  private static func split(
    _ lines: [Substring], at mark: String
  ) -> [(title: Substring, lines: [Substring])] {
    var blocks: [(title: Substring, lines: [Substring])] = []
    for line in lines {
      if line.hasPrefix(mark) {
        blocks.append((line.dropFirst(mark.count), []))
      } else if !blocks.isEmpty {
        blocks[blocks.count - 1].lines.append(line)
      }
    }
    return blocks
  }
}
