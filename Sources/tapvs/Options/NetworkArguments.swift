// Public because the addresses' types are visible to inlined code.
public import ArgumentParser
import RealServer
import Wire

extension IPv4Address: ExpressibleByArgument {}

extension IPv4Prefix: ExpressibleByArgument {}

extension LocalAddresses: ExpressibleByArgument {}
