import Netlink
import Testing

@Suite("Netlink messages")
struct NetlinkMessageTests {
  /// Two messages: one of type 16 with five bytes and padding, one of type 3 without any.
  private let datagram = octets(
    """
    15000000 1000 0200 07000000 00000000 0102030405 000000
    10000000 0300 0000 08000000 00000000
    """)

  @Test func messagesAreTakenApart() throws {
    let messages = try #require(NetlinkMessage.messages(in: datagram))
    #expect(messages.map(\.type) == [16, 3])
    #expect(messages.map(\.flags) == [2, 0])
    #expect(messages.map(\.sequence) == [7, 8])
    #expect(messages.map(\.payload) == [[1, 2, 3, 4, 5], []])
  }

  @Test func anEmptyDatagramHasNoMessages() {
    #expect(NetlinkMessage.messages(in: []) == [])
  }

  @Test func everyTruncationIsRefusedExceptBetweenMessages() {
    for length in 1..<datagram.count {
      let messages = NetlinkMessage.messages(in: Array(datagram.prefix(length)))
      // Up to three bytes of padding belong to no message.
      if (21...24).contains(length) {
        #expect(messages?.count == 1, "\(length) bytes")
      } else {
        #expect(messages == nil, "\(length) bytes")
      }
    }
  }

  @Test(arguments: [
    "0f000000 1000 0000 00000000 00000000",
    "00000000 1000 0000 00000000 00000000",
    "11000000 1000 0000 00000000 00000000",
    "ffffffff 1000 0000 00000000 00000000",
    "00000080 1000 0000 00000000 00000000",
  ])
  func lengthsThatCannotBeAreRefused(text: String) {
    #expect(NetlinkMessage.messages(in: octets(text)) == nil)
  }

  @Test func attributesAreTakenApart() throws {
    let attributes = try #require(
      NetlinkAttribute.attributes(
        in: octets("ffffffff 0500 0100 2a 000000 0800 0480 01000000"), from: 4))
    #expect(attributes.map(\.type) == [1, 4])
    #expect(attributes.map(\.octet) == [42, nil])
    #expect(attributes.map(\.number) == [nil, 1])
  }

  @Test(arguments: ["0300 0100", "0900 0100 00000000", "0000 0100", "04 00 01", "ffff 0100 0000"])
  func attributesThatCannotBeAreRefused(text: String) {
    #expect(NetlinkAttribute.attributes(in: octets(text)) == nil)
  }

  @Test func anOffsetBehindTheEndIsRefused() {
    #expect(NetlinkAttribute.attributes(in: [0, 0], from: 4) == nil)
    #expect(NetlinkAttribute.attributes(in: [0, 0, 0, 0], from: 4) == [])
  }

  @Test func textEndsAtAZeroByteAndIsUTF8() throws {
    let texts = try #require(
      NetlinkAttribute.attributes(
        in: octets("0800 0300 65746800 0700 0300 657468 00 0700 0300 ff00 00 00 0400 0300")))
    #expect(texts.map(\.text) == ["eth", nil, nil, nil])
  }
}
