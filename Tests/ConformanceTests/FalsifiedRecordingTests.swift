import Director
import TestSupport
import Testing

@testable import conformance

/// A recording that says something else than the director does is refused, whatever it is.
@Suite struct FalsifiedRecordingTests {
  private let recordings: CarriedRecordings

  init() throws {
    recordings = try CarriedRecordings()
  }

  @Test(
    arguments: [
      "nat/tcp-fin", "nat/udp", "nat/arp-vip", "nat/tcp-refused", "nat/ttl", "nat/rs-no-arp-answer",
      "dr/tcp-fin", "dr/udp-client-port-unreachable", "dr/ttl", "dr/rs-no-arp-answer",
      "tun/tcp-fin", "tun/udp-csum-0", "tun/ttl",
    ])
  func everyByteCounts(name: String) throws {
    let recording = try CarriedRecordings.recording(at: name)
    let sent = try Replay(recording, .fast).sent
    #expect(FrameStreams(sent, recording).differences.isEmpty)
    for index in recording.sent.indices where !recording.sent[index].isQuestion {
      let free = recording.sent[index].freeBytes
      for offset in recording.sent[index].bytes.indices where !free.contains(offset) {
        var wrong = recording
        wrong.sent[index].bytes[offset] ^= 1
        let streams = FrameStreams(sent, wrong)
        #expect(!streams.differences.isEmpty, "byte \(offset) of frame \(index)")
      }
    }
  }

  @Test func showsBothFrames() throws {
    var recording = try recordings.recording("udp")
    let sent = try Replay(recording, .fast).sent
    recording.sent[0].bytes[22] += 1
    let table = FrameStreams(sent, recording).differences.first ?? ""
    #expect(table.hasPrefix("frame 2 of the recording, to 02:00:00:00:10:21, differs:"))
    #expect(table.contains("* ipv4 time to live             63 "))
    #expect(table.contains("  udp destination port          53 "))
    #expect(table.hasSuffix("first difference at byte 22"))
  }

  @Test func orderNumberAndTimeCount() throws {
    let recording = try recordings.recording("udp")
    let sent = try Replay(recording, .fast).sent
    var swapped = recording
    swapped.sent.swapAt(0, 2)
    #expect(!FrameStreams(sent, swapped).differences.isEmpty)
    var fewer = recording
    fewer.sent.removeLast()
    let extra = FrameStreams(sent, fewer).differences
    #expect(extra.contains { $0.contains("and not in the recording") })
    let missing = FrameStreams(Array(sent.dropLast()), recording).differences
    #expect(missing.contains { $0.contains("was not sent") })
    var later = recording
    later.sent[1].time += .seconds(1)
    #expect(FrameStreams(sent, later).differences.count == 1)
  }

  @Test func fragmentsOfOneDatagramBelongTogether() throws {
    var recording = try recordings.recording("ping-vip")
    let sent = try Replay(recording, .fast).sent
    #expect(FrameStreams(sent, recording).differences.isEmpty)
    // As if the second fragment were one of the answer before.
    let answers = recording.sent.indices.filter { !recording.sent[$0].freeBytes.isEmpty }
    let before = recording.sent[answers[0]].bytes[18..<20]
    recording.sent[answers[4]].bytes.replaceSubrange(18..<20, with: before)
    let differences = FrameStreams(sent, recording).differences
    #expect(differences.contains { $0.contains("is no fragment of the datagram before") })
  }

  @Test func questionsCount() throws {
    let recording = try recordings.recording("arp-vip")
    let sent = try Replay(recording, .fast).sent
    let question = try #require(recording.sent.firstIndex { $0.isQuestion })
    var wrong = recording
    wrong.sent[question].bytes[41] ^= 1
    #expect(FrameStreams(sent, wrong).differences.count == 2)
    wrong = recording
    wrong.sent.append(recording.sent[question])
    #expect(FrameStreams(sent, wrong).differences.count == 1)
  }

  @Test(arguments: [
    ("udp", "rr\n", "wrr\n"),
    ("udp", "Masq    1      0          1", "Masq    1      1          0"),
    ("udp", "Masq    1      0          1", "Masq    2      0          1"),
    ("udp", "192.168.10.21:53             Masq", "192.168.10.22:53             Masq"),
    ("udp", "UDP 04:59  UDP ", "UDP 04:49  UDP "),
    ("udp", "UDP 04:59  UDP ", "UDP 05:01  UDP "),
    ("udp", "10.0.1.2:32280 ", "10.0.1.2:32281 "),
    ("udp", "1        3        3       90      156", "1        3        3       90      157"),
    ("udp", "1        3        3       90      156", "2        3        3       90      156"),
    ("tcp-fin", "TIME_WAIT", "CLOSE"),
    ("tcp-fin", "TCP 14:59  ESTABLISHED", "TCP 00:59  SYN_RECV"),
  ])
  func everyListingCounts(name: String, line: String, falsified: String) throws {
    var recording = try recordings.recording(name)
    // The commands stay: changed, they would only make another director.
    let (setUp, rest) = try recordings.text(of: name)
    let changed = rest.replacing(line, with: falsified)
    try #require(changed != rest)
    recording.text = try RecordingText(setUp + changed)
    #expect(try !Replay(recording, .fast).failures.isEmpty)
  }

  @Test(arguments: [
    ("", ForwardingMethod.dr, Tunnel()), ("-g", .dr, Tunnel()), ("-m", .nat, Tunnel()),
    ("-i", .tunnel, Tunnel()), ("-i --tun-type ipip", .tunnel, Tunnel(.ipip)),
    ("-i --tun-type gre --tun-nocsum", .tunnel, Tunnel(.gre)),
    ("-i --tun-type gre --tun-csum", .tunnel, Tunnel(.gre, hasChecksum: true)),
    ("-i --tun-type gue --tun-port 6081", .tunnel, Tunnel(.gue, port: 6081)),
  ])
  func methodsAreRead(options: String, method: ForwardingMethod, tunnel: Tunnel) throws {
    let line = "ipvsadm -a -t 192.168.10.100:80 -r 192.168.10.21:80 \(options) -w 2"
    guard case .addServer(let server, _) = try DirectorCommand(line) else {
      Issue.record("\(line) adds no server")
      return
    }
    #expect(server.method == method && server.tunnel == tunnel && server.weight == 2)
  }

  @Test(
    arguments: [
      ("ipvsadm -A -t 192.168.10.100:80 -s mh", "needs scheduler mh"),
      ("ipvsadm -A -t 192.168.10.100:80 -s rr -p 300", "needs option -p"),
      ("ipvsadm -A -f 7 -s rr", "needs services other than TCP and UDP"),
      ("ipvsadm -a -t 192.168.10.100:80 -r 192.168.10.21:80 -g -m", "more than one forwarding"),
      ("ipvsadm -a -t 192.168.10.100:80 -r 192.168.10.21:80 -b", "'-b' in"),
      (
        "ipvsadm -a -t 192.168.10.100:80 -r 192.168.10.21:80 -g --tun-type gre",
        "needs option --tun-type"
      ),
      (
        "ipvsadm -a -t 192.168.10.100:80 -r 192.168.10.21:80 -i --tun-type sit",
        "needs tunnels of the kind sit"
      ),
      ("ipvsadm -a -t 192.168.10.100:80 -r 192.168.10.21:80 -i --tun-port 9", "'--tun-port 9'"),
      (
        "ipvsadm -a -t 192.168.10.100:80 -r 192.168.10.21:80 -i --tun-remcsum 1",
        "needs option --tun-remcsum"
      ),
      ("ipvsadm -a -t 192.168.10.100:80 -r 192.168.10.21 -m", "'192.168.10.21' in"),
      ("ipvsadm -a -t 192.168.10.100:80 -r 192.168.10.21:80 -m -w -1", "weight -1 in"),
      ("ipvsadm -a -t 192.168.10.100:80 -m", "no -r in"),
      ("ipvsadm -A -t 192.168.10.100:80 -s", "'-s' in"),
      ("ipvsadm -C", "needs services other than"),
      ("sysctl -qw net.ipv4.vs.expire_nodest_conn=1", "needs the command"),
      ("ip route add 192.168.10.21/32 dev vec0 mtu 1400", "needs the command"),
      ("ip route add 10.0.1.2/32 via nowhere dev vec0 mtu lock 67", "needs the command"),
      ("ip route add default dev vec0 mtu lock 1400", "no destination in"),
    ])
  func refusesWhatTheEngineDoesNotDo(command: String, message: String) {
    let error = #expect(throws: VectorError.self) { try DirectorCommand(command) }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }
}

extension Recording.Frame {
  /// Whether it is an ARP request, which `FrameStreams` treats apart.
  fileprivate var isQuestion: Bool { bytes[12...13] == [8, 6] && bytes[21] == 1 }

  /// Identification and header checksum of a packet of the kernel's own that may be fragmented.
  fileprivate var freeBytes: [Int] {
    bytes[12...13] == [8, 0] && (bytes[22] == 64 || bytes[23] == 4) && bytes[20] & 0x40 == 0
      ? [18, 19, 24, 25] : []
  }
}
