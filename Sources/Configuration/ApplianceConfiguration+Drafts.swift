import Director
import Health
import LinkIO

extension ApplianceConfiguration {
  /// Makes the configuration of drafts in which nothing was wrong; one that lacks something is left
  /// out.
  init(ports: [PortDraft], services: [ServiceDraft], director draft: DirectorDraft) {
    var director = DirectorConfiguration(
      ports: ports.compactMap(DirectorConfiguration.Port.init),
      services: services.compactMap(DirectorConfiguration.Service.init),
      connectionLimit: draft.connectionLimit)
    director.timeouts = draft.timeouts
    director.sendsNATUnreachable = draft.sendsNATUnreachable
    director.discoversTunnelMTU = draft.discoversTunnelMTU
    let (health, probes) = HealthConfiguration.make(services)
    self.init(
      director: director, bindings: ports.compactMap(PortBinding.init), health: health,
      probes: probes)
  }
}

extension DirectorConfiguration.Port {
  fileprivate init?(_ draft: PortDraft) {
    guard let macAddress = draft.macAddress?.value else { return nil }
    self.init(
      name: draft.name.value, macAddress: macAddress, mtu: draft.effectiveMTU,
      addresses: draft.addresses.map(\.value),
      routes: draft.routes.map {
        .init(to: $0.destination.value, via: $0.via?.value, mtu: $0.mtu?.value)
      },
      gateway: draft.gateway?.value)
  }
}

extension DirectorConfiguration.Service {
  fileprivate init?(_ draft: ServiceDraft) {
    guard let port = draft.port, let transport = draft.protocol, let scheduler = draft.scheduler
    else { return nil }
    self.init(
      address: draft.address.value, port: port.value, protocol: transport, scheduler: scheduler,
      servers: draft.servers.compactMap { .init($0, tunnel: draft.tunnel) })
    segmentSizeClamp = draft.segmentSizeClamp?.value
    synSuspect = draft.isSuspicious ? draft.health.synSuspect : nil
    sorryServer = draft.health.sorryServer.flatMap { .init($0.server, tunnel: draft.tunnel) }
    whenRemoved = draft.whenRemoved
    let methods = draft.methods ?? []
    fullNAT = FullNATSettings(
      draft.fullNAT,
      defaultForm: methods.contains(.fullnat) && transport == .tcp ? .toa : .none)
    // What FullNAT does anyway needs no word.
    stripsClientOption =
      (draft.stripsClientOption?.value ?? nil) ?? (methods == [.fullnat] && transport == .tcp)
  }
}

extension DirectorConfiguration.Server {
  /// `tunnel` is the service's.
  fileprivate init?(_ draft: ServerDraft, tunnel: Located<Tunnel>?) {
    guard let port = draft.port, let weight = draft.weight, let method = draft.method else {
      return nil
    }
    self.init(
      address: draft.address.value, port: port.value, weight: weight, method: method,
      tunnel: method == .tunnel ? (draft.tunnel ?? tunnel)?.value ?? Tunnel() : Tunnel())
  }
}

extension FullNATSettings {
  fileprivate init(_ draft: FullNATDraft, defaultForm: ClientAddressForm) {
    self.init(
      localAddresses: draft.localAddresses?.value.map(\.value) ?? [],
      localPorts: draft.localPorts?.value ?? Self.defaultPorts,
      clientAddress: draft.clientAddress?.value ?? defaultForm,
      optionKind: draft.optionKind?.value ?? Self.defaultOptionKind,
      timestamps: draft.timestamps?.value ?? .remove)
  }
}

extension PortBinding {
  fileprivate init?(_ draft: PortDraft) {
    guard let tap = draft.tap?.value else { return nil }
    let creation = draft.creation.map {
      TAPCreation(mtu: $0.mtu ?? draft.effectiveMTU, bridge: $0.bridge)
    }
    self.init(
      tap: tap, namespace: draft.namespace?.value, creation: creation, offloads: draft.offloads)
  }
}

extension ServiceDraft {
  /// Whether some server has a check that suspicion concerns: without one nothing follows from it.
  fileprivate var isSuspicious: Bool {
    servers.contains { server in
      (server.health.checks ?? health.checks).contains { $0.value.settings.suspicion != nil }
    }
  }
}
