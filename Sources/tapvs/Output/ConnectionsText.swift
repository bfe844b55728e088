import Control

/// Connections for people: columns wide enough for any, since a listing comes in pieces.
enum ConnectionsText {
  /// As wide as 255.255.255.255:65535.
  private static let endpointWidth = 21

  private static let table = TextTable([
    .text("PROTOCOL"), .text("CLIENT", width: endpointWidth),
    .text("VIRTUAL", width: endpointWidth), .text("DESTINATION", width: endpointWidth),
    .text("STATE", width: 12), .number("EXPIRES"),
  ])

  static let header = table.header

  static func body(_ connections: [ConnectionReport]) -> String {
    var table = table
    for connection in connections {
      table.add([
        connection.protocol, connection.client, connection.virtual, connection.destination,
        connection.state, "\(connection.expires)s",
      ])
    }
    return table.body
  }
}
