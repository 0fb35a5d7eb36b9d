//! Installing a RabbitMQ from Debian's packages into a folder of its own, which nothing else on the machine sees.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use super::release::Release;
use crate::{setup, shell};

/// What RabbitMQ and its start script need.
const PACKAGES: [&str; 15] = [
    "rabbitmq-server",
    "base-files",
    "bash",
    "coreutils",
    "dash",
    "findutils",
    "grep",
    "gzip",
    "hostname",
    "libc-bin",
    "mawk",
    "procps",
    "sed",
    "tar",
    "util-linux",
];
/// Where Debian's source is described on a machine that runs Debian.
const MACHINES_SOURCE: &str = "/etc/apt/sources.list.d/debian.sources";
/// The same, where it is not described there.
const SOURCE: &str = "Types: deb\nURIs: http://deb.debian.org/debian\nSuites: stable\nComponents: main\n\
                      Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n";
/// Documentation and translations: what a broker does not read.
const UNREAD: [&str; 4] = ["usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info"];

/// The folder that is the root directory of this RabbitMQ, which is installed if it is not there.
pub(super) fn installed(release: Release) -> Result<PathBuf> {
    let folder = shell::cache()?.join(format!("rabbitmq-{release}"));
    let root = folder.join("root");
    setup::ensure(&format!("RabbitMQ {release}"), root.exists(), || {
        if shell::output("apt-get", &["--version"]).is_none() {
            bail!("its packages are Debian's, and there is no apt here: say --address HOST:PORT instead");
        }
        // What an interrupted run has left.
        let _ = fs::remove_dir_all(&folder);
        let (apt, unpacked) = (folder.join("apt"), folder.join("unpacked"));
        let packages = download(&apt, release.suite())?;
        unpack(&packages, &unpacked)?;
        check_version(&unpacked, release)?;
        fs::remove_dir_all(&apt)?;
        fs::rename(&unpacked, &root).context("the folder cannot be renamed")
    })?;
    Ok(root)
}

/// Downloads the packages of a suite with a state of apt that is this folder's own; returns their files.
fn download(apt: &Path, suite: &str) -> Result<Vec<PathBuf>> {
    let (archives, sources) = (apt.join("cache/archives"), apt.join("sources"));
    for folder in [apt.join("lists/partial"), archives.join("partial"), sources.clone()] {
        fs::create_dir_all(folder)?;
    }
    fs::write(apt.join("status"), "")?;
    fs::write(sources.join("debian.sources"), source(suite))?;
    let place = |key: &str, path: PathBuf| format!("{key}={}", path.display());
    let options = [
        "Dir::Etc::sourcelist=/dev/null".into(),
        place("Dir::Etc::sourceparts", sources),
        place("Dir::State", apt.to_owned()),
        place("Dir::State::lists", apt.join("lists")),
        place("Dir::State::status", apt.join("status")),
        place("Dir::Cache", apt.join("cache")),
        "APT::Sandbox::User=root".into(),
        "Debug::NoLocking=1".into(),
    ];
    let options: Vec<&str> = options.iter().flat_map(|option| ["--option", option]).collect();
    setup::quietly("apt-get", &[&options[..], &["update"]].concat(), "")?;
    let install = ["install", "--yes", "--download-only", "--no-install-recommends"];
    setup::quietly("apt-get", &[&options[..], &install, &PACKAGES].concat(), "")?;
    let files = fs::read_dir(&archives)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    Ok(files.into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "deb")).collect())
}

/// The machine's own source of packages, with another suite.
fn source(suite: &str) -> String {
    let machines = fs::read_to_string(MACHINES_SOURCE).unwrap_or_else(|_| SOURCE.into());
    let first = machines.split("\n\n").next().unwrap_or_default();
    let line = |line: &str| match line.starts_with("Suites:") {
        true => format!("Suites: {suite}\n"),
        false => format!("{line}\n"),
    };
    first.lines().map(line).collect()
}

/// Unpacks the packages without running what they would run, and adds what that would have made.
fn unpack(packages: &[PathBuf], root: &Path) -> Result<()> {
    for folder in ["bin", "sbin", "lib", "lib64"] {
        fs::create_dir_all(root.join("usr").join(folder))?;
        symlink(Path::new("usr").join(folder), root.join(folder))?;
    }
    for package in packages {
        let mut reader = Command::new("dpkg-deb");
        let mut reader = reader.arg("--fsys-tarfile").arg(package).stdout(Stdio::piped()).spawn()?;
        let tar = reader.stdout.take().context("piped")?;
        let mut writer = Command::new("tar");
        writer.args(["--extract", "--keep-directory-symlink", "--directory"]).arg(root).stdin(tar);
        shell::check(&mut writer)?;
        if !reader.wait()?.success() {
            bail!("{} cannot be unpacked", package.display());
        }
    }
    for folder in ["tmp", "proc", "dev"] {
        fs::create_dir_all(root.join(folder))?;
    }
    for folder in UNREAD.iter().map(|folder| root.join(folder)).filter(|folder| folder.exists()) {
        fs::remove_dir_all(folder)?;
    }
    let awk = root.join("usr/bin/awk");
    if !awk.is_symlink() {
        symlink("mawk", awk)?;
    }
    fs::write(root.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n")?;
    fs::write(root.join("etc/hosts"), "127.0.0.1 localhost\n")?;
    Ok(())
}

/// A suite of Debian's goes on to newer versions.
fn check_version(root: &Path, release: Release) -> Result<()> {
    let suite = release.suite();
    let names = fs::read_dir(root.join("usr/lib/rabbitmq/lib"))?.flatten().map(|entry| entry.file_name());
    let names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    let found = names.iter().find_map(|name| name.strip_prefix("rabbitmq_server-"));
    let found = found.with_context(|| format!("Debian's {suite} has no RabbitMQ"))?;
    if !found.starts_with(&format!("{release}.")) {
        bail!(
            "Debian's {suite} has RabbitMQ {found} now: start a {release} elsewhere, and say --address HOST:PORT"
        );
    }
    Ok(())
}
