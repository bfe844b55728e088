import Configuration
import Testing

@testable import tapvs

/// What `tapvs check` shows of a file.
@Suite struct ConfigurationTextTests {
  private static let ports = """
    version: 1
    ports:
      wan: { tap: lb1-wan, mac: "02:76:73:00:01:01", addresses: [10.0.0.1/24], gateway: 10.0.0.254 }

    """

  private func summary(_ text: String) throws -> ConfigurationSummary {
    ConfigurationSummary(try ApplianceConfiguration.parse(text, file: "a.yaml"), file: "a.yaml")
  }

  @Test func whatIsNotSaidIsNotShown() throws {
    let text =
      Self.ports + """
        services: [{ address: 10.0.0.9, port: 80, when-removed: reset, servers: [{ address: 10.0.0.2 }] }]
        connections: { timeouts: { established: 900s } }
        nat-icmp-send: false
        """
    #expect(
      try ConfigurationText.text(summary(text)) == """
        a.yaml is fine; at most 1000000 connections

        PORT  TAP      NETNS  MADE BY  MAC                 MTU  ADDRESSES
        wan   lb1-wan  -      others   02:76:73:00:01:01  1500  10.0.0.1/24

        ROUTE    VIA         PORT
        default  10.0.0.254  wan

        SERVICE          SCHEDULER  METHOD  WEIGHT
        tcp 10.0.0.9:80  wlc
          10.0.0.2:80               nat          1

        """)
  }

  private static let everything =
    ports.replacing(
      ", gateway",
      with:
        ", routes: [{ to: 10.0.0.64/26, mtu: 1400 }, { to: 10.9.0.0/16, via: 10.0.0.2 }], gateway")
      + """
      services:
        - { address: 10.0.0.9, port: 80, mss-clamp: auto, servers: [{ address: 10.0.0.2 }] }
        - { address: 10.0.0.9, port: 81, mss-clamp: 1360 }
        - { address: 10.0.0.9, port: 53, protocol: udp }
      connections: { timeouts: { established: 2h, syn-recv: 1500ms, udp: 90s } }
      nat-icmp-send: true
      """.replacing("1360 }", with: "1360, servers: [] }").replacing(
      "udp }", with: "udp, when-removed: keep, servers: [] }")

  @Test func whatIsSaidIsShown() throws {
    #expect(
      try ConfigurationText.text(summary(Self.everything)) == """
        a.yaml is fine; at most 1000000 connections
        timeouts: established 2h, syn-recv 1500ms, udp 90s
        nat-icmp-send: true

        PORT  TAP      NETNS  MADE BY  MAC                 MTU  ADDRESSES
        wan   lb1-wan  -      others   02:76:73:00:01:01  1500  10.0.0.1/24

        ROUTE         VIA         PORT   MTU
        10.0.0.64/26  -           wan   1400
        10.9.0.0/16   10.0.0.2    wan   1500
        default       10.0.0.254  wan   1500

        SERVICE          SCHEDULER  METHOD  WEIGHT  MSS CLAMP  WHEN REMOVED
        tcp 10.0.0.9:80  wlc                             auto
          10.0.0.2:80               nat          1
        tcp 10.0.0.9:81  wlc                             1360
        udp 10.0.0.9:53  wlc                                   keep

        """)
  }

  @Test func programsSeeAll() throws {
    let json = try JSONText.document(summary(Self.everything))
    for line in [
      #""nat-icmp-send" : true"#, #""mss-clamp" : "auto""#, #""mss-clamp" : "1360""#,
      #""when-removed" : "reset""#, #""when-removed" : "keep""#, #""mtu" : 1400"#,
      #""established" : "2h""#, #""syn-recv" : "1500ms""#, #""fin-wait" : "2m""#,
      #""close" : "10s""#,
    ] {
      #expect(json.contains(line), "\(line)")
    }
    #expect(try summary(Self.ports).timeouts.count == 12)
  }

  private static let methods =
    ports + """
      services:
        - { address: 10.0.0.9, port: 80, method: dr, servers: [{ address: 10.0.0.2 }, { address: 10.0.0.3, method: nat }] }
        - { address: 10.0.0.9, port: 81, method: tunnel, servers: [
            { address: 10.0.0.2 }, { address: 10.9.0.2, tunnel: { encapsulation: gue } },
            { address: 10.9.0.3, tunnel: { encapsulation: gue, port: 6081, checksum: true } } ] }
        - { address: 10.0.0.9, port: 82, method: fullnat, local-addresses: [10.0.0.1, 10.0.0.4], servers: [{ address: 10.9.0.2 }] }
      """

  @Test func methodsAreShown() throws {
    let text = try ConfigurationText.text(summary(Self.methods))
    #expect(
      text.hasSuffix(
        """

        SERVICE          SCHEDULER  METHOD                    WEIGHT  LOCAL ADDRESSES
        tcp 10.0.0.9:80  wlc
          10.0.0.2:80               dr                             1
          10.0.0.3:80               nat                            1
        tcp 10.0.0.9:81  wlc
          10.0.0.2:81               tunnel                         1
          10.9.0.2:81               tunnel gue                     1
          10.9.0.3:81               tunnel gue:6081 checksum       1
        tcp 10.0.0.9:82  wlc                                          10.0.0.1, 10.0.0.4
          10.9.0.2:82               fullnat                        1

        """), "\(text)")
  }

  private static let settings =
    ports + """
      services:
        - { address: 10.0.0.9, port: 80, method: fullnat, local-addresses: [10.0.0.11, 10.0.0.12, 10.0.0.13, 10.0.0.14, 10.0.0.15],
            local-ports: 2000-2999, client-address: proxy-v2, option-kind: 253, servers: [] }
        - { address: 10.0.0.9, port: 81, strip-client-toa: true, servers: [] }
        - { address: 10.0.0.9, port: 82, method: fullnat, local-addresses: [10.0.0.1], tcp-timestamps: shift, servers: [] }
        - { address: 10.0.0.9, port: 82, protocol: udp, method: fullnat, local-addresses: [10.0.0.1], servers: [] }
      pmtu-discovery: false
      """

  @Test func fullNATSettingsAreShownWhereTheyAreUnusual() throws {
    let text = try ConfigurationText.text(summary(Self.settings))
    #expect(text.contains("connections\npmtu-discovery: false\n\n"))
    #expect(
      text.hasSuffix(
        """

        SERVICE          SCHEDULER  METHOD  WEIGHT  LOCAL ADDRESSES                             LOCAL PORTS  CLIENT ADDRESS  OPTION KIND  CLIENT TOA  TIMESTAMPS
        tcp 10.0.0.9:80  wlc                        10.0.0.11, 10.0.0.12, 10.0.0.13 and 2 more  2000-2999    proxy-v2                253
        tcp 10.0.0.9:81  wlc                                                                                                              stripped
        tcp 10.0.0.9:82  wlc                        10.0.0.1                                                                                          shifted
        udp 10.0.0.9:82  wlc                        10.0.0.1

        """), "\(text)")
  }

  @Test func programsSeeAllOfMethods() throws {
    let json = try JSONText.document(summary(Self.methods)).filter { !$0.isWhitespace }
    for piece in [
      #""method":"dr","port":80,"weight":1}"#, #""strip-client-toa":false"#,
      #""tunnel":{"checksum":false,"encapsulation":"ipip"}"#,
      #""tunnel":{"checksum":false,"encapsulation":"gue","port":6080}"#,
      #""tunnel":{"checksum":true,"encapsulation":"gue","port":6081}"#,
      #""local-addresses":["10.0.0.1","10.0.0.4"],"local-ports":"1025-65535""#,
      #""client-address":"toa","local-addresses""#, #""option-kind":254"#,
      #""strip-client-toa":true"#, #""tcp-timestamps":"remove""#, #""pmtu-discovery":true"#,
    ] {
      #expect(json.contains(piece), "\(piece)")
    }
  }
}
