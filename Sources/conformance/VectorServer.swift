import Director
import Wire

/// Readers of a vector's `real_servers`.
enum VectorServer {
  static func server(
    _ value: JSONValue, _ path: String
  ) throws(VectorError) -> DirectorConfiguration.Server {
    let object = try JSONObject(value, at: path)
    try object.check(known: ["ip", "port", "weight", "fwd", "tunnel", "tun_port", "csum"])
    let method = try object.optional("fwd", forwardingMethod) ?? .nat
    if method != .tunnel {
      for key in ["tunnel", "tun_port", "csum"] where object.members[key] != nil {
        throw VectorError.malformed("\(path).\(key) of a server that is in no tunnel")
      }
    }
    return DirectorConfiguration.Server(
      address: try object.required("ip", Read.address),
      port: try object.required("port", Read.servicePort),
      weight: try object.optional("weight", weight) ?? 1, method: method,
      tunnel: try tunnel(object))
  }

  /// `nat`, `dr`, `tun` or `fullnat`.
  static func forwardingMethod(
    _ value: JSONValue, _ path: String
  ) throws(VectorError) -> ForwardingMethod {
    switch try Read.string(value, path) {
    case "nat": return .nat
    case "dr": return .dr
    case "tun": return .tunnel
    case "fullnat": return .fullnat
    case let name: throw VectorError.needs("forwarding method \(name) (\(path))")
    }
  }

  private static func tunnel(_ object: JSONObject) throws(VectorError) -> Tunnel {
    Tunnel(
      try object.optional("tunnel", encapsulation) ?? .ipip,
      hasChecksum: try object.optional("csum", Read.bool) ?? false,
      port: try object.optional("tun_port", Read.servicePort) ?? Tunnel.defaultPort)
  }

  private static func encapsulation(
    _ value: JSONValue, _ path: String
  ) throws(VectorError) -> Tunnel.Encapsulation {
    let name = try Read.string(value, path)
    guard let found = Tunnel.Encapsulation(rawValue: name) else {
      throw VectorError.needs("tunnels of the kind \(name) (\(path))")
    }
    return found
  }

  private static func weight(_ value: JSONValue, _ path: String) throws(VectorError) -> Int {
    let weight = try Read.integer(value, path)
    guard DirectorConfiguration.Server.weightRange ~= weight else {
      throw VectorError.malformed("\(path) is outside of 0-65535")
    }
    return weight
  }
}
