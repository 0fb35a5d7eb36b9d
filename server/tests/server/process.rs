//! Starting the program and talking to it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, ChildStderr, Command, Output, Stdio},
    time::Duration,
};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Runs the program to its end.
pub(crate) fn warren(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_warren")).args(args).output().expect("the program starts")
}

/// What it prints when all goes well.
pub(crate) fn output(args: &[&str]) -> String {
    let output = warren(args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What a run that must fail says, as `exit code` and stderr.
pub(crate) fn failure(args: &[&str]) -> String {
    let output = warren(args);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "a failure prints nothing on stdout");
    let code = output.status.code().expect("the program exits by itself");
    format!("exit code {code}\n{}", String::from_utf8(output.stderr).expect("UTF-8"))
}

/// A file that is gone after the test.
pub(crate) struct TempFile {
    pub(crate) path: PathBuf,
}

impl TempFile {
    pub(crate) fn new(name: &str, text: &str) -> TempFile {
        let path = std::env::temp_dir().join(format!("warren-{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("the temporary directory is writable");
        TempFile { path }
    }

    pub(crate) fn path(&self) -> &str {
        self.path.to_str().expect("UTF-8")
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// A directory that is gone after the test.
pub(crate) struct TempDirectory(pub(crate) PathBuf);

impl TempDirectory {
    pub(crate) fn new(name: &str) -> TempDirectory {
        let path = std::env::temp_dir().join(format!("warren-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        TempDirectory(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }
}

impl Drop for TempDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running broker on ports of its own; killed at the end of the test.
pub(crate) struct Server {
    child: Child,
    pub(crate) ready_line: String,
    pub(crate) amqp: String,
    pub(crate) http: String,
}

impl Server {
    /// One that keeps nothing.
    pub(crate) fn start(args: &[&str]) -> Server {
        Server::start_with(&[&["--memory"], args].concat())
    }

    /// One that keeps its data where the arguments say.
    pub(crate) fn start_with(args: &[&str]) -> Server {
        Server::start_logging_to(args, Stdio::piped())
    }

    /// One whose log goes there.
    pub(crate) fn start_logging_to(args: &[&str], stderr: Stdio) -> Server {
        Server::spawn(Command::new(env!("CARGO_BIN_EXE_warren")), args, stderr)
    }

    /// One that may have so many files open.
    pub(crate) fn start_with_files(files: u32, args: &[&str]) -> Server {
        let mut limited = Command::new("prlimit");
        limited.arg(format!("--nofile={files}:{files}")).arg(env!("CARGO_BIN_EXE_warren"));
        Server::spawn(limited, args, Stdio::piped())
    }

    fn spawn(mut program: Command, args: &[&str], stderr: Stdio) -> Server {
        let mut child = program
            .args(["serve", "--amqp", "127.0.0.1:0", "--http", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .expect("the program starts");
        let mut ready_line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut ready_line).expect("a ready line");
        let addresses: Vec<&str> =
            ready_line.split([' ', ',', '/', '"', '\n']).filter(|word| is_address(word)).collect();
        let [amqp, http] = addresses[..] else { panic!("two addresses in {ready_line:?}") };
        let (amqp, http) = (amqp.to_owned(), http.to_owned());
        Server { child, ready_line, amqp, http }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(&self.amqp)
    }

    /// The whole answer to an HTTP request.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = connect(&self.http);
        write!(stream, "GET {path} HTTP/1.1\r\nHost: warren\r\nConnection: close\r\n\r\n")
            .expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(status.expect("kill exists").success());
    }

    /// The log's other end, if it is a pipe that nobody has taken.
    pub(crate) fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Waits for the end: the exit code, and what was logged, if the log is still here to read.
    pub(crate) fn wait(mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        if let Some(mut stderr) = self.take_stderr() {
            stderr.read_to_string(&mut log).expect("UTF-8");
        }
        (self.child.wait().expect("it ends").code(), log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the port is open");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

fn is_address(word: &str) -> bool {
    word.parse::<std::net::SocketAddr>().is_ok()
}
