import Director
import Wire

/// The options of an ipvsadm(8) command, taken one by one; what is left over is refused.
struct CommandOptions {
  private var values: [String: String] = [:]
  private let line: String
  /// Whether the method that was read is that of tunnels.
  private var isTunnel = false

  /// Forwarding methods and checksums of tunnels have no value.
  private static let flags: Set<String> = ["-m", "-g", "-i", "--tun-nocsum", "--tun-csum"]

  init(_ words: ArraySlice<String>, _ line: String) throws(VectorError) {
    self.line = line
    var words = words
    while let option = words.popFirst() {
      let value = Self.flags.contains(option) ? "" : words.popFirst()
      guard option.hasPrefix("-"), let value, values.updateValue(value, forKey: option) == nil
      else { throw VectorError.malformed("'\(option)' in '\(line)'") }
    }
  }

  mutating func virtualServer() throws(VectorError) -> DirectorCommand.VirtualServer {
    if let text = values.removeValue(forKey: "-t") {
      return DirectorCommand.VirtualServer(protocol: .tcp, endpoint: try endpoint(text))
    }
    guard let text = values.removeValue(forKey: "-u") else {
      throw VectorError.needs("services other than TCP and UDP ('\(line)')")
    }
    return DirectorCommand.VirtualServer(protocol: .udp, endpoint: try endpoint(text))
  }

  mutating func realServer() throws(VectorError) -> Endpoint {
    guard let text = values.removeValue(forKey: "-r") else {
      throw VectorError.malformed("no -r in '\(line)'")
    }
    return try endpoint(text)
  }

  mutating func scheduler() throws(VectorError) -> SchedulerKind {
    let name = values.removeValue(forKey: "-s") ?? SchedulerKind.weightedLeastConnection.rawValue
    guard let kind = SchedulerKind(rawValue: name) else {
      throw VectorError.needs("scheduler \(name)")
    }
    return kind
  }

  mutating func weight() throws(VectorError) -> Int? {
    guard let text = values.removeValue(forKey: "-w") else { return nil }
    guard let weight = Int(text), DirectorConfiguration.Server.weightRange ~= weight else {
      throw VectorError.malformed("weight \(text) in '\(line)'")
    }
    return weight
  }

  /// Direct routing unless another is named, as in ipvsadm.
  mutating func method() throws(VectorError) -> ForwardingMethod {
    var named: [ForwardingMethod] = []
    if values.removeValue(forKey: "-m") != nil { named.append(.nat) }
    if values.removeValue(forKey: "-g") != nil { named.append(.dr) }
    if values.removeValue(forKey: "-i") != nil { named.append(.tunnel) }
    isTunnel = named == [.tunnel]
    guard named.count <= 1 else {
      throw VectorError.malformed("more than one forwarding method in '\(line)'")
    }
    return named.first ?? .dr
  }

  /// How a tunnel wraps packets; its options are left over when the method is another.
  mutating func tunnel() throws(VectorError) -> Tunnel {
    var tunnel = Tunnel()
    guard isTunnel else { return tunnel }
    if let name = values.removeValue(forKey: "--tun-type") {
      guard let encapsulation = Tunnel.Encapsulation(rawValue: name) else {
        throw VectorError.needs("tunnels of the kind \(name) ('\(line)')")
      }
      tunnel.encapsulation = encapsulation
    }
    if let text = values.removeValue(forKey: "--tun-port") {
      guard let port = UInt16(text), port > 0, tunnel.encapsulation == .gue else {
        throw VectorError.malformed("'--tun-port \(text)' in '\(line)'")
      }
      tunnel.port = port
    }
    tunnel.hasChecksum = values.removeValue(forKey: "--tun-csum") != nil
    _ = values.removeValue(forKey: "--tun-nocsum")
    return tunnel
  }

  func finish() throws(VectorError) {
    guard let option = values.keys.min() else { return }
    throw VectorError.needs("option \(option) of ipvsadm ('\(line)')")
  }

  private func endpoint(_ text: String) throws(VectorError) -> Endpoint {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv4Address(String(parts[0])),
      let port = UInt16(parts[1]), port > 0
    else { throw VectorError.malformed("'\(text)' in '\(line)' is no address and port") }
    return Endpoint(address, port)
  }
}
