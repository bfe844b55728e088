import TestSupport
import Testing
import Wire

/// Frames taken down elsewhere, built again.
@Suite struct FrameBuilderTests {
  private let toDirector = FrameBuilder.ethernet(
    from: ExampleNetwork.gatewayMAC, to: ExampleNetwork.outsideMAC
  ).ipv4(from: ExampleNetwork.client, to: ExampleNetwork.virtual).with(\.ip.timeToLive, 57)

  @Test func buildsASYN() {
    let frame = toDirector.tcp(from: 40000, to: 80, .syn)
      .with(\.tcp.options, hexadecimal("020405b4 0402 080a000003e800000000 01 030307")).frame()
    expectFrame(
      frame,
      is: TestFrame(
        hexadecimal(
          """
          02000000001002000000000108004500003c1c464000390638d4c633640ac0000264
          9c4000501111111100000000a002faf09dd20000020405b40402080a000003e80000000001030307
          """)))
    expectRightChecksums(frame)
  }

  @Test func buildsAFrameWithIPOptions() {
    let frame = toDirector.with(\.ip.options, [1, 1, 1]).with(\.ip.options, [1, 1, 1, 1])
      .tcp(from: 40000, to: 80, .ack)
      .with(\.tcp.acknowledgment, 0x2222_2223).with(\.tcp.sequence, 0x1111_1112).frame()
    expectFrame(
      frame,
      is: TestFrame(
        hexadecimal(
          """
          02000000001002000000000108004600002c1c464000390635e2c633640ac000026401010101
          9c40005011111112222222235010faf0c5480000
          """)))
  }

  @Test func buildsAQuery() {
    let frame = toDirector.with(\.ip.dontFragment, false).udp(from: 40000, to: 53)
      .payload(hexadecimal("123401000001000000000000037777770000010001")).frame()
    expectFrame(
      frame,
      is: TestFrame(
        hexadecimal(
          """
          0200000000100200000000010800450000311c460000391178d4c633640ac0000264
          9c400035001de678123401000001000000000000037777770000010001
          """)))
  }

  @Test func buildsAnEcho() {
    let frame = toDirector.with(\.ip.typeOfService, 0x10)
      .icmp(.echoRequest, rest: 0x1234_0002).payload("odd").frame()
    expectFrame(
      frame,
      is: TestFrame(
        hexadecimal(
          """
          02000000001002000000000108004510001f1c464000390138e6c633640ac0000264
          08001265123400026f6464
          """)))
  }

  @Test func buildsARP() {
    let fields = ARPFields(
      operation: .request, senderMAC: ExampleNetwork.gatewayMAC,
      senderAddress: ExampleNetwork.gateway, targetMAC: .zero,
      targetAddress: ExampleNetwork.virtual)
    let frame = FrameBuilder.ethernet(from: ExampleNetwork.gatewayMAC, to: .broadcast)
      .arp(fields).with(\.minimumLength, 60).frame()
    let unpadded = hexadecimal(
      "ffffffffffff02000000000108060001080006040001020000000001c0000201000000000000c0000264")
    #expect(frame.bytes == unpadded + [UInt8](repeating: 0, count: 18))
  }

  @Test func buildsAPartialChecksum() {
    let frame = toDirector.tcp(from: 40000, to: 80, [.psh, .ack])
      .with(\.tcp.sequence, 0x1111_1112).with(\.tcp.acknowledgment, 0x2222_2223)
      .payload("partial checksum").partialChecksum().frame()
    var offload = VirtioNetHeader()
    offload.flags = .needsChecksum
    offload.checksumStart = 34
    offload.checksumOffset = 16
    expectFrame(
      frame,
      is: TestFrame(
        hexadecimal(
          """
          0200000000100200000000010800450000381c464000390638d8c633640ac0000264
          9c40005011111112222222235018faf0eccc0000 7061727469616c20636865636b73756d
          """), offload: offload))
  }

  @Test func buildsASuperframe() {
    let frame = toDirector.udp(from: 40000, to: 53).payload(count: 2400).segmented(1200).frame()
    var offload = VirtioNetHeader()
    offload.flags = .needsChecksum
    offload.gsoType = .udp
    offload.headerLength = 42
    offload.gsoSize = 1200
    offload.checksumStart = 34
    offload.checksumOffset = 6
    #expect(frame.offload == offload)
    #expect(frame.bytes.count == 42 + 2400)
    expectRightChecksums(frame)
  }

  /// Every header can be made wrong, and the right checksum follows from what was set.
  @Test func buildsNonsense() {
    let frame = toDirector.with(\.ethernet.tag, (.vlan, 0x0064)).with(\.ip.version, 6)
      .with(\.ip.headerWords, 15).with(\.ip.totalLength, 1).with(\.ip.fragmentOffset, 16)
      .with(\.ip.moreFragments, true).with(\.ip.checksum, 0xdead)
      .tcp(from: 1, to: 2, []).with(\.tcp.headerWords, 3).with(\.tcp.checksum, 0xbeef)
      .with(\.tcp.options, [2]).frame()
    #expect(
      frame.bytes
        == hexadecimal(
          """
          020000000010 020000000001 8100 0064 0800
          6f00 0001 1c46 6002 39 06 dead c633640a c0000264
          0001 0002 11111111 00000000 30 00 faf0 beef 0000 02000000
          """))
  }
}
