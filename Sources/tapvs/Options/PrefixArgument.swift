import ArgumentParser
import Wire

/// An address, or a network of addresses, as in `10.0.0.1` and `10.0.0.0/24`.
struct PrefixArgument: ExpressibleByArgument {
  let prefix: IPv4Prefix

  init?(argument: String) {
    if let address = IPv4Address(argument) {
      prefix = IPv4Prefix(address, length: 32)
    } else if let network = IPv4InterfaceAddress(argument),
      network.address == network.prefix.network
    {
      prefix = network.prefix
    } else {
      return nil
    }
  }
}

/// One IPv4 address.
struct AddressArgument: ExpressibleByArgument {
  let address: IPv4Address

  init?(argument: String) {
    guard let address = IPv4Address(argument) else { return nil }
    self.address = address
  }
}
