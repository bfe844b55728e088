import Glibc
import Netlink

/// Where it is remembered what `up` did in one network namespace.
struct StateFile {
  private let directory: String
  let path: String

  /// The state of the namespace `number`, in `directory`.
  init(namespace number: UInt, in directory: String) {
    self.directory = directory
    path = "\(directory)/\(number).json"
  }

  /// What the program that is started says.
  var log: String { path.dropLast(".json".count) + ".decap.log" }

  /// What is remembered; `nil` if nothing is, or only of a namespace that is gone.
  func read(boot: String, cookie: UInt64) throws(ServerError) -> ServerState? {
    let bytes = try call("read") { () throws(SystemError) in try SmallFile.read(path) }
    guard let bytes else { return nil }
    for (place, kind) in [(directory, S_IFDIR), (path, S_IFREG)] {
      let fault = try call("read") { () throws(SystemError) in
        try SmallFile.fault(of: place, kind: kind)
      }
      if let fault { throw refusal("\(place) \(fault)") }
    }
    do throws(ServerState.Refusal) {
      let state = try ServerState(bytes)
      return state.boot == boot && state.namespaceCookie == cookie ? state : nil
    } catch {
      throw refusal(error.reason)
    }
  }

  /// Remembers `state`; `nil` forgets all.
  func write(_ state: ServerState?) throws(ServerError) {
    guard let state else {
      return try call("removed") { () throws(SystemError) in try SmallFile.remove(path) }
    }
    for place in [parent, directory] where !place.isEmpty {
      let fault = try call("written") { () throws(SystemError) in
        try SmallFile.directory(place)
      }
      if let fault {
        throw ServerError(
          .wrong, "\(place) \(fault); a directory that only its owner writes is wanted")
      }
    }
    try call("written") { () throws(SystemError) in
      try SmallFile.replace(path, with: state.bytes)
    }
  }

  /// Runs `body`, which has the file `what` (read, written), and says why it fails.
  private func call<R>(
    _ what: String, _ body: () throws(SystemError) -> R
  ) throws(ServerError) -> R {
    do throws(SystemError) {
      return try body()
    } catch {
      switch error.code {
      case ELOOP: throw refusal("it is a symbolic link")
      case EFBIG: throw refusal("it is longer than \(SmallFile.limit) bytes")
      case EACCES, EPERM:
        throw ServerError(.unavailable, "\(path) cannot be \(what): \(error); root is wanted")
      default: throw ServerError(.unavailable, "\(path) cannot be \(what): \(error)")
      }
    }
  }

  private var parent: String {
    directory.lastIndex(of: "/").map { String(directory[..<$0]) } ?? ""
  }

  private func refusal(_ reason: String) -> ServerError {
    ServerError(
      .wrong,
      "\(path) is not what `up` remembers: \(reason); look at the settings with `check --mode ...`,"
        + " put right what is wrong, and remove the file")
  }
}
