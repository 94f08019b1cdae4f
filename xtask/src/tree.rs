//! Where things lie: the clone, cargo's target folder, the programs that cargo builds.
use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use crate::error::Error;

/// The clone this task works on.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    target: PathBuf,
    cargo: OsString,
}

impl Tree {
    /// The clone that this program was built from.
    ///
    /// Asked at run time, since a target folder may outlive the clone that filled it.
    pub fn find() -> Result<Self, Error> {
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package.parent().unwrap_or(&package).to_path_buf();
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Ok(Self { root, target, cargo })
    }

    /// A path in the clone.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// The folder that plain cargo builds into.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// A program of the workspace, as the dev profile leaves it.
    pub fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// Cargo, the same that started this task, at the clone's root.
    pub fn cargo(&self) -> Command {
        self.command(&self.cargo)
    }

    /// Cargo over the workspace, but for the tool that builds the page and has no tests.
    pub fn workspace(&self, command: &str) -> Command {
        let mut cargo = self.cargo();
        cargo.args([command, "--workspace", "--exclude", "firn-bindgen"]);
        cargo
    }

    /// Any program, at the clone's root.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_where_the_one_configuration_lies() {
        assert!(Tree::find().unwrap().path("tauri.conf.json").is_file());
    }
}
