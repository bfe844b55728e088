/// How the director forwards to this server.
package enum ServerMode: String, CaseIterable, Codable, Sendable {
  case nat
  case dr
  case tunnel
  case fullnat
}
