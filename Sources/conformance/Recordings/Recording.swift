import Director
import LinkIO
import Wire

/// What passed the one TAP of a director of the kernel, and what it listed.
struct Recording {
  /// A frame of the capture.
  struct Frame {
    /// Its place in the capture, from 1.
    var number: Int
    /// Since the first frame.
    var time: Duration
    var bytes: [UInt8]
  }

  /// Something that happened to the director.
  enum Event {
    case frame(Frame)
    case moment(RecordingText.Moment)
  }

  /// What came in.
  let received: [Frame]
  /// What the director sent in answer, without what `notes` say is not sent by TapVS.
  var sent: [Frame]
  var text: RecordingText
  let notes: RecordingNotes
  /// The time of the last frame.
  let end: Duration

  init(
    _ packets: [PcapRecord], _ text: RecordingText, _ notes: RecordingNotes
  ) throws(VectorError) {
    self.text = text
    self.notes = notes
    let beginning = packets.first?.time ?? 0
    var frames: [Frame] = []
    for (index, packet) in packets.enumerated() {
      guard packet.originalLength == packet.bytes.count, packet.time >= beginning else {
        throw VectorError.malformed("frame \(index + 1) is cut, or older than the first")
      }
      let time = Duration.nanoseconds(Int64(packet.time - beginning))
      frames.append(Frame(number: index + 1, time: time, bytes: packet.bytes))
    }
    end = frames.last?.time ?? .zero
    sent = frames.filter { $0.isDirectors && notes.unsentFrames[$0.number] == nil }
    guard text.moments.count == notes.readingTimes.count else {
      throw VectorError.malformed(
        "\(notes.readingTimes.count) times for \(text.moments.count) listings in the action log")
    }
    for number in notes.unsentFrames.keys.sorted()
    where !frames.contains(where: { $0.number == number && $0.isDirectors }) {
      throw VectorError.malformed("frame \(number) is none of the director's")
    }
    received = frames.filter { !$0.isDirectors }
  }

  /// What came in, and what was read and changed meanwhile, in the order of time.
  ///
  /// What is read at the time of a frame is read before it comes.
  var events: [(time: Duration, event: Event)] {
    let moments = zip(notes.readingTimes, text.moments).map { ($0, Event.moment($1)) }
    return (moments + received.map { ($0.time, .frame($0)) }).enumerated()
      .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element)
  }

  /// The director as the set-up commands made it.
  func configuration() throws(VectorError) -> DirectorConfiguration {
    var port = RecordedNetwork.port
    var services: [DirectorConfiguration.Service] = []
    var sendsNATUnreachable = false
    for command in text.setUp {
      switch command {
      case .addService(let service):
        services.append(service)
      case .addServer(let server, let virtual):
        guard let place = services.firstIndex(where: { $0.virtualServer == virtual }) else {
          throw VectorError.malformed("a server for \(virtual.endpoint), which is no service")
        }
        services[place].servers.append(server)
      case .addRoute(let route):
        port.routes.append(route)
      case .sendUnreachableToServers:
        sendsNATUnreachable = true
      case .removeService, .removeServer, .setWeight:
        throw VectorError.malformed("a set-up that takes back what it did")
      }
    }
    var configuration = DirectorConfiguration(
      ports: [port], services: services, virtualAddresses: [RecordedNetwork.virtualAddress],
      connectionLimit: 1024)
    configuration.sendsNATUnreachable = sendsNATUnreachable
    return configuration
  }
}

extension Recording.Frame {
  /// Whether the director sent it.
  fileprivate var isDirectors: Bool {
    EthernetFrame(bytes.rawSpan)?.source == RecordedNetwork.directorMAC
  }
}

extension DirectorConfiguration.Service {
  /// The service's name in ipvsadm(8).
  var virtualServer: DirectorCommand.VirtualServer {
    DirectorCommand.VirtualServer(protocol: `protocol`, endpoint: Endpoint(address, port))
  }
}
