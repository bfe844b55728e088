import Director

/// What holds for the director as a whole, as read; what could not be read has its default.
struct DirectorDraft {
  var connectionLimit = DirectorConfiguration.defaultConnectionLimit
  var timeouts = StateTimeouts()
  var sendsNATUnreachable = false
  var discoversTunnelMTU = true
}
