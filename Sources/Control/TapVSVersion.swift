/// Which TapVS this is.
package enum TapVSVersion {
  /// As `tapvs --version` prints it.
  package static let current = "0.1.0"
}
