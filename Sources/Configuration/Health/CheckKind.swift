/// The kinds of checks; the raw value is the word in a file.
enum CheckKind: String, CaseIterable {
  case tcp
  case http
  case https
  case udp
  case icmp
  case dns
  case script

  /// The keys that all kinds have: when they run and what it takes to believe them.
  static let settingKeys = [
    "interval", "timeout", "rise", "fall", "retry", "delay-before-retry", "start-delay", "alpha",
    "suspicion", "suspect-timeout", "suspect-fall", "suspect-delay", "suspect-hold",
  ]

  /// The keys that only some kinds have, in the order in which they are described.
  static let ownKeys = [
    "through", "address", "port", "source", "path", "host", "server-name", "status", "md5",
    "sha256", "regex", "no-regex", "verify", "authorities", "payload", "reply", "require-reply",
    "reply-length", "record", "name", "command", "user", "dynamic-weight",
  ]

  /// Whether a check of this kind may have `key`, one of `ownKeys`.
  func has(_ key: String) -> Bool {
    switch key {
    case "through": self == .tcp
    case "address", "source": self != .script
    case "port": self != .script && self != .icmp
    case "path", "host", "status", "md5", "sha256", "regex", "no-regex":
      self == .http || self == .https
    case "server-name", "verify", "authorities": self == .https
    case "payload", "reply", "require-reply", "reply-length": self == .udp
    case "record", "name": self == .dns
    case "command", "user", "dynamic-weight": self == .script
    default: false
    }
  }
}
