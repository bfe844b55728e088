// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: the `unsafe` keyword is required, warnings are errors, imports are explicit.
let house: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableExperimentalFeature("Lifetimes"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

/// The program that drives fuzz targets by libFuzzer, which only `Scripts/fuzz` links.
let fuzzing: [Target] =
  Context.environment["TAPVS_FUZZ"] == nil
  ? []
  : [
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Driver", swiftSettings: house)
  ]

let package = Package(
  name: "tapvs",
  products: [.executable(name: "tapvs", targets: ["tapvs"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    // 0: what Swift cannot import.
    .target(name: "CLinux"),
    .target(name: "CEngine", cSettings: [.unsafeFlags(["-O3"], .when(configuration: .release))]),
    .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),

    // 1: bytes.
    .target(name: "Wire", swiftSettings: house),
    .target(name: "Frames", dependencies: ["CLinux", "Wire"], swiftSettings: house),

    // 2: the parts.
    .target(
      name: "Neighbors", dependencies: ["Frames", "Wire"], swiftSettings: house),
    .target(
      name: "Director", dependencies: ["CLinux", "Frames", "Neighbors", "Wire"],
      swiftSettings: house),
    .target(name: "Netlink", dependencies: ["CLinux", "CMnl", "Wire"], swiftSettings: house),
    .target(
      name: "LinkIO", dependencies: ["CLinux", "Frames", "Netlink", "Wire"], swiftSettings: house),
    .target(name: "BPF", dependencies: ["CLinux", "Netlink", "Wire"], swiftSettings: house),
    .target(
      name: "Decapsulation", dependencies: ["BPF", "CLinux", "LinkIO", "Netlink", "Wire"],
      swiftSettings: house),

    .target(
      name: "RealServer", dependencies: ["CLinux", "Netlink", "Wire"], swiftSettings: house),
    .target(name: "Health", dependencies: ["Director", "Frames", "Wire"], swiftSettings: house),

    // 3: what asks servers, and what an operator writes.
    .target(
      name: "Checkers",
      dependencies: [
        "CLinux", "Director", "Frames", "Health", "LinkIO", "Netlink", "Wire",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "HeapModule", package: "swift-collections"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: house),
    .target(
      name: "Configuration",
      dependencies: ["Director", "Frames", "Health", "LinkIO", "Wire", "Yams"],
      swiftSettings: house),

    // 4: what joins the parts.
    .target(
      name: "Control", dependencies: ["CLinux", "Frames", "Netlink"], swiftSettings: house),
    .target(
      name: "Appliance",
      dependencies: [
        "Checkers", "CLinux", "Configuration", "Control", "Director", "Frames", "Health", "LinkIO",
        "Neighbors", "Netlink", "Wire", logging,
      ],
      swiftSettings: house),

    // 5: programs.
    .executableTarget(
      name: "tapvs",
      dependencies: [
        "Appliance", "BPF", "Configuration", "Control", "Decapsulation", "Director", "LinkIO",
        "Netlink", "RealServer", "Wire", argumentParser, logging,
      ],
      swiftSettings: house),
    .executableTarget(
      name: "conformance",
      dependencies: ["Director", "Frames", "LinkIO", "Neighbors", "Wire", argumentParser],
      swiftSettings: house),
    .executableTarget(
      name: "bench",
      dependencies: ["CEngine", "Director", "Frames", "Wire", argumentParser],
      swiftSettings: house),

    // Tests.
    .target(
      name: "TestSupport", dependencies: ["BPF", "Director", "Frames", "Wire"],
      path: "Tests/TestSupport", swiftSettings: house),
    .testTarget(name: "WireTests", dependencies: ["TestSupport", "Wire"], swiftSettings: house),
    .testTarget(
      name: "FramesTests", dependencies: ["Frames", "TestSupport", "Wire"], swiftSettings: house),
    .testTarget(
      name: "NeighborsTests", dependencies: ["Frames", "Neighbors", "TestSupport", "Wire"],
      swiftSettings: house),
    .testTarget(
      name: "DirectorTests",
      dependencies: ["Director", "Frames", "Neighbors", "TestSupport", "Wire"],
      swiftSettings: house),
    .testTarget(
      name: "NetlinkTests", dependencies: ["CLinux", "Netlink", "TestSupport", "Wire"],
      swiftSettings: house),
    .testTarget(
      name: "RealServerTests",
      dependencies: ["CLinux", "Netlink", "RealServer", "TestSupport", "Wire"],
      swiftSettings: house),
    .testTarget(
      name: "HealthTests", dependencies: ["Director", "Frames", "Health", "TestSupport", "Wire"],
      swiftSettings: house),
    .testTarget(
      name: "CheckersTests",
      dependencies: [
        "Checkers", "Director", "Frames", "Health", "LinkIO", "Netlink", "TestSupport", "Wire",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: house),
    .testTarget(
      name: "BPFTests", dependencies: ["BPF", "CLinux", "Netlink", "TestSupport", "Wire"],
      exclude: ["Peers", "Twins"], swiftSettings: house),
    .testTarget(
      name: "DecapsulationTests",
      dependencies: ["BPF", "CLinux", "Decapsulation", "Netlink", "TestSupport", "Wire"],
      exclude: ["Peers"], swiftSettings: house),
    .testTarget(
      name: "LinkIOTests",
      dependencies: ["CLinux", "Frames", "LinkIO", "Netlink", "TestSupport", "Wire"],
      swiftSettings: house),
    .testTarget(
      name: "ConfigurationTests",
      dependencies: [
        "Configuration", "Director", "Frames", "Health", "LinkIO", "Wire",
      ],
      exclude: ["Fixtures"],
      swiftSettings: house),
    .testTarget(
      name: "ControlTests", dependencies: ["CLinux", "Control", "Frames", "Netlink"],
      swiftSettings: house),
    .testTarget(
      name: "TapVSTests",
      dependencies: ["Configuration", "Control", "Netlink", "RealServer", "tapvs"],
      swiftSettings: house),
    .testTarget(
      name: "ApplianceTests",
      dependencies: [
        "Appliance", "Configuration", "Control", "Director", "Frames", "Health", "LinkIO",
        "Netlink", "TestSupport", "Wire", logging,
      ],
      swiftSettings: house),
    .testTarget(
      name: "ConformanceTests", dependencies: ["TestSupport", "conformance"],
      swiftSettings: house),

    // Fuzzing: what is checked, by libFuzzer and by tests from seeds.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "CLinux", "Configuration", "Control", "Director", "Frames", "LinkIO", "Netlink",
        "TestSupport", "Wire",
      ],
      path: "Tests/Fuzz/Targets", swiftSettings: house),
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport"], swiftSettings: house),
  ] + fuzzing,
  swiftLanguageModes: [.v6]
)
