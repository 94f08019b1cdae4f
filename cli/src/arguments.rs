//! The command line of `firn`: every command, flag and what it does.

mod files;

pub use files::{DelimiterArgument, Import, UnitArgument, Written};

use clap::{Args, Parser, Subcommand, ValueEnum};
use firn_model::units::MilliCelsius;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Firn reads Bluetooth temperature loggers on shipments, decides what was out of range, signs it
/// into a log on this device, syncs with peers and exports evidence that anyone can verify.
#[derive(Debug, Parser)]
#[command(name = "firn", version, max_term_width = 100, propagate_version = true)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The data folder [default: this user's]
    #[arg(long, global = true, env = "FIRN_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Machine output on stdout; diagnostics stay on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// A file whose first line is the passphrase of this home's keys
    #[arg(long, global = true, env = "FIRN_PASSPHRASE_FILE", value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// How much work a guess at the passphrase costs; low is for tests
    #[arg(long, global = true, value_enum, default_value_t = Cost::Standard)]
    pub kdf_cost: Cost,
}

/// The work factor of the passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Cost {
    /// RFC 9106's second recommended option
    Standard,
    /// As little as possible
    Low,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Decode adverts: one JSON object a line on stdin, one line of readings or error each
    Decode {
        /// A JSON object of transmitter address to key in hexadecimal
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
    },
    /// Run a recorded log download (JSON lines on stdin) through the logger's dialog
    Replay {
        /// The logger's family, such as ruuvitag
        #[arg(long, value_name = "NAME")]
        device: String,
    },
    /// A logger's own file: its readings, and its own numbers beside the recomputed ones
    Import(Import),
    /// Judge readings by a profile; prints the assessment as JSON
    Assess(Assess),
    /// Built-in and own profiles
    #[command(subcommand)]
    Profile(Profile),
    /// Make a home: an organisation, this device's keys and its log
    Init(Init),
    /// This home's organisation, device and log
    Id,
    /// Loggers of the organisation
    #[command(subcommand)]
    Logger(Logger),
    /// A shipment's life; each step is one signed entry
    #[command(subcommand)]
    Shipment(Shipment),
    /// Take readings from files or recorded downloads into a shipment
    Ingest(Ingest),
    /// Live adverts of loggers nearby, one line each, until stopped
    Listen {
        /// Stop after so many seconds
        #[arg(long, value_name = "SECONDS")]
        seconds: Option<u64>,
        /// Record what is heard of shipments under way; sealed every ten minutes and at the end
        #[arg(long)]
        record: bool,
    },
    /// Read loggers' memories over Bluetooth, with progress; goes on where the last one ended
    Download(Download),
    /// Invite a device: prints the invitation, then serves until it is used or expired
    Invite {
        /// What the new device is enrolled as
        #[arg(long, value_enum, default_value_t = RoleArgument::Courier)]
        role: RoleArgument,
        /// Where to listen for it
        #[arg(long, value_name = "ADDR", default_value = "0.0.0.0:0")]
        listen: SocketAddr,
        /// How long the invitation stands
        #[arg(long, value_name = "MINUTES", default_value_t = 10)]
        minutes: u32,
    },
    /// Join an organisation by invitation: makes a home and syncs with the inviter
    Join {
        /// The invitation's text
        invitation: String,
        /// What this device is called
        #[arg(long, default_value = "This device")]
        device: String,
    },
    /// Exchange logs with a peer, once
    Sync {
        /// The peer: ID or ID@IP:PORT
        peer: String,
    },
    /// Serve peers until stopped
    Node {
        /// Where to listen
        #[arg(long, value_name = "ADDR", default_value = "0.0.0.0:0")]
        listen: SocketAddr,
    },
    /// A shipment's report, readings and evidence as files
    Export(Export),
    /// Verify an evidence file or a report, with no home needed
    Verify {
        /// The file
        file: PathBuf,
        /// The organisation's fingerprint, learned elsewhere; without it the issuer stays unconfirmed
        #[arg(long, value_name = "FINGERPRINT")]
        organisation: Option<String>,
    },
    /// The whole story on virtual loggers: enrol, ship, excursion, sign, hand over, sync, export, verify
    Demo {
        /// The same seed and start give the same numbers
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// When the story begins (RFC 3339) [default: eight hours ago]
        #[arg(long, value_name = "T")]
        start: Option<String>,
    },
    /// Radio, clock, home, keys, peers: what works, what does not, what to do
    Doctor {
        /// For how long to listen for loggers
        #[arg(long, value_name = "SECONDS", default_value_t = 5)]
        seconds: u64,
    },
    /// The organisation's devices
    #[command(subcommand)]
    Device(Device),
    /// The chain of signed entries
    #[command(subcommand)]
    Log(Log),
}

#[derive(Debug, Args)]
pub struct Export {
    /// Its id, or a unique prefix of at least six characters
    pub shipment: String,
    /// The report as PDF/A-3, sealed, with the evidence inside
    #[arg(long, value_name = "FILE")]
    pub pdf: Option<PathBuf>,
    /// The readings as CSV
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// The evidence file
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
}

/// What a device is enrolled as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleArgument {
    /// Carries shipments
    Courier,
    /// Receives, reads and releases shipments
    Pharmacist,
    /// Investigates and decides
    Quality,
    /// Enrols loggers, people and devices
    Admin,
}

#[derive(Debug, Subcommand)]
pub enum Device {
    /// Every other device, and when both last agreed
    List,
}

#[derive(Debug, Args)]
pub struct Download {
    /// An enrolled logger (id, unique prefix, label or serial), or a Bluetooth address; of several, four
    /// are read at a time
    #[arg(value_name = "LOGGER", required_unless_present = "all")]
    pub loggers: Vec<String>,
    /// Every logger that travels in the shipment
    #[arg(long, requires = "shipment", conflicts_with = "loggers")]
    pub all: bool,
    /// Seal the readings into this shipment [default: print them, one JSON object a line]
    #[arg(long, value_name = "SHIPMENT")]
    pub shipment: Option<String>,
    /// The logger's family, where it is named by address
    #[arg(long, value_name = "NAME", default_value = "ruuvitag")]
    pub device: String,
    /// How long to listen for the logger
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub patience: u64,
    /// Let the logger's clock be set to local time, where it hands over nothing before that
    #[arg(long, requires = "zone")]
    pub allow_clock_write: bool,
    /// Where the logger stands: a place such as Europe/Paris, or an offset such as +01:00
    #[arg(long, value_name = "TZ", allow_hyphen_values = true)]
    pub zone: Option<String>,
    /// A file whose first line is the logger's password; it goes over the air in clear
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Assess {
    /// A profile as JSON, or the name of a built-in one
    #[arg(long, value_name = "FILE")]
    pub profile: PathBuf,
    /// CSV with the columns `time` (RFC 3339 with offset) and `temperature_c` [default: stdin]
    #[arg(long, value_name = "FILE.csv")]
    pub readings: Option<PathBuf>,
    /// The span begins here (RFC 3339) [default: the first sample]
    #[arg(long, value_name = "T")]
    pub from: Option<String>,
    /// The span ends here (RFC 3339) [default: the last sample]
    #[arg(long, value_name = "T")]
    pub to: Option<String>,
    /// The logger's accuracy in °C: tells how long the readings lay so near a limit
    #[arg(long, value_name = "DEGREES", value_parser = accuracy)]
    pub accuracy: Option<MilliCelsius>,
}

fn accuracy(text: &str) -> Result<MilliCelsius, String> {
    match MilliCelsius::parse(text) {
        Ok(accuracy) if (0..=10_000).contains(&accuracy.0) => Ok(accuracy),
        _ => Err("not degrees between 0 and 10, such as 0.5".into()),
    }
}

#[derive(Debug, Subcommand)]
pub enum Profile {
    /// Built-in profiles and their sources
    List,
    /// One built-in profile as JSON
    Show {
        /// Its name
        name: String,
    },
    /// Check a profile's JSON and say precisely what is wrong
    Check {
        /// The file
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct Init {
    /// The organisation's name
    #[arg(long, default_value = "Unnamed organisation")]
    pub organisation: String,
    /// What this device is called
    #[arg(long, default_value = "This device")]
    pub device: String,
}

#[derive(Debug, Subcommand)]
pub enum Logger {
    /// Enrol a logger
    Add {
        /// What is written on its case
        #[arg(long)]
        label: String,
        /// The family whose codec reads it, such as ruuvitag
        #[arg(long, default_value = "ruuvitag")]
        family: String,
        /// Its Bluetooth address
        #[arg(long)]
        address: Option<String>,
        /// Its serial number
        #[arg(long)]
        serial: Option<String>,
        /// Its logging interval in seconds
        #[arg(long, value_name = "SECONDS")]
        interval: Option<u32>,
        /// A file with the key that opens its adverts: one line of 32 hexadecimal digits
        #[arg(long, value_name = "FILE", requires = "address")]
        bind_key_file: Option<PathBuf>,
    },
    /// Enter the key of an enrolled logger on this device; anew after its battery was changed
    Key {
        /// The logger (id, unique prefix, label or serial)
        logger: String,
        /// A file with its key: one line of 32 hexadecimal digits
        #[arg(long, value_name = "FILE", required_unless_present = "forget")]
        bind_key_file: Option<PathBuf>,
        /// Forget its key; from then on its adverts count as merely heard
        #[arg(long, conflicts_with = "bind_key_file")]
        forget: bool,
    },
    /// Every enrolled logger
    List,
}

#[derive(Debug, Subcommand)]
pub enum Shipment {
    /// Create a shipment
    New {
        /// Delivery note, GSIN or free text
        reference: String,
        /// A profile as JSON, or the name of a built-in one
        #[arg(long, value_name = "FILE", default_value = "cdc-refrigerator")]
        profile: PathBuf,
        /// Where it starts
        #[arg(long)]
        from: Option<String>,
        /// Where it goes
        #[arg(long)]
        to: Option<String>,
        /// An item line: `PRODUCT[,lot=L][,gtin=G][,expiry=YYMMDD][,quantity=N]`; may be repeated
        #[arg(long = "item", value_name = "ITEM")]
        items: Vec<String>,
    },
    /// Every shipment with its verdict
    List,
    /// One shipment whole
    Show {
        /// Its id, or a unique prefix of at least six characters
        shipment: String,
    },
    /// Pick-up: from here on readings count
    Start {
        /// Its id, or a unique prefix of at least six characters
        shipment: String,
        /// A logger that travels in it (id, unique prefix or label); may be repeated
        #[arg(long = "logger", value_name = "LOGGER")]
        loggers: Vec<String>,
        /// When it was picked up (RFC 3339) [default: now]
        #[arg(long, value_name = "T")]
        at: Option<String>,
    },
    /// Arrival: from here on readings no longer count
    Receive {
        /// Its id, or a unique prefix of at least six characters
        shipment: String,
        /// When it arrived (RFC 3339) [default: now]
        #[arg(long, value_name = "T")]
        at: Option<String>,
        /// What the receiver noted
        #[arg(long)]
        note: Option<String>,
    },
    /// This device's next step of a hand-over: offer it, accept the offer, or confirm the acceptance
    Handover {
        /// Its id, or a unique prefix of at least six characters
        shipment: String,
    },
    /// Decide about received stock; ends quarantine
    Dispose {
        /// Its id, or a unique prefix of at least six characters
        shipment: String,
        /// The decision
        #[arg(long, value_enum)]
        decision: DecisionArgument,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Close the record of a received shipment, or cancel one that was never picked up
    Close {
        /// Its id, or a unique prefix of at least six characters
        shipment: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
}

/// What is decided about stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DecisionArgument {
    /// All of it may be used
    Release,
    /// Part of it may be used
    ReleaseInPart,
    /// None of it may be used
    Reject,
}

#[derive(Debug, Args)]
pub struct Ingest {
    /// Its id, or a unique prefix of at least six characters
    pub shipment: String,
    /// Any file that `firn import` reads, or a recorded download as JSON lines
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The logger they came from (id, unique prefix or label) [default: one of the file's name]
    #[arg(long, value_name = "LOGGER")]
    pub logger: Option<String>,
    /// The family of a recorded download
    #[arg(long, value_name = "NAME", default_value = "ruuvitag")]
    pub device: String,
    #[command(flatten)]
    pub written: Written,
}

#[derive(Debug, Subcommand)]
pub enum Log {
    /// The entries of every log, or of one
    Show {
        /// A log's id in hexadecimal, or a unique prefix of at least six characters
        log: Option<String>,
    },
    /// Check every chain, body and batch; names the first bad entry
    Verify {
        /// Check every entry's signature, not the heads' alone
        #[arg(long)]
        deep: bool,
    },
}
