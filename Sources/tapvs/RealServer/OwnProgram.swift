import Foundation

/// The file that this program was started from.
enum OwnProgram {
  static var path: String {
    let link = "/proc/self/exe"
    return (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) ?? link
  }
}
