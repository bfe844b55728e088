import Glibc
import TestSupport
import Testing

@testable import Netlink

@Suite("Network namespaces")
struct NetworkNamespaceTests {
  @Test func namesAndPathsAreTold() {
    #expect(NetworkNamespace("blue").path == "/run/netns/blue")
    #expect(NetworkNamespace("/proc/1/ns/net").path == "/proc/1/ns/net")
    #expect("\(NetworkNamespace("blue"))" == "namespace blue")
    #expect("\(NetworkNamespace.own)" == "the own namespace")
  }

  @Test func aMissingNamespaceIsNamed() {
    let error = #expect(throws: LinkError.self) {
      try NetworkNamespace("tapvs-test-none").perform {}
    }
    #expect(error?.reason == .namespaceMissing)
    #expect(error?.isUnavailable == true)
    #expect(
      error?.message
        == "no network namespace tapvs-test-none: /run/netns/tapvs-test-none does not exist")
  }

  @Test(.enabled(if: TestNamespace.isPossible))
  func aFileThatIsNoNamespaceIsNamed() {
    let error = #expect(throws: LinkError.self) { try NetworkNamespace("/dev/null").perform {} }
    #expect(error?.reason == .namespaceMissing)
    #expect(error?.message == "/dev/null is not a network namespace")
  }

  @Test(arguments: [
    (ENOENT, LinkError.Reason.namespaceMissing, "no network namespace .*blue.* does not exist"),
    (EACCES, .notPermitted, "cannot be opened: Permission denied; it needs permission to read"),
    (EMFILE, .system, "cannot be opened: Too many open files"),
  ]) func whyAFileCannotBeOpened(_ code: Int32, _ reason: LinkError.Reason, _ pattern: String)
    throws
  {
    let error = NetworkNamespace("/run/netns/blue").refusal(toOpen: SystemError(code: code))
    #expect(error.reason == reason)
    #expect(error.isUnavailable)
    #expect(error.message.contains(try Regex(pattern)))
    #expect(error.message.contains("/run/netns/blue"))
  }

  @Test(arguments: [
    (EINVAL, LinkError.Reason.namespaceMissing, "is not a network namespace"),
    (EPERM, .notPermitted, "it needs CAP_SYS_ADMIN (in a container: --cap-add SYS_ADMIN)"),
    (ENOMEM, .system, "cannot be entered: Cannot allocate memory"),
  ]) func whyANamespaceCannotBeEntered(_ code: Int32, _ reason: LinkError.Reason, _ text: String) {
    let error = NetworkNamespace("/run/netns/blue").refusal(toEnter: SystemError(code: code))
    #expect(error.reason == reason)
    #expect(error.isUnavailable)
    #expect(error.message.contains(text))
    #expect(error.message.contains("/run/netns/blue"))
  }

  @Test func theOwnNamespaceIsEnteredWithoutAThread() throws {
    #expect(try NetworkNamespace.own.perform { 7 } == 7)
    #expect(try NetworkNamespace.own.identity() == NetworkNamespace("/proc/self/ns/net").identity())
  }

  @Test(.enabled(if: TestNamespace.isPossible))
  func theCallersNamespaceStays() throws {
    let lab = try TestNamespace()
    let namespace = NetworkNamespace(lab.name)
    let here = NetworkNamespace("/proc/thread-self/ns/net")
    let before = try here.identity()
    let inside = try namespace.perform { () throws(LinkError) in try here.identity() }
    #expect(inside == (try namespace.identity()))
    #expect(inside != before)
    #expect(try here.identity() == before)
  }

  @Test(.enabled(if: TestNamespace.isPossible))
  func whatTheBodyThrowsComesBack() throws {
    let lab = try TestNamespace()
    let error = #expect(throws: LinkError.self) {
      try NetworkNamespace(lab.name).perform { () throws(LinkError) -> Int in
        throw LinkError(.busy, "on purpose")
      }
    }
    #expect(error == LinkError(.busy, "on purpose"))
  }
}
