import Frames
import Testing

@testable import Control

/// What clients are told.
@Suite struct ServerTests {
  @Test func statusIsOneLineOfKebabCase() throws {
    let bench = try ServerBench()
    let client = try bench.accepted()
    client.send("{\"command\":\"status\"}\n")
    #expect(
      bench.lines(1, for: client) == [
        """
        {"ok":true,"status":{"configuration-file":"/etc/a.yaml",\
        "conflicts":[{"address":"115.205.4.214","count":3,"last-seen-seconds":2,\
        "mac":"02:00:00:00:06:66","port":"wan"}],\
        "connections":{"count":3,"limit":1000},\
        "counters":{"absorbed":2,"answers":{"client-addresses-untold":0,"connections-abandoned":0,\
        "connections-replaced":0,"connections-reset":0,"datagrams-fragmented":0,\
        "datagrams-reassembled":0,\
        "icmp-errors-sent":0,"icmp-errors-suppressed":0,"probes-sent":0,"resets-sent":0,\
        "servers-suspected":0,\
        "tunnel-superframes":0,"tunnels-refused":0},"dropped":5,"drops":{"no-service":5},\
        "fast-path":4,"held":1,\
        "originated":3,"received":10,"transmitted":9},\
        "name":"lab","nat-icmp-send":true,"pid":7,\
        "reloads":{"applied":0,"refused":0},"services":[{"address":"115.205.4.214",\
        "connections":{"active":2,"inactive":1,"total":9},"mss-clamp":"1400","port":80,\
        "protocol":"tcp","quorum":true,\
        "scheduler":"wrr","servers":[{"active":2,"address":"192.168.0.2","inactive":1,\
        "method":"nat","opened":0,"port":80,"weight":3}],"sorry":false,\
        "traffic":{"bytes-in":2,"bytes-out":1,"packets-in":4,"packets-out":3},\
        "when-removed":"reset"}],"timeouts":{"udp":"90s"},\
        "uptime-seconds":61,"version":"0.1.0"}}
        """
      ])
  }

  @Test func portsAreOneLineOfKebabCase() throws {
    let bench = try ServerBench()
    let client = try bench.accepted()
    client.send("{\"command\":\"ports\"}\n")
    #expect(
      bench.lines(1, for: client) == [
        """
        {"ok":true,"ports":{"neighbors":[{"address":"115.205.4.209","port":"wan",\
        "state":"incomplete"}],"ports":[{"addresses":["115.205.4.215/28"],"bytes-in":3,\
        "bytes-out":4,"frames-in":1,"frames-out":2,"link":"up","mac":"02:76:73:00:01:01",\
        "mtu":1500,"name":"wan","offloads":"full","queues":"multi","tap":"lb1-wan",\
        "transmit-errors":5}]}}
        """
      ])
  }

  @Test func requestsInOneWriteAreAnsweredInOrder() throws {
    let bench = try ServerBench()
    let client = try bench.accepted()
    client.send(
      "{\"command\":\"ports\"}\n{\"command\":\"connections\"}\n{\"command\":\"status\"}\n")
    let lines = bench.lines(3, for: client)
    #expect(
      lines.map { $0.prefix(12) } == ["{\"ok\":true,\"", "{\"connection", "{\"ok\":true,\""])
    #expect(bench.server.clientCount == 1)
  }

  @Test func aRequestInPiecesIsOneRequest() throws {
    let bench = try ServerBench()
    let client = try bench.accepted()
    for piece in ["{\"comm", "and\":\"sta", "tus\"}"] {
      client.send(piece)
      bench.settle()
      client.receive()
      #expect(client.lines.isEmpty)
    }
    client.send("\n")
    #expect(bench.lines(1, for: client).count == 1)
  }

  @Test func aClientThatAsksNothingMoreIsAnswered() throws {
    let bench = try ServerBench(connectionCount: 1000)
    let client = try bench.accepted()
    client.send("{\"command\":\"connections\"}\n")
    client.finish()
    #expect(bench.lines(8, for: client).count == 8)
    #expect(bench.services { bench.server.clientCount == 0 })
    #expect(client.seesEnd)
  }

  @Test(arguments: [
    "hello", "", "{", "null", "[]", "{\"command\":\"reboot\"}", "{\"command\":1}", "{\"limit\":1}",
    "{\"command\":\"connections\",\"limit\":\"x\"}", "\u{0}\u{1}\u{2}",
  ]) func whatIsNoRequestIsRefused(_ line: String) throws {
    let bench = try ServerBench()
    let client = try bench.accepted()
    client.send(line + "\n{\"command\":\"status\"}\n")
    #expect(
      bench.lines(2, for: client) == [
        """
        {"error":"not a request: a line of JSON with `command` (status, connections, ports, \
        events, reload, plan, apply, confirm, rollback, drain, undrain, drains) is wanted","ok":false}
        """
      ])
    #expect(bench.server.clientCount == 0)
  }

  @Test func eventsComeInPiecesAndAreFollowed() throws {
    let bench = try ServerBench()
    let client = try bench.accepted()
    client.send("{\"command\":\"events\",\"since\":98}\n")
    #expect(
      bench.lines(1, for: client) == [
        """
        {"events":[{"event":"server-up","sequence":99,"server":"10.0.0.2:80",\
        "service":"192.0.2.100:80/tcp","time":""},{"event":"server-up","sequence":100,\
        "server":"10.0.0.2:80","service":"192.0.2.100:80/tcp","time":""}],"ok":true}
        """
      ])
    client.send("{\"command\":\"events\"}\n")
    let pieces = bench.lines(2, for: client)
    #expect(pieces.map { $0.contains("\"more\":true") } == [true, false])
    client.send("{\"command\":\"events\",\"since\":99,\"follow\":true}\n")
    let followed = bench.lines(1, for: client)
    #expect(followed.first?.contains("\"sequence\":100") == true)
    #expect(followed.first?.contains("\"more\":true") == true)
    // Nothing is owed, once that was seen: no patience ends it.
    bench.settle()
    #expect(bench.server.nextDeadline == nil)
    #expect(bench.server.clientCount == 1)
  }

  @Test func ordersAreObeyed() throws {
    let bench = try ServerBench()
    let client = try bench.accepted()
    client.send("{\"command\":\"reload\"}\n{\"command\":\"drain\"}\n")
    #expect(
      bench.lines(2, for: client) == [
        #"{"changes":{"file":"/etc/a.yaml","items":[],"restart":[]},"ok":true}"#,
        #"{"error":"not here","ok":false}"#,
      ])
  }

  @Test func aRequestThatIsTooLongIsRefused() throws {
    let bench = try ServerBench()
    let fits = try bench.accepted()
    let request = "{\"command\":\"status\"}"
    let space = String(repeating: " ", count: 4095 - request.utf8.count)
    fits.send(request + space + "\n")
    #expect(bench.lines(1, for: fits).first?.hasPrefix("{\"ok\":true") == true)
    let tooLong = try bench.accepted()
    tooLong.send(request + space + " \n" + String(repeating: "x", count: 100_000))
    #expect(
      bench.lines(1, for: tooLong)
        == ["{\"error\":\"a request of more than 4096 bytes\",\"ok\":false}"])
    #expect(tooLong.seesEnd)
    #expect(bench.server.clientCount == 1)
  }

  @Test func rootAndTheOwnerMayAsk() {
    #expect(ControlServer.mayAsk(user: 0, owner: 1000))
    #expect(ControlServer.mayAsk(user: 1000, owner: 1000))
    #expect(!ControlServer.mayAsk(user: 1001, owner: 1000))
    #expect(!ControlServer.mayAsk(user: nil, owner: 1000))
    #expect(!ControlServer.mayAsk(user: nil, owner: 0))
  }
}
