import CLinux
import Glibc
import Netlink

/// A program at its place, which it leaves when nobody holds the link any more.
package struct BPFLink: Sendable {
  package let descriptor: BPFDescriptor

  /// Takes a link that was pinned.
  package init(_ descriptor: BPFDescriptor) {
    self.descriptor = descriptor
  }

  /// Puts `program` into the control group whose directory `group` is open, behind those there.
  package init(_ program: BPFProgram, inGroup group: Int32) throws(BPFError) {
    do throws(SystemError) {
      descriptor = try Self.create(program, UInt32(group))
    } catch {
      let attempt = "program \(program.name) cannot be put into the control group"
      switch error.code {
      case EPERM:
        // Another program may have claimed the group for itself alone.
        throw BPFError(.notPermitted, "\(attempt): \(error); a program there may allow no other")
      case EBADF, EINVAL:
        throw BPFError(.unsupported, "\(attempt): \(error); wanted is one of version 2")
      default:
        throw BPFError(error, attempt)
      }
    }
  }

  /// Puts `program` at the ingress of the link `name` of the index `index`, behind those there.
  package init(
    _ program: BPFProgram, atIngressOf name: String, index: Int32
  ) throws(BPFError) {
    do throws(SystemError) {
      descriptor = try Self.create(program, UInt32(bitPattern: index))
    } catch {
      let attempt = "program \(program.name) cannot be put on link \(name)"
      if error.code == EINVAL {
        throw BPFError(.unsupported, "\(attempt): \(error); it needs TCX (Linux 6.6)")
      }
      throw BPFError(error, attempt)
    }
  }

  private static func create(
    _ program: BPFProgram, _ target: UInt32
  ) throws(SystemError) -> BPFDescriptor {
    try BPFDescriptor(
      result: clinux_bpf_create_link(
        program.descriptor.number, target, program.kind.attachType))
  }

  /// Puts `program` into the place of the one at work; false if the link has lost its place.
  package func replace(with program: BPFProgram) -> Bool {
    clinux_bpf_update_link(descriptor.number, program.descriptor.number) == 0
  }
}
