import Foundation
import Frames
import Wire

/// What a director with connections takes of the machine's memory.
enum ResidentMemory {
  /// Connections that are measured.
  static let connectionCount = 1_000_000

  /// Bytes of resident memory by which the process grows for each of a million established
  /// connections, the director and all of its tables included.
  static func bytesPerConnection() throws(BenchError) -> Double {
    let pool = TemplatePool(count: FrameBatch.frameLimit)
    for index in 0..<pool.count {
      Traffic.writeRequest(pool, at: index, flow: index, flags: .syn)
    }
    let before = try residentBytes()
    var bench = try Workbench(limit: connectionCount)
    for flags in [TCPFlags.syn, .ack] {
      for first in stride(from: 0, to: connectionCount, by: pool.count) {
        for index in 0..<pool.count {
          Traffic.writeRequest(pool, at: index, flow: first + index, flags: flags)
        }
        bench.work(.director, pool, from: 0)
      }
    }
    guard bench.connectionCount(.director) == connectionCount else {
      throw .disagreement("not every one of \(connectionCount) connections was opened")
    }
    return Double(try residentBytes() - before) / Double(connectionCount)
  }

  private static func residentBytes() throws(BenchError) -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
      let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { throw .memory("/proc/self/statm cannot be read") }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
