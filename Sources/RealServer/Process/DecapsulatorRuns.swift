/// How the program stands that takes outer headers off.
struct DecapsulatorRuns {
  let wanted: WantedServer
  let decapsulator: Decapsulator?

  var findings: [Finding] {
    guard let arguments = Decapsulator.arguments(for: wanted) else { return [] }
    let method = wanted.tunnel?.method.rawValue ?? ""
    var found = "none"
    var problem: String? = "nothing takes the outer headers off: tapvs real-server up"
    if let decapsulator {
      found = "process \(decapsulator.process.number)"
      if !decapsulator.process.isRunning {
        found += ", ended"
      } else if decapsulator.arguments != arguments {
        problem = "it takes others than these: tapvs real-server up"
      } else {
        problem = nil
      }
    }
    return [Finding("decapsulator", found: found, wanted: method, problem: problem)]
  }
}
