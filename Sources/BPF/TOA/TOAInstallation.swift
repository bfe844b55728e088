import Netlink
package import Wire

/// The programs of `TOAPrograms` at work in a control group, held by names in the BPF file system.
///
/// The maps outlive a change of the programs, and with them what is known of the connections that are
/// open.
package struct TOAInstallation {
  private let group: ControlGroup
  private let pins: PinDirectory

  package init(in group: ControlGroup) {
    self.group = group
    pins = PinDirectory("toa-\(group.identifier)")
  }

  /// Where the names are.
  package var path: String { pins.path }

  /// The names of the maps.
  private enum MapName {
    static let directors = "directors"
    static let options = "options"
    static let counters = "counters"
  }

  private static let optionsShape = BPFMap.Shape(
    .socketStorage, keySize: 4, valueSize: 8, capacity: 0)

  /// The links' names, and what runs there.
  private static let links: [(name: String, kind: BPFProgram.Kind)] = [
    ("peer-name-4", .peerName4), ("peer-name-6", .peerName6),
    ("socket-operations", .socketOperations),
  ]

  private static var names: [String] {
    links.map(\.name) + [MapName.directors, MapName.options, MapName.counters]
  }

  /// What the programs share.
  private struct Maps {
    let directors: PrefixMap
    let options: BPFMap
    let counters: Counters<TOAEvent>
  }

  /// Makes the group's servers see the addresses that options of `kind` carry, if the packets come
  /// from `directors`; replaces what was there.
  package func install(from directors: [IPv4Prefix], kind: UInt8) throws(BPFError) {
    try pins.prepare()
    if let maps = try pinnedMaps() {
      try work(with: maps, from: directors, kind: kind)
      return
    }
    try pins.remove(Self.names)
    try pins.prepare()
    do throws(BPFError) {
      try work(with: newMaps(), from: directors, kind: kind)
    } catch {
      try? pins.remove(Self.names)
      throw error
    }
  }

  /// Ends it, if there is anything.
  package func remove() throws(BPFError) { try pins.remove(Self.names) }

  /// What was counted since the maps were made; `nil` if nothing is installed.
  package func counters() throws(BPFError) -> Counters<TOAEvent>? { try pinnedMaps()?.counters }

  private func pinnedMaps() throws(BPFError) -> Maps? {
    guard let directors = try map(MapName.directors, PrefixMap.shape),
      let options = try map(MapName.options, Self.optionsShape),
      let counters = try map(MapName.counters, Counters<TOAEvent>.shape)
    else { return nil }
    return Maps(
      directors: PrefixMap(directors), options: options, counters: Counters(counters))
  }

  private func map(_ name: String, _ shape: BPFMap.Shape) throws(BPFError) -> BPFMap? {
    try BPFMap(name, shape, pinnedAt: pins.path(of: name))
  }

  private func newMaps() throws(BPFError) -> Maps {
    let maps = Maps(
      directors: try PrefixMap(MapName.directors),
      options: try BPFMap(MapName.options, Self.optionsShape),
      counters: try Counters())
    for map in [maps.directors.map, maps.options, maps.counters.map] {
      try pin(map.descriptor, map.name)
    }
    return maps
  }

  private func work(
    with maps: Maps, from directors: [IPv4Prefix], kind: UInt8
  ) throws(BPFError) {
    let programs = TOAPrograms(
      kind: kind, directors: maps.directors.map.descriptor.number,
      options: maps.options.descriptor.number, counters: maps.counters.map.descriptor.number)
    try maps.directors.replace(with: directors)
    for link in Self.links {
      try put(try programs.load(link.kind), at: link.name)
    }
  }

  /// Puts `program` into the place of the one that the link `name` holds, or makes the link.
  private func put(_ program: BPFProgram, at name: String) throws(BPFError) {
    if let link = try pinnedLink(name), link.replace(with: program) { return }
    pins.unpin(name)
    try pin(BPFLink(program, inGroup: group.descriptor).descriptor, name)
  }

  private func pinnedLink(_ name: String) throws(BPFError) -> BPFLink? {
    do throws(SystemError) {
      return try BPFDescriptor(pinnedAt: pins.path(of: name)).map(BPFLink.init)
    } catch {
      throw BPFError(error, "\(pins.path(of: name)) cannot be opened")
    }
  }

  private func pin(_ object: BPFDescriptor, _ name: String) throws(BPFError) {
    do throws(SystemError) {
      try object.pin(at: pins.path(of: name))
    } catch {
      throw BPFError(error, "\(pins.path(of: name)) cannot be made")
    }
  }
}

extension TOAPrograms {
  /// Has the kernel check and keep the program for `kind`, which is none of links.
  package func load(_ kind: BPFProgram.Kind) throws(BPFError) -> BPFProgram {
    switch kind {
    case .peerName4: try BPFProgram("tapvs_toa_peer4", kind, peerName(isMapped: false))
    case .peerName6: try BPFProgram("tapvs_toa_peer6", kind, peerName(isMapped: true))
    default: try BPFProgram("tapvs_toa", .socketOperations, socketOperations())
    }
  }
}
