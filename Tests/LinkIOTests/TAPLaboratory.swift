import CLinux
import Frames
import Glibc
import LinkIO
import Netlink
import TestSupport
import Testing
import Wire

/// A namespace with a bridge `br0` and what tests of TAPs need.
struct TAPLaboratory: ~Copyable {
  let lab: TestNamespace
  let namespace: NetworkNamespace

  init() throws {
    let lab = try TestNamespace()
    try lab.ip("link add br0 type bridge mcast_snooping 0")
    try lab.ip("link set br0 up")
    namespace = NetworkNamespace(lab.name)
    self.lab = lab
  }

  /// Makes the persistent TAP `name` a port of the bridge; `form` is as `ip tuntap` takes it.
  func addTAP(_ name: String, _ form: String = "multi_queue vnet_hdr") throws {
    try lab.ip("tuntap add \(name) mode tap \(form)")
    try lab.ip("link set \(name) master br0 up")
  }

  /// What to open: the TAP `name` with an address that is not its own.
  func attachment(_ name: String, ceiling: OffloadLevel = .full) -> TAPAttachment {
    TAPAttachment(
      name: name, namespace: namespace, macAddress: MACAddress(rawValue: 0x0276_7300_0101),
      ceiling: ceiling)
  }

  /// Waits until frames pass the ports of the links `names`, at most 5 s.
  func waitUntilRunning(_ names: String...) throws {
    let monitor = try LinkMonitor(of: namespace)
    var waiting = Set(names)
    while !waiting.isEmpty {
      switch try monitor.next() {
      case .present(let link):
        if link.isRunning { waiting.remove(link.name) }
      case nil:
        var watched = pollfd(fd: monitor.descriptor, events: Int16(POLLIN), revents: 0)
        let isReady = unsafe poll(&watched, 1, 5000) == 1
        try #require(isReady, "\(waiting) have no carrier")
      default: break
      }
    }
  }

  /// Holds the TAP `name` as another program would; answers the descriptor.
  func hold(_ name: String, flags: Int32) throws -> Int32 {
    try namespace.perform { () throws(LinkError) in
      let descriptor = unsafe open("/dev/net/tun", O_RDWR | O_CLOEXEC)
      let all = Int32(IFF_TAP | IFF_NO_PI) | flags
      guard unsafe clinux_tun_attach(descriptor, name, all) == 0 else {
        throw LinkError(.system, "\(SystemError.last)")
      }
      return descriptor
    }
  }
}

/// Waits until `condition` holds, at most 5 s.
///
/// A descriptor that was closed may live on for a moment in a process that another test is starting.
func eventually(_ condition: () throws -> Bool) throws -> Bool {
  let clock = RetryClock.monotonic
  let deadline = clock.now().advanced(by: .seconds(5))
  while clock.now() < deadline {
    if try condition() { return true }
    clock.sleep(.milliseconds(1))
  }
  return false
}

/// A clock whose time passes by waiting only.
final class SteppedClock {
  private(set) var time = Instant.zero
  private(set) var waitCount = 0
  var onWait: () -> Void = {}

  var clock: RetryClock {
    RetryClock(
      now: { self.time },
      sleep: { duration in
        self.time = self.time.advanced(by: duration)
        self.waitCount += 1
        self.onWait()
        RetryClock.monotonic.sleep(.milliseconds(1))
      })
  }
}
