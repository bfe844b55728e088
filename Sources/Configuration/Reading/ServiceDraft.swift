import Director
import Wire

/// A virtual service as read; without an address it is no draft, what else could not be read is
/// `nil`.
struct ServiceDraft {
  /// Where the service begins.
  let position: Position
  let address: Located<IPv4Address>
  let port: Located<UInt16>?
  let `protocol`: ServiceProtocol?
  let scheduler: SchedulerKind?
  let servers: [ServerDraft]
  /// Those of the servers, or the service's while it has none; `nil` if one could not be read.
  let methods: Set<ForwardingMethod>?
  let segmentSizeClamp: Located<SegmentSizeClamp>?
  let whenRemoved: RemovalPolicy
  /// What holds for servers without a tunnel of their own.
  let tunnel: Located<Tunnel>?
  let fullNAT: FullNATDraft
  /// What `strip-client-toa` says, `nil` for nothing readable; `nil` without the key.
  let stripsClientOption: Located<Bool?>?
  let health: ServiceHealthDraft
}

/// What belongs to FullNAT, as read; what was not given or could not be read is `nil`.
struct FullNATDraft {
  /// Whether the key is there, readable or not.
  var hasLocalAddresses = false
  /// Those that could be read, and where their list begins.
  var localAddresses: Located<[Located<IPv4Address>]>?
  var localPorts: Located<ClosedRange<UInt16>>?
  var clientAddress: Located<ClientAddressForm>?
  var optionKind: Located<UInt8>?
  var timestamps: Located<TimestampPolicy>?
}

/// A real server as read.
struct ServerDraft {
  let address: Located<IPv4Address>
  /// Its own, or the service's.
  let port: Located<UInt16>?
  let weight: Int?
  let method: ForwardingMethod?
  /// Its own; `nil` for the service's.
  let tunnel: Located<Tunnel>?
  var health = ServerHealthDraft()
}
