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
              address: "10.0.0.2", port: 8080, method: "nat", weight: 3, active: 2, inactive: 30)
          ])
      ],
      connections: TableReport(count: 32, limit: 100),
      counters: CountersReport(
        received: 12_345, transmitted: 1, held: 2, absorbed: 3, originated: 4, fastPath: 5,
        dropped: 6, drops: ["no-service": 1, "ip-fragment": 5, "no-route": 0, "a": 1]))
    #expect(
      StatusText.text(status) == """
        tapvs lab, version 0.1.0, pid 7, up 1d 2h 3m 4s
        configuration a.yaml
        connections   32 of 100

        SERVICE          SCHEDULER  METHOD  WEIGHT  ACTIVE  INACTIVE  TOTAL
        tcp 10.0.0.1:80  wrr                             2        30   1000
          10.0.0.2:8080             nat          3       2        30

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
