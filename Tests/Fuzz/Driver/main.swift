// Drives one target by libFuzzer, whose own arguments follow the target's name:
//
//     fuzz list
//     fuzz seeds TARGET DIRECTORY
//     fuzz TARGET [-max_total_time=SECONDS] [CORPUS... | INPUT...]
//
// Built by Scripts/fuzz alone, since nothing else links libFuzzer.

import Foundation
import FuzzTargets

/// libFuzzer's entry for programs with a `main` of their own (`FuzzerDriver.cpp`).
@_silgen_name("LLVMFuzzerRunDriver")
func runLibFuzzer(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// What is fuzzed and how far its inputs got; libFuzzer runs one input at a time.
enum Session {
  nonisolated(unsafe) static var target: FuzzTarget?
  nonisolated(unsafe) static var runCount = 0
  nonisolated(unsafe) static var reachedCount = 0

  /// Fewer runs say nothing about shares: inputs are repeated one by one.
  static let leastRunCount = 1000

  static func run(_ input: [UInt8]) {
    guard let target = unsafe target else { return }
    unsafe runCount += 1
    do throws(Violation) {
      if try target.run(input) { unsafe reachedCount += 1 }
    } catch {
      fatalError("\(target.name): \(error)")
    }
  }

  /// Says how many runs got to the target's goal; leaves with 1 if they are too few.
  static func report() {
    guard let target = unsafe target, unsafe runCount >= leastRunCount else { return }
    let share = unsafe Double(reachedCount) * 100 / Double(runCount)
    let text = String(format: "%.1f", share)
    unsafe print("\(target.name): \(runCount) runs, \(text) % reach \(target.goal)")
    fflush(nil)
    if share < Double(target.leastShare) {
      print("\(target.name): at least \(target.leastShare) % are wanted")
      fflush(nil)
      _exit(1)
    }
  }
}

func leave(_ message: String) -> Never {
  FileHandle.standardError.write(Data("fuzz: \(message)\n".utf8))
  exit(2)
}

func target(_ name: String) -> FuzzTarget {
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    leave("no target `\(name)`; see Scripts/fuzz --list")
  }
  return target
}

func writeSeeds(of target: FuzzTarget, to directory: String) throws {
  for (number, seed) in target.seeds().enumerated() {
    try Data(seed).write(to: URL(fileURLWithPath: directory).appendingPathComponent("\(number)"))
  }
}

let arguments = CommandLine.arguments.dropFirst()
switch (arguments.first, arguments.count) {
case ("list", 1):
  for target in FuzzTarget.all { print(target.name) }
case ("seeds", 3):
  try writeSeeds(of: target(CommandLine.arguments[2]), to: CommandLine.arguments[3])
case (let name?, _):
  unsafe Session.target = target(name)
  // libFuzzer takes what follows the program's name for its own; the target's name becomes that.
  var rest = unsafe CommandLine.unsafeArgv.advanced(by: 1)
  var count = CommandLine.argc - 1
  atexit { Session.report() }
  exit(
    unsafe runLibFuzzer(&count, &rest) { bytes, count in
      unsafe Session.run([UInt8](UnsafeBufferPointer(start: bytes, count: count)))
      return 0
    })
case (nil, _):
  leave("a target, `list` or `seeds` is wanted")
}
