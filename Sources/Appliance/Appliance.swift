import Checkers
package import Configuration
package import Control
import Director
import Frames
import LinkIO
package import Logging
import Netlink

/// A director at work: TAPs, event loop, control socket.
package final class Appliance {
  /// What the operator said.
  package struct Invocation {
    package let configuration: ApplianceConfiguration
    /// The configuration's file, as given.
    package let file: String
    package let name: ControlName
    package let version: String
    /// Whether the file is read again when it changes.
    package let watchesFile: Bool

    package init(
      configuration: ApplianceConfiguration, file: String, name: ControlName, version: String,
      watchesFile: Bool = false
    ) {
      self.watchesFile = watchesFile
      self.configuration = configuration
      self.file = file
      self.name = name
      self.version = version
    }
  }

  private let loop: EventLoop

  /// Opens everything that the appliance needs; what fails leaves nothing behind.
  package init(_ invocation: Invocation, logger: Logger) throws(ApplianceError) {
    let signals: SignalDescriptor
    let poller: Poller
    let alarm: AlarmDescriptor
    let runner: CheckRunner
    let reader: ConfigurationThread
    do throws(SystemError) {
      signals = try SignalDescriptor()
      poller = try Poller()
      alarm = try AlarmDescriptor()
      runner = try CheckRunner(probes: invocation.configuration.probes)
      reader = try ConfigurationThread()
    } catch {
      throw .system("cannot wait for events", error)
    }
    let control: ControlServer
    do throws(ControlError) {
      control = try ControlServer(name: invocation.name)
    } catch {
      throw .control(error)
    }
    let links = try Self.openPorts(invocation.configuration)
    let clock = RetryClock.monotonic
    loop = EventLoop(
      director: try Self.makeDirector(invocation.configuration.director, at: clock.now()),
      links: links, poller: poller, alarm: alarm, signals: signals, control: control,
      invocation: invocation, clock: clock, logger: logger, runner: runner, reader: reader)
  }

  /// Works until SIGTERM or SIGINT comes.
  package func run() throws(ApplianceError) {
    do throws(SystemError) {
      try loop.run()
    } catch {
      throw .system("the event loop cannot go on", error)
    }
  }

  private static func makeDirector(
    _ configuration: DirectorConfiguration, at now: Instant
  ) throws(ApplianceError) -> Director {
    do throws(TableMemoryError) {
      let director = try Director(
        configuration: configuration, seed: UInt64.random(in: .min ... .max), at: now)
      director.populateMemory()
      return director
    } catch {
      throw .memory(error)
    }
  }

  /// Opens the TAP of every port, on rungs of the ladder that go together.
  private static func openPorts(
    _ configuration: ApplianceConfiguration
  ) throws(ApplianceError) -> [PortLink] {
    var links: [PortLink] = []
    for (index, port) in configuration.director.ports.enumerated() {
      let binding = configuration.bindings[index]
      let link = PortLink(
        index: PortIndex(index), name: port.name,
        source: TAPAttachment(
          name: binding.tap, namespace: NetworkNamespace(binding.namespace),
          macAddress: port.macAddress, ceiling: binding.offloads ?? .full,
          creation: binding.creation))
      do throws(LinkError) {
        try link.open(patience: .seconds(2))
      } catch {
        throw .port(port.name, error)
      }
      links.append(link)
    }
    do throws(LinkError) {
      try alignOffloads(of: links)
    } catch {
      throw .port("of all", error)
    }
    return links
  }

  /// Brings all ports to rungs of the ladder that go together.
  static func alignOffloads(of links: [PortLink]) throws(LinkError) {
    let ceiling = OffloadLevel.ceiling(for: links.compactMap(\.opened?.level))
    for link in links {
      try link.lower(to: ceiling)
    }
  }
}
