//! The command line of `firn`: every command, flag and what it does.

mod calibration;
mod device;
mod excursion;
mod files;
mod gs1;
mod home;
mod observe;
mod partner;
mod person;
mod profile;
mod radio;
mod root;
mod shipment;
mod sync;
mod vault;

pub use calibration::{Calibrated, FoundArgument};
pub use device::{Device, RevocationArgument};
pub use excursion::Excursion;
pub use files::{DelimiterArgument, Import, UnitArgument, Written};
pub use gs1::Gs1;
pub use home::{EndingArgument, HomeCommand, Init, Logger};
pub use observe::{Observe, WhatArgument};
pub use partner::Partner;
pub use person::{Enrol, Key, Person};
pub use profile::Profile;
pub use radio::Download;
pub use root::Root;
pub use shipment::{AdviceArgument, DecisionArgument, Export, Ingest, SealArgument, Shipment, Steps};
pub use sync::Sync;
pub use vault::{GroundArgument, PositionCommand, Vault};

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
    /// Who signs as well: a person's id, a unique prefix of at least six characters, or the exact name
    #[arg(id = "signer", long = "as", global = true, value_name = "PERSON")]
    pub person: Option<String>,
    /// A file whose first line is the PIN of the person who signs, or who gets a key
    #[arg(long, global = true, env = "FIRN_PIN_FILE", value_name = "FILE")]
    pub pin_file: Option<PathBuf>,
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
    /// A scanned GS1 text: its application identifiers and values as JSON
    Gs1(Gs1),
    /// Make a home: an organisation, this device's keys and its log
    Init(Init),
    /// This home's organisation, device and log
    Id,
    /// Write this home into one file, sealed under a passphrase: store, vault and keys
    Backup {
        /// The file; it must not exist yet
        file: PathBuf,
        /// A file whose first line is the passphrase of the backup [default: the home's]
        #[arg(long, value_name = "FILE")]
        backup_passphrase_file: Option<PathBuf>,
    },
    /// Make a new home, the one that --home names, from a backup; sync it with every peer before it goes on with
    /// `firn home continue`
    Restore {
        /// The backup
        file: PathBuf,
        /// A file whose first line is the passphrase of the backup [default: the home's]
        #[arg(long, value_name = "FILE")]
        backup_passphrase_file: Option<PathBuf>,
    },
    /// What becomes of this home
    #[command(subcommand)]
    Home(HomeCommand),
    /// Loggers of the organisation
    #[command(subcommand)]
    Logger(Logger),
    /// The people who sign, and their keys on this device
    #[command(subcommand)]
    Person(Person),
    /// A shipment's life; each step is one signed entry
    Shipment(Steps),
    /// Record what a person saw: vial monitor, freeze indicator, coolant, seal, with a photo's hash
    Observe(Observe),
    /// What people have to do, the gravest first: about shipments, loggers and people of this home
    Tasks {
        /// As it stands then (RFC 3339) [default: now]
        #[arg(long, value_name = "T")]
        at: Option<String>,
    },
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
    /// Read loggers' memories over Bluetooth, with progress; goes on where the last one ended. Of a
    /// thermometer without a log: what it shows now
    Download(Download),
    /// Invite a device: prints the invitation, then serves until it is used or expired
    Invite {
        /// What the new device is enrolled as
        #[arg(long, value_enum, default_value_t = RoleArgument::Courier)]
        role: RoleArgument,
        /// Where to listen for it
        #[arg(long, value_name = "ADDR", default_value = "0.0.0.0:0")]
        listen: SocketAddr,
        /// A relay of the organisation's own at which it may be asked for, too: https://HOST[:PORT]
        #[arg(long, value_name = "URL")]
        relay: Option<String>,
        /// How long the invitation stands
        #[arg(long, value_name = "MINUTES", default_value_t = 10)]
        minutes: u32,
        /// For an admin: a file whose first line is the passphrase of the organisation's root [default: the home's]
        #[arg(long, value_name = "FILE")]
        root_passphrase_file: Option<PathBuf>,
        /// For quality and admin, whose devices show six digits: ask here whether both show the same before the
        /// device is enrolled, or only show them [default: ask at a terminal, else show]
        #[arg(long, value_enum, value_name = "HOW")]
        compare: Option<CompareArgument>,
    },
    /// Join an organisation by invitation: makes a home and syncs with the inviter
    Join {
        /// The invitation's text
        invitation: String,
        /// What this device is called
        #[arg(long, default_value = "This device")]
        device: String,
    },
    /// Exchange logs with a peer, once; or by file, with devices that are never met
    Sync(Sync),
    /// Serve peers until stopped
    Node {
        /// Where to listen
        #[arg(long, value_name = "ADDR", default_value = "0.0.0.0:0")]
        listen: SocketAddr,
        /// Where to answer this machine alone: /health as JSON, /metrics as OpenMetrics text [default: nowhere]
        #[arg(long, value_name = "ADDR")]
        monitor: Option<SocketAddr>,
        /// Be found on the local network: tells everybody there this device's id and addresses, by mDNS
        #[arg(long)]
        lan: bool,
        /// A relay of the organisation's own at which peers may ask for this device, too: https://HOST[:PORT]
        #[arg(long, value_name = "URL")]
        relay: Option<String>,
    },
    /// A shipment's report, readings and evidence as files
    Export(Export),
    /// Verify an evidence file or a report, with no home needed; inside one its partners are known
    Verify {
        /// The file
        file: PathBuf,
        /// The organisation's fingerprint, learned elsewhere; without it the issuer stays unconfirmed
        #[arg(long, value_name = "FINGERPRINT")]
        organisation: Option<String>,
        /// A photo that an observation in it should name; may be repeated
        #[arg(long = "photo", value_name = "FILE")]
        photos: Vec<PathBuf>,
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
    /// Rules of the organisation, signed by an admin
    #[command(subcommand)]
    Policy(Policy),
    /// The organisation's devices
    #[command(subcommand)]
    Device(Device),
    /// The organisation's root key: its recovery sheet on paper, and restoring it from two shares
    #[command(subcommand)]
    Root(Root),
    /// Other organisations: cards, pins, and taking in what they hand over
    #[command(subcommand)]
    Partner(Partner),
    /// Whether the place is recorded with each step that is signed on this device; off until it is turned on
    #[command(subcommand)]
    Position(PositionCommand),
    /// Personal data that is kept apart from the records, and can be erased
    #[command(subcommand)]
    Vault(Vault),
    /// The chain of signed entries
    #[command(subcommand)]
    Log(Log),
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

/// What is done with the digits that both devices show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompareArgument {
    /// Waits for `yes` or `no` on standard input
    Ask,
    /// Shows them and goes on
    Show,
}

#[derive(Debug, Args)]
pub struct Assess {
    /// The name of a built-in profile or of one's own (its newest version), or a profile as JSON
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
pub enum Policy {
    /// Set a rule; it holds for decisions from now on
    Set {
        /// Which rule
        #[arg(value_enum)]
        rule: RuleArgument,
        /// What it says
        #[arg(value_enum)]
        setting: SettingArgument,
        /// Why; asked for where another rule is in force
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// The rules as they stand, and every change with who made it, when and why
    Show,
}

/// The rules of an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RuleArgument {
    /// Whether one person alone may release after an excursion
    SinglePersonRelease,
}

/// What a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SettingArgument {
    /// It is allowed; every record says so
    Allowed,
    /// It is refused
    Refused,
}

#[derive(Debug, Subcommand)]
pub enum Log {
    /// The entries of every log, or of one
    Show {
        /// A log's id in hexadecimal, or a unique prefix of at least six characters
        log: Option<String>,
        /// Print the newest head that its device signed and who cosigned it, as a C2SP signed note
        #[arg(long, requires = "log")]
        note: bool,
    },
    /// Check every chain, body and batch; names the first bad entry
    Verify {
        /// Check every entry's signature, not the heads' alone, and the lists against the entries
        #[arg(long)]
        deep: bool,
    },
    /// Make the lists anew from the entries, where `log verify --deep` finds that they differ
    Rebuild,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn no_flag_of_any_command_is_in_anothers_way() {
        Arguments::command().debug_assert();
    }
}
