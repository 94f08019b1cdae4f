//! What can keep the window from opening, and what to do about it.

/// Why the shell could not open its window.
#[derive(Debug)]
pub enum ShellError {
    /// Neither `DISPLAY` nor `WAYLAND_DISPLAY` is set.
    NoDisplay,
    /// The platform's window or web view refused.
    Window(tauri::Error),
    /// The host could not begin.
    Home(firn_host::HomeError),
}

impl ShellError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::NoDisplay => "shell/no-display",
            Self::Window(_) => "shell/window",
            Self::Home(error) => error.code(),
        }
    }

    /// What the person at the machine can do next.
    #[must_use]
    pub fn next_step(&self) -> &str {
        match self {
            Self::NoDisplay => "Start Firn from a graphical session, or use the `firn` command here.",
            Self::Window(_) => "Check that the system's web view is installed: `cargo xtask setup --check`.",
            Self::Home(error) => error.next_step(),
        }
    }
}

impl std::fmt::Display for ShellError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoDisplay => f.write_str("there is no display to open a window on"),
            Self::Window(cause) => write!(f, "the window could not be opened: {cause}"),
            Self::Home(cause) => cause.fmt(f),
        }
    }
}

impl std::error::Error for ShellError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoDisplay => None,
            Self::Window(cause) => Some(cause),
            Self::Home(cause) => Some(cause),
        }
    }
}

/// Refuses before the toolkit does: GTK ends the process when it finds no display.
pub(crate) fn require_display() -> Result<(), ShellError> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        return Err(ShellError::NoDisplay);
    }
    Ok(())
}
