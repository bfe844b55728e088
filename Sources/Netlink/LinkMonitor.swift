import CMnl
import Glibc

/// What a link monitor saw.
package enum LinkEvent: Equatable, Sendable {
  /// A list of all links follows, either the first or because events were lost.
  case resynchronize
  /// A link exists and is in this state now; it may be in no other than before.
  case present(LinkState)
  /// The link is gone from the namespace.
  case removed(index: Int32, name: String)
  /// The list is complete: links that were not in it do not exist.
  case synchronized
}

/// Follows the links of one network namespace.
///
/// It begins with a list: `resynchronize`, each link as `present`, `synchronized`. When the kernel
/// had to throw events away, the same comes again.
package final class LinkMonitor {
  /// Whose links these are.
  package let namespace: NetworkNamespace
  private let socket: NetlinkSocket
  private var messages: ArraySlice<NetlinkMessage> = []
  private var listing: Listing

  /// How a list stands.
  private enum Listing: Equatable {
    /// None is being read.
    case idle
    /// One is to be asked for as soon as nothing waits: the kernel goes on throwing events away until
    /// the socket has been emptied once.
    case wanted
    /// The answer to this request is being read; it is of no use if the links changed meanwhile.
    case running(sequence: UInt32, isStale: Bool)
  }

  /// Begins to follow the links of `namespace`; the calling thread stays where it is.
  package init(of namespace: NetworkNamespace) throws(LinkError) {
    self.namespace = namespace
    socket = try namespace.perform { () throws(LinkError) in
      do throws(SystemError) {
        return try NetlinkSocket(groups: UInt32(RTMGRP_LINK), isBlocking: false)
      } catch {
        throw LinkError(.system, "no netlink socket in \(namespace): \(error)")
      }
    }
    listing = .wanted
  }

  /// Readable when `next` has something to tell; belongs to the monitor.
  package var descriptor: Int32 { socket.descriptor }

  /// The next event, or `nil` when there is none for now.
  ///
  /// Call it once after `init` and then whenever `descriptor` is readable, each time until it
  /// answers `nil`.
  package func next() throws(LinkError) -> LinkEvent? {
    do throws(SystemError) {
      while true {
        while let message = messages.popFirst() {
          if let event = try event(of: message) { return event }
        }
        guard let received = try receive() else {
          return listing == .wanted ? try beginListing() : nil
        }
        messages = received[...]
      }
    } catch {
      throw LinkError(.system, "links of \(namespace) cannot be followed: \(error)")
    }
  }

  /// The messages of the next datagram; `nil` if none waits.
  private func receive() throws(SystemError) -> [NetlinkMessage]? {
    do throws(SystemError) {
      return try socket.receive()
    } catch {
      switch error.code {
      case EAGAIN: return nil
      case ENOBUFS:
        noteLoss()
        return []
      default: throw error
      }
    }
  }

  private func noteLoss() {
    if case .running(let sequence, _) = listing {
      listing = .running(sequence: sequence, isStale: true)
    } else {
      listing = .wanted
    }
  }

  private func beginListing() throws(SystemError) -> LinkEvent {
    let sequence = try socket.send(.link(type: RTM_GETLINK, flags: NLM_F_DUMP))
    listing = .running(sequence: sequence, isStale: false)
    return .resynchronize
  }

  private func event(of message: NetlinkMessage) throws(SystemError) -> LinkEvent? {
    if case .running(let sequence, let isStale) = listing, message.sequence == sequence {
      if message.flags & NLM_F_DUMP_INTR != 0 { noteLoss() }
      switch message.type {
      case Int(NLMSG_DONE):
        listing = isStale || message.flags & NLM_F_DUMP_INTR != 0 ? .wanted : .idle
        return listing == .idle ? .synchronized : nil
      case Int(NLMSG_ERROR):
        if let error = try message.acknowledgedError() { throw error }
        return nil
      default: break
      }
    }
    guard let link = LinkState(message.payload) else { return nil }
    switch message.type {
    case RTM_NEWLINK: return .present(link)
    case RTM_DELLINK: return .removed(index: link.index, name: link.name)
    default: return nil
    }
  }
}
