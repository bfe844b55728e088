/// The server does not tell its neighbours that it has the VIP.
///
/// For a device the greater of its own value and that of `all` counts, and nobody asks over `lo`:
/// its values have no effect.
struct NeighborSilence: Need {
  /// Answers only for addresses of the asked device.
  ///
  /// 3 hides nothing of ours, 8 hides everything.
  private static let ignoring = 1...2

  /// Asks only in the name of an address of the asking device.
  private static let announcing = 2

  func changes(on snapshot: Snapshot) -> [Change] {
    var changes: [Change] = []
    func want(_ setting: Setting, _ after: Int, unless isRight: (Int) -> Bool) {
      let before = snapshot.settings[setting] ?? 0
      if isRight(before) { return }
      changes.append(.setting(SettingChange(setting, before: before, after: after)))
    }
    want(Setting(.all, .arpIgnore), 1) { Self.ignoring.contains($0) }
    for device in snapshot.outerDevices {
      want(Setting(device.name, .arpIgnore), 1) { $0 <= Self.ignoring.upperBound }
    }
    want(Setting(.all, .arpAnnounce), Self.announcing) { $0 >= Self.announcing }
    return changes
  }

  func findings(in snapshot: Snapshot) -> [Finding] {
    let devices = snapshot.outerDevices.map(\.name)
    return (devices.isEmpty ? [String.all] : devices).flatMap { device in
      [ignore(device, snapshot), announce(device, snapshot)]
    }
  }

  private func ignore(_ device: String, _ snapshot: Snapshot) -> Finding {
    let value = snapshot.effective(.arpIgnore, of: device)
    var problem: String?
    if value == 8 {
      problem = "nobody is answered, not even for the device's own address"
    } else if !Self.ignoring.contains(value) {
      problem = "neighbours are told that this server has the VIP"
    }
    let own = snapshot.settings[Setting(device, .arpIgnore)] ?? 0
    let place = own > Self.ignoring.upperBound ? device : String.all
    return Finding(
      "arp_ignore of \(device)", found: snapshot.explained(.arpIgnore, of: device),
      wanted: "1 or 2",
      problem: problem.map { "\($0): sysctl -w \(Setting(place, .arpIgnore))=1" })
  }

  private func announce(_ device: String, _ snapshot: Snapshot) -> Finding {
    let value = snapshot.effective(.arpAnnounce, of: device)
    let repair = "sysctl -w \(Setting(.all, .arpAnnounce))=2"
    return Finding(
      "arp_announce of \(device)", found: snapshot.explained(.arpAnnounce, of: device),
      wanted: "2",
      problem: value >= Self.announcing
        ? nil : "asks in the VIP's name, from which the router learns this server's MAC: \(repair)")
  }
}
