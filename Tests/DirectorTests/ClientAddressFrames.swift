import Frames
import TestSupport
import Wire

@testable import Director

/// A segment of the client's as FullNAT sends it on, before the client's address is added.
func translatedSegment(_ flags: TCPFlags) -> FrameBuilder {
  FrameBuilder.ethernet(from: ExampleNetwork.insideMAC, to: ExampleNetwork.server1MAC)
    .ipv4(from: IPv4Address(10, 0, 0, 200), to: ExampleNetwork.server1)
    .tcp(from: 10001, to: 8080, flags).with(\.ip.timeToLive, 56)
    .with(\.tcp.sequence, 0x4111_1112).with(\.tcp.acknowledgment, 0x2222_2223)
    .with(\.tcp.window, 502)
}

/// A datagram of the client's as FullNAT sends it on.
func translatedDatagram() -> FrameBuilder {
  FrameBuilder.ethernet(from: ExampleNetwork.insideMAC, to: ExampleNetwork.server1MAC)
    .ipv4(from: IPv4Address(10, 0, 0, 200), to: ExampleNetwork.server1)
    .udp(from: 10001, to: 5353).with(\.ip.timeToLive, 56)
}

/// What becomes of `frame` in a batch, between two others that must stay, and what `change`
/// answers.
func changed<Answer>(
  _ frame: TestFrame, _ change: (inout FrameBatch, Int) -> Answer
) -> (frame: TestFrame, answer: Answer, areNeighborsUntouched: Bool) {
  let neighbor = TestFrame(
    [UInt8](repeating: 0x5a, count: FrameBatch.stride - FrameBatch.headroom))
  var batch = FrameBatch()
  _ = batch.append(neighbor, port: .wan)
  _ = batch.append(frame, port: .wan)
  _ = batch.append(neighbor, port: .wan)
  let answer = change(&batch, 1)
  let areUntouched = [0, 2].allSatisfy { TestFrame(copying: batch, at: $0) == neighbor }
  return (TestFrame(copying: batch, at: 1), answer, areUntouched)
}

extension FrameBuilder {
  /// Where the transport header begins in the frame.
  var transportStart: Int { 34 + (ip.options.count + 3) / 4 * 4 }

  /// The bytes of a TCP or IP option with the usual client.
  static let addressBytes = hexadecimal("9c40 c633640a")
}
