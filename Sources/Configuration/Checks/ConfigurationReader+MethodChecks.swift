import Director
import Wire

extension ConfigurationReader {
  /// Refuses keys of methods that no server of the service has, and keys of the other protocol.
  mutating func checkMethodKeys(of service: ServiceDraft) {
    checkClientAddress(of: service)
    guard let methods = service.methods else { return }
    if let tunnel = service.tunnel, !methods.contains(.tunnel) {
      refuse(
        "`tunnel` in a service without servers of method `tunnel`", at: tunnel.position,
        wanted: "only packets to those are wrapped: leave it out, or give them `method: tunnel`")
    }
    if !methods.contains(.fullnat) {
      refuseFullNATKeys(of: service)
    } else if !service.fullNAT.hasLocalAddresses {
      refuse(
        "a service with servers of method `fullnat` and without `local-addresses`",
        at: service.position,
        wanted: "`local-addresses: [ADDRESS, ...]`, the sources of packets to them, is wanted")
    }
    checkStripping(of: service, methods)
  }

  private mutating func refuseFullNATKeys(of service: ServiceDraft) {
    let places = [
      ("local-addresses", service.fullNAT.localAddresses?.position),
      ("local-ports", service.fullNAT.localPorts?.position),
      ("client-address", service.fullNAT.clientAddress?.position),
      ("tcp-timestamps", service.fullNAT.timestamps?.position),
    ]
    for case (let key, let place?) in places {
      refuse(
        "`\(key)` in a service without servers of method `fullnat`", at: place,
        wanted: "the others see the client's own address and port: leave it out, or give them "
          + "`method: fullnat`")
    }
  }

  private mutating func checkClientAddress(of service: ServiceDraft) {
    guard let form = service.fullNAT.clientAddress, let transport = service.protocol else { return }
    let forms = ClientAddressForm.allCases.filter { $0.isPossible(in: transport) }
    guard !forms.contains(form.value) else { return }
    let list = forms.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    refuse(
      "`client-address` is `\(form.value.rawValue)` in a service of `\(transport.rawValue)`",
      at: form.position, wanted: "one of \(list) is wanted")
  }

  /// Refuses words about the TCP option where there is none, or no choice.
  private mutating func checkStripping(of service: ServiceDraft, _ methods: Set<ForwardingMethod>) {
    let (kind, strips) = (service.fullNAT.optionKind, service.stripsClientOption)
    if service.protocol == .udp {
      let places = [
        ("option-kind", kind?.position), ("strip-client-toa", strips?.position),
        ("tcp-timestamps", service.fullNAT.timestamps?.position),
      ]
      for (key, place) in places {
        guard let place else { continue }
        refuse(
          "`\(key)` in a service of `udp`", at: place,
          wanted: "only TCP has such options: leave it out")
      }
    } else if methods.contains(.fullnat) {
      guard let strips, strips.value == false else { return }
      refuse(
        "`strip-client-toa` is `false` in a service with servers of method `fullnat`",
        at: strips.position,
        wanted: "leave it out: a client's own option would pass for the director's")
    } else if let kind, strips == nil || strips?.value == false {
      refuse(
        "`option-kind` in a service that neither has servers of method `fullnat` nor says "
          + "`strip-client-toa: true`", at: kind.position,
        wanted: "only those look for the option: leave it out")
    }
  }

  /// Refuses what the server's method cannot do.
  mutating func checkMethod(of server: ServerDraft, in service: ServiceDraft) {
    guard let method = server.method else { return }
    if let tunnel = server.tunnel, method != .tunnel {
      refuse(
        "`tunnel` of a server whose method is `\(method.rawValue)`", at: tunnel.position,
        wanted: "only `method: tunnel` wraps packets: leave it out, or give it that method")
    }
    if method == .dr || method == .tunnel, let port = server.port, let servicePort = service.port,
      port.value != servicePort.value
    {
      refuse(
        "`port` is \(port.value), the service's is \(servicePort.value), and the method is "
          + "`\(method.rawValue)`", at: port.position,
        wanted: "the service's, or none, is wanted: this method never changes ports")
    }
  }
}

extension ClientAddressForm {
  /// Whether packets of `transport` can carry it.
  fileprivate func isPossible(in transport: ServiceProtocol) -> Bool {
    switch self {
    case .none: true
    case .toa, .proxyV2: transport == .tcp
    case .uoaOption, .uoaProtocol: transport == .udp
    }
  }
}
