import Foundation

/// What a command prints.
enum StandardOutput {
  /// Writes all of `text`; a reader that has gone ends the program without a word.
  static func write(_ text: String) throws(Failure) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
      let isGone = ((underlying ?? error) as NSError).code == Int(EPIPE)
      throw Failure(.wrong, isGone ? "" : "the output cannot be written")
    }
  }
}

/// What a command says about itself.
enum StandardError {
  static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
