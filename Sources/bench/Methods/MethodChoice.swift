import Director

/// A way to the real servers, as the comparison of methods has it.
enum MethodChoice: String, CaseIterable {
  case nat
  case dr
  case ipip
  case gre
  case gue
  case fullnat

  var method: ForwardingMethod {
    switch self {
    case .nat: .nat
    case .dr: .dr
    case .ipip, .gre, .gue: .tunnel
    case .fullnat: .fullnat
    }
  }

  var tunnel: Tunnel {
    switch self {
    case .gre: Tunnel(.gre)
    case .gue: Tunnel(.gue)
    default: Tunnel()
    }
  }

  /// Whether replies come back to the director.
  var seesReplies: Bool { method == .nat || method == .fullnat }
}

/// What of a method is measured.
enum MethodFigure: String, CaseIterable {
  /// The client's packets of established connections.
  case requests = "established in"
  /// The servers' packets of established connections.
  case replies = "established out"
  /// Connections that are opened.
  case openings = "new flow"

  /// The most that `choice` may take, as a multiple of what NAT takes; `nil` where nothing is asked.
  func target(_ choice: MethodChoice) -> Double? {
    switch (self, choice) {
    case (.requests, .dr): 1
    case (.requests, .ipip): 1.25
    case (.requests, .fullnat), (.replies, .fullnat): 1.5
    default: nil
    }
  }
}
