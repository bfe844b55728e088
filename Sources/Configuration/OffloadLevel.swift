/// A rung of the ladder of offloads, from the most to the least.
package enum OffloadLevel: String, CaseIterable, Sendable {
  case full
  case noUSO = "no-uso"
  case noECN = "no-ecn"
  case checksum
  case none
  case plain
}
