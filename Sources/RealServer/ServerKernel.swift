import CLinux
import Netlink
import Wire

/// The network namespace that the calling thread is in, looked at and changed.
struct ServerKernel {
  let namespace: NetworkNamespace
  private let table: LinkTable

  /// For the namespace that the calling thread is in, which is `namespace`.
  init(ofCurrent namespace: NetworkNamespace) throws(ServerError) {
    self.namespace = namespace
    table = try Self.linked { () throws(LinkError) in try LinkTable(ofCurrent: namespace) }
  }

  /// What the namespace is like; `asked` are the addresses to which ways are wanted.
  func snapshot(asking asked: [IPv4Address]) throws(ServerError) -> Snapshot {
    var snapshot = Snapshot()
    let links = try Self.linked { () throws(LinkError) in try table.links() }
    snapshot.devices = links.map {
      .init(name: $0.name, index: $0.index, mtu: $0.mtu, isUp: $0.isUp, kind: $0.kind)
    }
    snapshot.addresses = try Self.linked { () throws(LinkError) in try table.addresses() }.map {
      HeldAddress(
        IPv4InterfaceAddress($0.address, length: $0.prefixLength),
        on: snapshot.name(of: $0.linkIndex))
    }
    snapshot.routes = try Self.linked { () throws(LinkError) in try table.routes() }
    for device in links.map(\.name) + [.all, .fresh] {
      for name in Setting.Name.allCases {
        let setting = Setting(device, name)
        snapshot.settings[setting] = try read(setting)
      }
    }
    for address in asked {
      snapshot.ways[address] = try Self.linked { () throws(LinkError) in
        try table.way(to: address)
      }
    }
    return snapshot
  }

  /// Does one step of a plan.
  func perform(_ step: Plan.Step) throws(ServerError) {
    switch step {
    case .apply(let change): try make(change)
    case .undo(let change): try unmake(change)
    }
  }

  private func make(_ change: Change) throws(ServerError) {
    switch change {
    case .setting(let change): try write(change.after, to: change.setting)
    case .device(let device): try create(device)
    case .power(let power):
      try linked { table throws(LinkError) in try table.setUp(true, of: table.link(power.device)) }
    case .address(let addition):
      let held = addition.held
      try linked { table throws(LinkError) in
        do throws(LinkError) {
          try table.addAddress(held.address, isHostOnly: true, to: table.link(held.device))
        } catch {
          // Others, or the kernel itself, have just done the same.
          if error.reason != .linkExists { throw error }
        }
      }
    case .route(let route):
      try linked { table throws(LinkError) in try table.setRoute(route.after) }
    }
  }

  private func unmake(_ change: Change) throws(ServerError) {
    switch change {
    case .setting(let change): try write(change.before, to: change.setting)
    case .device(let device):
      try linked { table throws(LinkError) in try table.removeLink(table.link(device.name)) }
    case .power(let power):
      try linked { table throws(LinkError) in try table.setUp(false, of: table.link(power.device)) }
    case .address(let addition):
      let held = addition.held
      try linked { table throws(LinkError) in
        try table.removeAddress(held.address, from: table.link(held.device))
      }
    case .route(let route):
      try linked { table throws(LinkError) in
        if let before = route.before {
          try table.setRoute(before)
        } else {
          try table.removeRoute(route.after)
        }
      }
    }
  }

  /// Makes a device of the kernel's, for which the kernel may bring one of that name of its own.
  private func create(_ device: DeviceCreation) throws(ServerError) {
    do throws(LinkError) {
      try table.createLink(device.name, kind: device.kind)
    } catch {
      switch error.reason {
      case .linkExists: return
      case .notPermitted: throw ServerError(error)
      default:
        throw ServerError(
          .unavailable,
          "the kernel has no device of kind \(device.kind) (\(error.message)); take --decap ebpf or"
            + " socket")
      }
    }
  }

  private func linked(_ body: (LinkTable) throws(LinkError) -> Void) throws(ServerError) {
    try Self.linked { () throws(LinkError) in try body(table) }
  }

  private static func linked<R>(_ body: () throws(LinkError) -> R) throws(ServerError) -> R {
    do throws(LinkError) {
      return try body()
    } catch {
      throw ServerError(error)
    }
  }

  /// The value; `nil` where there is none, as of a device that has just gone.
  private func read(_ setting: Setting) throws(ServerError) -> Int? {
    do throws(SystemError) {
      guard let bytes = try SmallFile.read(setting.path) else { return nil }
      return Int(String(decoding: bytes, as: UTF8.self).filter { $0 != "\n" })
    } catch {
      throw ServerError(.unavailable, "\(setting) in \(namespace) cannot be read: \(error)")
    }
  }

  private func write(_ value: Int, to setting: Setting) throws(ServerError) {
    do throws(SystemError) {
      try SmallFile.write("\(value)\n", to: setting.path)
    } catch {
      throw ServerError(
        .unavailable,
        "\(setting) in \(namespace) cannot be set to \(value): \(error); a writable /proc/sys is"
          + " wanted")
    }
  }

  /// Which namespace this is, so that another that later has its number is not taken for it.
  static var cookie: UInt64 { clinux_network_namespace_cookie() }

  /// Which boot this is.
  static func boot() throws(ServerError) -> String {
    let path = "/proc/sys/kernel/random/boot_id"
    do throws(SystemError) {
      return String(decoding: try SmallFile.read(path) ?? [], as: UTF8.self).filter { $0 != "\n" }
    } catch {
      throw ServerError(.unavailable, "\(path) cannot be read: \(error)")
    }
  }
}
