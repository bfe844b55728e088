import Health
import Testing

@testable import Checkers

struct DNSQueryTests {
  private let query = DNSQuery(DNSProbe(name: "www.Example.org", type: .aaaa), id: 0x1234)

  @Test func isOneQuestion() {
    let wanted: [UInt8] =
      [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3] + Array("www".utf8) + [7]
      + Array("Example".utf8) + [3] + Array("org".utf8) + [0, 0, 28, 0, 1]
    #expect(query.bytes == wanted)
    #expect(DNSQuery(DNSProbe(), id: 0).bytes.suffix(5) == [0, 0, 6, 0, 1])
  }

  private func reply(_ change: (inout [UInt8]) -> Void = { _ in }) -> [UInt8] {
    var reply = query.bytes
    reply[2] |= 0x80
    change(&reply)
    return reply
  }

  @Test func takesWhatAnswersIt() {
    #expect(query.result(of: reply()) == .success)
    #expect(query.result(of: reply { $0[3] = 3 }) == .failure(.status(3)))
    #expect(query.result(of: reply { $0[17] = UInt8(ascii: "e") }) == .success)
    #expect(query.result(of: reply { $0 += [0xc0, 12, 0, 1] }) == .success)
  }

  @Test func passesOverWhatAnswersAnother() {
    #expect(query.result(of: reply { $0[1] = 0 }) == nil)
    #expect(query.result(of: reply { $0[14] = UInt8(ascii: "x") }) == nil)
    #expect(query.result(of: reply { $0[$0.count - 3] = 1 }) == nil)
  }

  @Test func refusesWhatIsNoAnswer() {
    #expect(query.result(of: query.bytes) == .failure(.malformed))
    // Without its question only an error can be believed.
    #expect(query.result(of: Array(reply { $0[5] = 0 }.prefix(12))) == .failure(.malformed))
    #expect(
      query.result(
        of: Array(
          reply {
            $0[5] = 0
            $0[3] = 1
          }.prefix(12))) == .failure(.status(1)))
    for length in 0..<query.bytes.count {
      #expect(query.result(of: Array(reply().prefix(length))) == nil)
    }
  }
}
