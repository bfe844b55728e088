import Director
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
    self.init(director: director, bindings: ports.compactMap(PortBinding.init))
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
      address: draft.address.value, port: port, protocol: transport, scheduler: scheduler,
      servers: draft.servers.compactMap(DirectorConfiguration.Server.init))
    segmentSizeClamp = draft.segmentSizeClamp?.value
    whenRemoved = draft.whenRemoved
  }
}

extension DirectorConfiguration.Server {
  fileprivate init?(_ draft: ServerDraft) {
    guard let port = draft.port, let weight = draft.weight, let method = draft.method else {
      return nil
    }
    self.init(address: draft.address.value, port: port, weight: weight, method: method)
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
