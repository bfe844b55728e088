/// Packets that come out of a tunnel's device are not dropped because replies go another way.
///
/// 1 drops them always; 2 lets them pass if the device has an address, 0 in any case. The greater of
/// the device's own value and that of `all` counts.
struct ReversePath: Need {
  let device: String

  func changes(on snapshot: Snapshot) -> [Change] {
    guard snapshot.effective(.reversePathFilter, of: device) == 1 else { return [] }
    let setting = Setting(device, .reversePathFilter)
    let before = snapshot.settings[setting] ?? 0
    return [.setting(SettingChange(setting, before: before, after: 2))]
  }

  func findings(in snapshot: Snapshot) -> [Finding] {
    let value = snapshot.effective(.reversePathFilter, of: device)
    let hasAddress = snapshot.addresses.contains { $0.device == device }
    let setting = Setting(device, .reversePathFilter)
    var problem: String?
    if value == 1 {
      problem = "what comes out of the tunnel is dropped: sysctl -w \(setting)=2"
    } else if value == 2, !hasAddress {
      problem = "what comes out of a device without address is dropped: give it the VIP as /32"
    }
    return [
      Finding(
        "rp_filter of \(device)", found: snapshot.explained(.reversePathFilter, of: device),
        wanted: "0, or 2 with an address", problem: problem)
    ]
  }
}
