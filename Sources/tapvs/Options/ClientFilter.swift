import ArgumentParser
import Wire

/// The address of a client.
struct ClientFilter: ExpressibleByArgument {
  /// In its one form, a.b.c.d.
  let address: String

  init?(argument: String) {
    guard let address = IPv4Address(argument) else { return nil }
    self.address = address.description
  }
}
