/// Bytes that a test expects to be viewed were refused.
struct Refused: Error {}

/// What buffers hold before something is constructed in them: neither 0 nor all ones.
let filler: UInt8 = 0xa5
