//! Which suites there are, where they come from, and how they are played.

/// A client's own test suite, at one version.
pub(super) struct Suite {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) source: Source,
    /// Where the tests are, and what else the player is told.
    pub(super) arguments: &'static [&'static str],
}

/// Who publishes the tests; this also says which player they need.
pub(super) enum Source {
    /// A source distribution on `PyPI`, with its tests: the package.
    Python(&'static str),
    /// A package on `PyPI` whose tests are only in its git repository: the repository.
    PythonGit(&'static str),
    /// A package on npm whose tests are only in its git repository: the repository.
    NodeGit(&'static str),
    /// A crate with its tests.
    Crate,
}

/// Tests over TLS are left out, because Warren has no TLS yet; so are three of aio-pika's that restart the
/// broker's container.
pub(super) const SUITES: [Suite; 8] = [
    Suite {
        name: "pika",
        version: "1.4.4",
        source: Source::PythonGit("https://github.com/pika/pika"),
        arguments: &["tests/acceptance", "-n", "4", "--dist", "loadscope"],
    },
    Suite {
        name: "amqplib",
        version: "2.0.1",
        source: Source::NodeGit("https://github.com/amqp-node/amqplib"),
        arguments: &[],
    },
    Suite {
        name: "aiormq",
        version: "7.2.4",
        source: Source::Python("aiormq"),
        arguments: &[
            "tests",
            "-p",
            "aiormq_broker",
            "-k",
            "not amqps",
            "--deselect",
            "tests/test_connection.py::test_ssl_context",
            "--deselect",
            "tests/test_connection.py::test_ssl_verification_fails_without_trusted_ca",
        ],
    },
    Suite {
        name: "aio-pika",
        version: "10.2.1",
        source: Source::Python("aio_pika"),
        arguments: &[
            "tests",
            "--ignore",
            "tests/test_amqps.py",
            "-k",
            "not stop_app and not kill and not broker_restart",
        ],
    },
    Suite {
        name: "py-amqp",
        version: "5.4.2",
        source: Source::Python("amqp"),
        arguments: &["t/integration", "-k", "not tls"],
    },
    Suite {
        name: "kombu",
        version: "5.7.0",
        source: Source::Python("kombu"),
        arguments: &["t/integration/test_py_amqp.py"],
    },
    Suite {
        name: "lapin",
        version: "4.12.3",
        source: Source::Crate,
        arguments: &["--features", "tokio,smol"],
    },
    Suite { name: "amqprs", version: "2.1.5", source: Source::Crate, arguments: &[] },
];
