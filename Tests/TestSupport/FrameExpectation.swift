package import Testing
import Wire

/// Expects `actual` to be `expected`, outside of the byte ranges in `ignored`; a failure shows both
/// decoded side by side, with a star before each field that differs.
package func expectFrame(
  _ actual: TestFrame?, is expected: TestFrame, ignoring ignored: [Range<Int>] = [],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let actual else {
    Issue.record("no frame, expected:\n\(expected)", sourceLocation: sourceLocation)
    return
  }
  let comparison = FrameComparison(
    expected: expected.bytes.rawSpan, expected.offload,
    actual: actual.bytes.rawSpan, actual.offload, ignoring: ignored)
  if !comparison.isEqual {
    Issue.record("frames differ\n\(comparison)", sourceLocation: sourceLocation)
  }
}

/// Expects `actual` to be the frames of `expected` in their order.
package func expectFrames(
  _ actual: [TestFrame], are expected: [TestFrame],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  for (index, frame) in expected.enumerated() {
    let found = index < actual.count ? actual[index] : nil
    expectFrame(found, is: frame, sourceLocation: sourceLocation)
  }
  for extra in actual.dropFirst(expected.count) {
    Issue.record("one frame too many:\n\(extra)", sourceLocation: sourceLocation)
  }
}

/// Expects every checksum of `frame` to be right for what the frame says that it holds.
package func expectRightChecksums(
  _ frame: TestFrame, sourceLocation: SourceLocation = #_sourceLocation
) {
  let fields = FrameDescription(frame.bytes.rawSpan, offload: frame.offload).fields
  for field in fields where field.name == "checksum" && field.value.contains("wrong") {
    Issue.record(
      "\(field.layer) checksum \(field.value) in\n\(frame)", sourceLocation: sourceLocation)
  }
}
