package import Wire

extension FrameBuilder {
  /// The frame as it stands now.
  package func frame() -> TestFrame {
    var bytes = ethernetBytes
    if let arp {
      bytes += arp.bytes
    } else if transport != nil || ip.source != .unspecified || ip.destination != .unspecified {
      bytes += ipBytes
    } else {
      bytes += payload
    }
    bytes += [UInt8](repeating: 0, count: max(0, minimumLength - bytes.count))
    return TestFrame(bytes, offload: offload)
  }

  /// The virtio-net header that belongs to the frame.
  package var offload: VirtioNetHeader {
    var header = VirtioNetHeader()
    guard checksum == .partial else { return header }
    let start = ethernetBytes.count + ipHeaderLength
    let isTCP = transport == .tcp
    header.flags = .needsChecksum
    header.checksumStart = UInt16(start)
    header.checksumOffset =
      UInt16(isTCP ? TCPSegment.checksumOffset : UDPDatagram.checksumOffset)
    if let segmentSize {
      header.gsoType = isTCP ? .tcpIPv4 : .udp
      header.gsoSize = segmentSize
      header.headerLength = UInt16(start + (isTCP ? tcpHeaderLength : UDPDatagram.headerLength))
    }
    return header
  }

  private var ethernetBytes: [UInt8] {
    let type = ethernet.type ?? (arp == nil ? .ipv4 : .arp)
    var bytes = network(ethernet.destination) + network(ethernet.source)
    if let tag = ethernet.tag { bytes += network(tag.0.rawValue) + network(tag.1) }
    return bytes + network(type.rawValue)
  }

  private var ipHeaderLength: Int { 20 + padded(ip.options).count }
  private var tcpHeaderLength: Int { 20 + padded(tcp.options).count }

  private var ipBytes: [UInt8] {
    let segment = transportBytes
    let words = ip.headerWords ?? UInt8(ipHeaderLength / 4)
    let total = ip.totalLength ?? UInt16(ipHeaderLength + segment.count)
    var fragment = UInt16(ip.fragmentOffset / 8)
    if ip.dontFragment { fragment |= 0x4000 }
    if ip.moreFragments { fragment |= 0x2000 }
    var header: [UInt8] = [ip.version << 4 | words, ip.typeOfService]
    header += network(total) + network(ip.identification) + network(fragment)
    header += [ip.timeToLive, ipProtocol.rawValue, 0, 0]
    header += network(ip.source.rawValue) + network(ip.destination.rawValue) + padded(ip.options)
    store(ip.checksum ?? InternetChecksum.checksum(of: header.rawSpan), into: &header, at: 10)
    return header + segment
  }

  private var ipProtocol: IPProtocol {
    if let number = ip.protocol { return number }
    return switch transport {
    case .tcp: .tcp
    case .udp: .udp
    case .icmp: .icmp
    case nil: IPProtocol(rawValue: 253)
    }
  }

  private var transportBytes: [UInt8] {
    switch transport {
    case .tcp: tcpBytes
    case .udp: udpBytes
    case .icmp: icmpBytes
    case nil: payload
    }
  }

  private var tcpBytes: [UInt8] {
    let words = tcp.headerWords ?? UInt8(tcpHeaderLength / 4)
    var bytes = network(tcp.source) + network(tcp.destination)
    bytes += network(tcp.sequence) + network(tcp.acknowledgment)
    bytes += [words << 4, tcp.flags.rawValue] + network(tcp.window)
    bytes += [0, 0] + network(tcp.urgent) + padded(tcp.options) + payload
    store(tcp.checksum ?? transportChecksum(of: bytes), into: &bytes, at: 16)
    return bytes
  }

  private var udpBytes: [UInt8] {
    let length = udp.length ?? UInt16(UDPDatagram.headerLength + payload.count)
    var bytes = network(udp.source) + network(udp.destination) + network(length) + [0, 0] + payload
    let right = transportChecksum(of: bytes)
    let stored = checksum == .complete && right == 0 ? 0xffff : right
    store(udp.checksum ?? stored, into: &bytes, at: 6)
    return bytes
  }

  private var icmpBytes: [UInt8] {
    var bytes = [icmp.type.rawValue, icmp.code, 0, 0] + network(icmp.rest) + payload
    store(icmp.checksum ?? InternetChecksum.checksum(of: bytes.rawSpan), into: &bytes, at: 2)
    return bytes
  }

  /// The right checksum of a segment whose own field holds 0.
  private func transportChecksum(of bytes: [UInt8]) -> UInt16 {
    let pseudo = InternetChecksum.pseudoHeaderSum(
      source: ip.source, destination: ip.destination, protocol: ipProtocol, length: bytes.count)
    return switch checksum {
    case .complete: ~InternetChecksum.sum(bytes.rawSpan, initial: pseudo)
    case .partial: pseudo
    }
  }
}

extension FrameBuilder.ARP {
  fileprivate var bytes: [UInt8] {
    network(hardwareType) + network(protocolType) + [hardwareLength, protocolLength]
      + network(operation ?? fields.operation.rawValue)
      + network(fields.senderMAC) + network(fields.senderAddress.rawValue)
      + network(fields.targetMAC) + network(fields.targetAddress.rawValue)
  }
}

private func network(_ value: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
  stride(from: value.bitWidth - 8, through: 0, by: -8).map {
    UInt8(truncatingIfNeeded: value >> $0)
  }
}

private func network(_ address: MACAddress) -> [UInt8] {
  Array(network(address.rawValue).dropFirst(2))
}

private func padded(_ options: [UInt8]) -> [UInt8] {
  options + [UInt8](repeating: 0, count: (4 - options.count % 4) % 4)
}

private func store(_ value: UInt16, into bytes: inout [UInt8], at offset: Int) {
  bytes[offset] = UInt8(value >> 8)
  bytes[offset + 1] = UInt8(value & 0xff)
}
