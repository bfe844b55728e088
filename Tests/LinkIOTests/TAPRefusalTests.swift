import Glibc
import Netlink
import Testing
import Wire

@testable import LinkIO

/// What the kernel's refusals mean, without a kernel that refuses.
@Suite("Refused TAPs")
struct TAPRefusalTests {
  @Test(arguments: [
    (ENOENT, LinkError.Reason.system, "no /dev/net/tun: No such file or directory"),
    (ENODEV, .system, "no /dev/net/tun: No such device"),
    (EPERM, .notPermitted, "/dev/net/tun cannot be opened: Operation not permitted"),
    (EACCES, .notPermitted, "/dev/net/tun cannot be opened: Permission denied"),
  ]) func theDeviceAndItsOptionAreNamed(
    _ code: Int32, _ reason: LinkError.Reason, _ beginning: String
  ) {
    let error = TAPQueue.refusal(SystemError(code: code))
    #expect(error.reason == reason)
    #expect(error.isUnavailable)
    #expect(error.message.hasPrefix(beginning))
    #expect(error.message.hasSuffix("(in a container: --device /dev/net/tun)"))
  }

  @Test func anotherReasonIsToldAsItIs() {
    let error = TAPQueue.refusal(SystemError(code: EMFILE))
    #expect(error == LinkError(.system, "/dev/net/tun cannot be opened: Too many open files"))
  }

  @Test(arguments: [
    (EBUSY, LinkError.Reason.busy, "TAP t0 in namespace blue is held by another program"),
    (
      EPERM, .notPermitted,
      "TAP t0 in namespace blue cannot be opened: Operation not permitted; "
        + "it needs CAP_NET_ADMIN (in a container: --cap-add NET_ADMIN)"
    ),
    (EINVAL, .system, "TAP t0 in namespace blue cannot be opened: Invalid argument"),
  ]) func whatATAPRefuses(_ code: Int32, _ reason: LinkError.Reason, _ message: String) {
    let attachment = TAPAttachment(
      name: "t0", namespace: NetworkNamespace("blue"), macAddress: .zero)
    #expect(attachment.refusal(SystemError(code: code)) == LinkError(reason, message))
  }
}
