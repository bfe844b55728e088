import Control
import Testing

@testable import tapvs

@Suite struct StatusTextTests {
  @Test func servicesServersAndDropsAreShown() {
    let status = StatusReport(
      name: "lab", pid: 7, version: "0.1.0", uptimeSeconds: 93_784, configurationFile: "a.yaml",
      services: [
        ServiceReport(
          address: "10.0.0.1", port: 80, protocol: "tcp", scheduler: "wrr",
          connections: ConnectionCounts(total: 1000, active: 2, inactive: 30),
          servers: [
            ServerReport(
              address: "10.0.0.2", port: 8080, method: "nat", weight: 3, active: 2, inactive: 30),
            ServerReport(
              address: "10.0.0.3", port: 80, method: "tunnel", weight: 1, active: 0, inactive: 0,
              tunnel: TunnelReport(encapsulation: "gre", checksum: true)),
          ], whenRemoved: "reset")
      ],
      connections: TableReport(count: 32, limit: 100),
      counters: CountersReport(
        received: 12_345, transmitted: 1, held: 2, absorbed: 3, originated: 4, fastPath: 5,
        dropped: 6, drops: ["no-service": 1, "ip-fragment": 5, "no-route": 0, "a": 1]),
      conflicts: [
        ConflictReport(
          address: "10.0.0.1", mac: "02:00:00:00:06:66", port: "wan", count: 3, lastSeenSeconds: 2),
        ConflictReport(
          address: "10.0.0.9", mac: "02:00:00:00:06:67", port: "lan", count: 1,
          lastSeenSeconds: 90),
      ])
    #expect(
      StatusText.text(status) == """
        tapvs lab, version 0.1.0, pid 7, up 1d 2h 3m 4s
        configuration a.yaml
        connections   32 of 100
        conflict: 10.0.0.1 claimed by 02:00:00:00:06:66 on wan, 3 times, last 2 s ago
        conflict: 10.0.0.9 claimed by 02:00:00:00:06:67 on lan, once, last 90 s ago

        SERVICE          SCHEDULER  METHOD               WEIGHT  ACTIVE  INACTIVE  TOTAL
        tcp 10.0.0.1:80  wrr                                          2        30   1000
          10.0.0.2:8080             nat                       3       2        30
          10.0.0.3:80               tunnel gre checksum       1       0         0

        FRAMES         COUNT
        received       12345
        transmitted        1
        held               2
        absorbed           3
        originated         4
        fast-path          5
        dropped            6
          ip-fragment      5
          a                1
          no-service       1

        """)
  }
}
