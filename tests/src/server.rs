//! The real server, as a process on ports of its own.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

/// A running `warren serve`. It is killed when this goes; what it logs appears in the output of a failing test.
pub struct Server {
    child: Child,
    /// Where AMQP clients connect.
    pub amqp: SocketAddr,
    /// Where browsers find the page.
    pub http: SocketAddr,
}

impl Server {
    /// Starts a server that knows nothing yet, and keeps nothing.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn start() -> Server {
        Server::start_with(&["--memory"])
    }

    /// Starts a server with these options besides its ports.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn start_with(options: &[&str]) -> Server {
        Server::spawn(Command::new(binary()), options)
    }

    /// Starts a server on a file system of its own, of this many MiB, mounted at `data`; needs user namespaces.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn start_on_small_disk(data: &str, mib: u32, options: &[&str]) -> Server {
        let mut command = Command::new("unshare");
        let mount = format!("mount -t tmpfs -o size={mib}m tmpfs {data} && exec \"$0\" \"$@\"");
        command.args(["-rm", "sh", "-c", &mount]).arg(binary());
        Server::spawn(command, options)
    }

    /// Starts a server whose files may have one MiB each.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn start_with_small_files(options: &[&str]) -> Server {
        let mut command = Command::new("sh");
        // The signal that comes with the limit would end it before it could say why.
        command.args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\""]).arg(binary());
        command.stderr(Stdio::piped());
        Server::spawn(command, options)
    }

    fn spawn(mut command: Command, options: &[&str]) -> Server {
        let mut child = command
            .args(["serve", "--amqp", "127.0.0.1:0", "--http", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut ready = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut ready).expect("a ready line");
        let words = ready.split([' ', ',', '/', '\n']);
        let addresses: Vec<SocketAddr> = words.filter_map(|word| word.parse().ok()).collect();
        let [amqp, http] = addresses[..] else { panic!("two addresses in {ready:?}") };
        Server { child, amqp, http }
    }
}

impl Server {
    /// Ends it in order.
    ///
    /// # Panics
    /// If it does not end.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().expect("kill exists").success());
        assert!(self.child.wait().expect("it ends").success(), "the server did not end well");
    }

    /// Waits for its end: its exit code, and all that it has said.
    ///
    /// # Panics
    /// If what it says was not asked for.
    #[must_use]
    pub fn wait(mut self) -> String {
        let mut said = String::new();
        self.child.stderr.take().expect("piped").read_to_string(&mut said).expect("UTF-8");
        let code = self.child.wait().expect("it ends").code().unwrap_or(-1);
        format!("exit code {code}\n{said}")
    }

    /// The number of its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

/// Runs `warren` to its end: its exit code, and all that it says.
///
/// # Panics
/// If it does not start.
#[must_use]
pub fn warren(args: &[&str]) -> String {
    let output = Command::new(binary()).args(args).output().expect("the program starts");
    let code = output.status.code().unwrap_or(-1);
    let said = [output.stdout, output.stderr].concat();
    format!("exit code {code}\n{}", String::from_utf8_lossy(&said))
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program's file.
#[must_use]
pub fn program() -> &'static Path {
    binary()
}

/// The server's binary, beside this test's own. It is built here too, because a test of another package may run
/// before anything has built it; when it is up to date that takes no time.
fn binary() -> &'static PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let test = env::current_exe().expect("a test has a path");
        let profile = test.parent().and_then(|deps| deps.parent()).expect("target/PROFILE/deps/TEST");
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--package", "warren"]);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo runs").success(), "the server does not build");
        profile.join("warren")
    })
}
