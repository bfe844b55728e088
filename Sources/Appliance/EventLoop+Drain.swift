import Control
import Director
import Frames
import Health
import Wire

/// A drain that ends by time.
struct TimedDrain {
  let selection: ServerSelection
  /// `nil` when it has no end, or has come to it.
  var deadline: Instant?
  let resetsAtEnd: Bool
  var isTimedOut = false
  /// Whether it was told that no connection is left.
  var isEmpty = false
}

/// Servers that operators take out of use.
extension EventLoop {
  /// How often it is looked whether connections are left.
  private static let drainInterval = Duration.milliseconds(100)

  /// When there is something to do for drains; `nil` while there are none to be watched.
  var drainDeadline: Instant? {
    let watched = drains.contains { !$0.isEmpty }
    return watched ? now.advanced(by: Self.drainInterval) : nil
  }

  /// Keeps new connections away from the servers that `request` means.
  func drain(_ request: ControlRequest) -> ControlResponse {
    let selection: ServerSelection
    switch Self.selection(request) {
    case .success(let meant): selection = meant
    case .failure(let refusal): return ControlResponse(error: refusal.text)
    }
    guard let update = monitor.setDrained(true, selection, at: now) else {
      return ControlResponse(error: "no server \(request.server ?? "") \(request.service ?? "")")
    }
    drains.removeAll { $0.selection == selection }
    drains.append(
      TimedDrain(
        selection: selection,
        deadline: request.timeoutSeconds.map { now.advanced(by: .seconds($0)) },
        resetsAtEnd: request.reset ?? false))
    follow(update)
    return ControlResponse(drains: report(selection))
  }

  /// Lets the servers that `request` means have new connections again.
  func undrain(_ request: ControlRequest) -> ControlResponse {
    let selection: ServerSelection
    switch Self.selection(request) {
    case .success(let meant): selection = meant
    case .failure(let refusal): return ControlResponse(error: refusal.text)
    }
    for (service, server) in servers(selection) {
      _ = director.restoreServer(server, in: service.protocol, service.endpoint)
    }
    guard let update = monitor.setDrained(false, selection, at: now) else {
      return ControlResponse(error: "no server \(request.server ?? "") \(request.service ?? "")")
    }
    drains.removeAll {
      $0.selection.address == selection.address
        && (selection.port == nil || $0.selection.port == selection.port)
        && (selection.service == nil || $0.selection.service == selection.service)
    }
    follow(update)
    return ControlResponse(drains: report(selection))
  }

  /// How far the drain of the servers that `request` means has come.
  func drainReport(_ request: ControlRequest) -> ControlResponse {
    switch Self.selection(request) {
    case .success(let selection): ControlResponse(drains: report(selection))
    case .failure(let refusal): ControlResponse(error: refusal.text)
    }
  }

  /// Ends drains whose time is over, and tells of those that are empty.
  func advanceDrains() {
    for index in drains.indices where !drains[index].isEmpty {
      let left = report(drains[index].selection).left
      let name = "\(drains[index].selection.address)"
      if left == 0 {
        drains[index].isEmpty = true
        tell(EventReport(.drainEnded, server: name, detail: "no connection is left"))
      } else if let deadline = drains[index].deadline, deadline <= now {
        drains[index].deadline = nil
        drains[index].isTimedOut = true
        let resets = drains[index].resetsAtEnd
        if resets { resetConnections(of: drains[index].selection) }
        let end = resets ? "they are reset" : "they go on"
        tell(
          EventReport(.drainTimedOut, server: name, detail: "\(left) connections are left: \(end)"))
      }
    }
  }

  private func resetConnections(of selection: ServerSelection) {
    for (service, server) in servers(selection) {
      _ = director.endConnections(
        ofServer: server, in: service.protocol, service.endpoint, by: .reset)
    }
  }

  /// The servers that `selection` means.
  private func servers(_ selection: ServerSelection) -> [(ServiceName, Endpoint)] {
    monitor.services(selection.service).flatMap { service in
      service.servers.map(\.definition.endpoint).filter {
        $0.address == selection.address && (selection.port == nil || $0.port == selection.port)
      }.map { (service.definition.name, $0) }
    }
  }

  private func report(_ selection: ServerSelection) -> DrainReport {
    let drain = drains.first { $0.selection == selection }
    let servers = servers(selection).map { service, server in
      DrainReport.Server(
        service: "\(service)", server: "\(server)",
        left: director.connectionsLeft(
          of: server, in: service.protocol, service.endpoint),
        isTimedOut: drain?.isTimedOut ?? false)
    }
    return DrainReport(servers: servers)
  }

  struct Refusal: Error {
    let text: String
  }

  /// The servers that a request means.
  private static func selection(_ request: ControlRequest) -> Result<ServerSelection, Refusal> {
    let text = request.server ?? ""
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first.flatMap({ IPv4Address(String($0)) }),
      let port = parts.count < 2 ? .some(nil) : UInt16(parts[1]).map(Optional.some)
    else {
      return .failure(Refusal(text: "`server` is \"\(text.prefix(64))\"; ADDRESS[:PORT] is wanted"))
    }
    guard let service = request.service else {
      return .success(ServerSelection(address, port: port))
    }
    guard let name = ServiceName(service) else {
      return .failure(
        Refusal(text: "`service` is \"\(service.prefix(64))\"; ADDRESS:PORT/PROTOCOL is wanted"))
    }
    return .success(ServerSelection(address, port: port, service: name))
  }
}

extension ServiceName {
  /// The name that `text` is, as in `192.0.2.100:80/tcp`.
  init?(_ text: String) {
    let halves = text.split(separator: "/", omittingEmptySubsequences: false)
    let parts = halves.first?.split(separator: ":", omittingEmptySubsequences: false) ?? []
    guard halves.count == 2, parts.count == 2, let address = IPv4Address(String(parts[0])),
      let port = UInt16(parts[1]), let transport = ServiceProtocol(rawValue: String(halves[1]))
    else { return nil }
    self.init(transport, Endpoint(address, port))
  }
}
