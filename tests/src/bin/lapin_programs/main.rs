//! The Rust programs that `warren code` prints for some lessons, in one binary: `lapin_programs hello_producer`.

macro_rules! programs {
    ($($name:ident)*) => {
        $(
            mod $name {
                include!(concat!("generated/", stringify!($name), ".rs"));

                /// Runs it.
                pub(crate) fn run() -> Result<()> {
                    main()
                }
            }
        )*

        fn main() -> Result<(), Box<dyn std::error::Error>> {
            match std::env::args().nth(1).as_deref() {
                $(Some(stringify!($name)) => $name::run(),)*
                other => Err(format!("there is no program {other:?}").into()),
            }
        }
    };
}

programs! {
    confirms_commits_1
    confirms_commits_5
    confirms_confirms
    headers_accountant
    headers_archivist
    headers_previewer
    headers_scanner
    hello_consumer
    hello_producer
    odds_accountant
    odds_asker
    odds_careful
    odds_clumsy
    odds_copier
    odds_helper
    odds_labeller
    odds_patient
    odds_picky
    odds_reader
    odds_the_typist_1
    retry_shop
    retry_worker
    rpc_client_1
    rpc_client_2
    rpc_server_1
    rpc_server_2
}
