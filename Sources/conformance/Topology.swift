import Director
import Frames
import Wire

/// The network in which the vectors play: two ports, a gateway and neighbours.
struct Topology {
  /// A port of the director.
  struct Port {
    var name: String
    var mac: MACAddress
    var address: IPv4InterfaceAddress
    var mtu: Int
  }

  /// `ext`, then `int`: a place in this list is a port's index.
  let ports: [Port]
  /// The router behind `ext`.
  let gateway: IPv4Address
  /// Every station whose link address is known.
  let neighbors: [IPv4Address: MACAddress]

  init(_ object: JSONObject) throws(VectorError) {
    var ports: [Port] = []
    for name in ["ext", "int"] { ports.append(try Self.port(name, of: object)) }
    self.ports = ports
    let gateway = try object.required("gw", Read.object)
    self.gateway = try gateway.required("ip", Read.address)
    var neighbors: [IPv4Address: MACAddress] = [:]
    for key in object.members.keys.sorted() where key != "ext" && key != "int" {
      guard case .object = object.members[key] else { continue }
      let station = try object.required(key, Read.object)
      guard let mac = try station.optional("mac", Read.mac),
        let address = try station.optional("ip", Read.address)
      else { continue }
      neighbors[address] = mac
    }
    self.neighbors = neighbors
  }

  private static func port(_ name: String, of object: JSONObject) throws(VectorError) -> Port {
    let port = try object.required(name, Read.object)
    let address = try port.required("ip", Read.address)
    let length = try port.required("prefix", Read.integer)
    guard 0...32 ~= length else { throw VectorError.malformed("\(port.path).prefix: \(length)") }
    return Port(
      name: name, mac: try port.required("mac", Read.mac),
      address: IPv4InterfaceAddress(address, length: length),
      mtu: try port.required("mtu", Read.mtu))
  }

  /// The port that an element of a vector names.
  func portIndex(named name: String) throws(VectorError) -> PortIndex {
    guard let place = ports.firstIndex(where: { $0.name == name }) else {
      throw VectorError.malformed("port '\(name)' is neither ext nor int")
    }
    return PortIndex(place)
  }

  /// The port in whose network `address` lies.
  func portIndex(reaching address: IPv4Address) -> PortIndex? {
    ports.firstIndex { $0.address.prefix.contains(address) }.map { PortIndex($0) }
  }
}
