import CLinux

/// What work on frames the kernel leaves to others, from most to least: the rungs of a ladder.
///
/// A device starts on the highest rung that the kernel and the configuration allow. Every rung
/// carries the same bytes; the lower, the more and smaller the frames.
package enum OffloadLevel: String, CaseIterable, Hashable, Sendable {
  /// Frames come as GSO frames of TCP and UDP, checksums may be partial (Linux 6.2).
  case full
  /// As `full`, without UDP segmentation.
  case withoutUDPSegmentation = "no-uso"
  /// As before, without TCP segments that carry ECN's CWR.
  case withoutECN = "no-ecn"
  /// Checksums may be partial; every frame is a single one.
  case checksum
  /// Frames are single and whole, with a virtio-net header that says so.
  case whole = "none"
  /// No virtio-net header: frames are single and whole in both directions.
  case plain

  /// The TUN_F_* flags that ask the kernel for it.
  package var mask: UInt32 {
    switch self {
    case .full: 0x7f
    case .withoutUDPSegmentation: 0x0f
    case .withoutECN: 0x07
    case .checksum: 0x01
    case .whole, .plain: 0
    }
  }

  /// Whether frames have a virtio-net header in front.
  package var hasVnetHeader: Bool { self != .plain }

  /// Whether this rung is below `other`.
  package func isBelow(_ other: Self) -> Bool {
    Self.allCases.firstIndex(of: self) ?? 0 > Self.allCases.firstIndex(of: other) ?? 0
  }

  /// The rungs from this one down.
  package var andBelow: ArraySlice<Self> {
    Self.allCases[(Self.allCases.firstIndex(of: self) ?? 0)...]
  }

  /// The highest rung on which ports that reached `levels` may hand frames to each other.
  ///
  /// A port without virtio-net header can send neither partial checksums nor GSO frames: beside it
  /// the others have to take frames whole. Otherwise each keeps its own rung, since what a device
  /// takes for sending does not depend on what it asked for on receiving.
  package static func ceiling(for levels: [Self]) -> Self {
    levels.contains(.plain) ? .whole : .full
  }
}
