import Director
import Wire

/// A virtual service as read; without an address it is no draft, what else could not be read is
/// `nil`.
struct ServiceDraft {
  let address: Located<IPv4Address>
  let port: UInt16?
  let `protocol`: ServiceProtocol?
  let scheduler: SchedulerKind?
  let servers: [ServerDraft]
  let segmentSizeClamp: Located<SegmentSizeClamp>?
  let whenRemoved: RemovalPolicy
}

/// A real server as read.
struct ServerDraft {
  let address: Located<IPv4Address>
  let port: UInt16?
  let weight: Int?
  let method: ForwardingMethod?
}
