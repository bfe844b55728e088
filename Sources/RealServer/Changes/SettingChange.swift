import Netlink

/// A setting of the kernel gets another value.
package struct SettingChange: Codable, Equatable, Sendable, Effect {
  package let setting: Setting
  package let before: Int
  package let after: Int

  package init(_ setting: Setting, before: Int, after: Int) {
    self.setting = setting
    self.before = before
    self.after = after
  }

  func isInEffect(in snapshot: Snapshot) -> Bool { snapshot.settings[setting] == after }
  func apply(to snapshot: inout Snapshot) { snapshot.settings[setting] = after }
  func undo(in snapshot: inout Snapshot) { snapshot.settings[setting] = before }
  var applied: String { "\(setting): \(before) -> \(after)" }
  var undone: String { "\(setting): \(after) -> \(before)" }
  var overtaken: String { "\(setting) is not \(after) any more: left alone" }

  var isPlausible: Bool {
    LinkTable.isPossible(name: setting.device) && (-1...255).contains(before)
      && (-1...255).contains(after)
  }
}
