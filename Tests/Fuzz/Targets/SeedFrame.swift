import Foundation
import Frames
import TestSupport
import Wire

/// A frame that a port may get, and by which port.
struct SeedFrame: Equatable, Sendable {
  var port: PortIndex
  var frame: TestFrame

  init(port: PortIndex, frame: TestFrame) {
    self.port = port
    self.frame = frame
  }

  /// The virtio-net header and the frame, as they come from a device.
  var bytes: [UInt8] {
    var header = [UInt8](repeating: 0, count: VirtioNetHeader.length)
    let offload = frame.offload
    header.withMutableRawSpan { bytes in
      var bytes = bytes
      offload.store(into: &bytes)
    }
    return header + frame.bytes
  }

  /// The frames of usual conversations, and those that the vectors of `nat.json` put in.
  static let all: [SeedFrame] = UsualFrames.all + VectorFrames.all

  /// What the Ethernet headers of frames of `type` are followed by.
  static func payloads(of type: EtherType) -> [[UInt8]] {
    all.compactMap { seed in
      guard let frame = EthernetFrame(seed.frame.bytes.rawSpan), frame.etherType == type else {
        return nil
      }
      return frame.payload.octets
    }
  }

  /// What the IPv4 headers of packets of `protocol` are followed by.
  static func segments(of protocol: IPProtocol) -> [[UInt8]] {
    payloads(of: .ipv4).compactMap { bytes in
      guard let packet = IPv4Packet(bytes.rawSpan), packet.protocol == `protocol` else {
        return nil
      }
      return packet.payload.octets
    }
  }
}

/// The input frames of `Tests/Vectors/nat.json`.
private struct VectorFrames: Decodable {
  struct Vector: Decodable { var input: [Input]? }

  struct Input: Decodable {
    var port: String?
    var frame: String?
    /// The virtio-net header in the little-endian form.
    var vnet: String?
  }

  var vectors: [Vector]

  /// Traps when the file is not beside the sources.
  static let all: [SeedFrame] = {
    let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
    let file = URL(fileURLWithPath: VectorFile.path("nat.json", from: directory))
    guard let data = try? Data(contentsOf: file),
      let content = try? JSONDecoder().decode(VectorFrames.self, from: data)
    else { preconditionFailure("no vectors in \(file.path)") }
    return content.vectors.flatMap { $0.input ?? [] }.compactMap { input in
      guard let frame = input.frame else { return nil }
      let offload = input.vnet.flatMap { VirtioNetHeader(hexadecimal($0).rawSpan) }
      return SeedFrame(
        port: input.port == "int" ? .lan : .wan,
        frame: TestFrame(hexadecimal(frame), offload: offload ?? VirtioNetHeader()))
    }
  }()
}
