//! `firn shipment`, `firn ingest` and `firn export`: a shipment's life, its readings and its files.

use super::Written;
use clap::{Args, Subcommand, ValueEnum};
use firn_model::record::Position;
use std::path::PathBuf;

/// A step, and where it is signed.
#[derive(Debug, Args)]
pub struct Steps {
    /// Where the step is signed, with `firn position on`: millionths of a degree, north and east positive, and the
    /// accuracy in metres
    #[arg(long, global = true, value_name = "LAT,LON,ACCURACY_M", value_parser = position, allow_hyphen_values = true)]
    pub position: Option<Position>,
    #[command(subcommand)]
    pub step: Shipment,
}

fn position(text: &str) -> Result<Position, String> {
    Position::parse(text).map_err(|error| error.to_string())
}

#[derive(Debug, Subcommand)]
pub enum Shipment {
    /// Create a shipment
    New {
        /// Delivery note, GSIN (typed or scanned) or free text
        reference: String,
        /// The name of a built-in profile or of one's own (its newest version), or a profile as JSON; a file that is
        /// named like one of them by a path, such as ./own
        #[arg(long, value_name = "FILE", default_value = "cdc-refrigerator")]
        profile: PathBuf,
        /// Where it starts
        #[arg(long)]
        from: Option<String>,
        /// Where it goes
        #[arg(long)]
        to: Option<String>,
        /// An item line: `PRODUCT[,lot=L][,gtin=G][,expiry=YYMMDD][,quantity=N][,package=P][,profile=NAME]
        /// [,leg=SHIPMENT/LINE]…[,scan=TEXT]`, the scan last; may be repeated. A leg is where the line was
        /// before, the earliest first, its lines counted from 1: its budgets go on from there
        #[arg(long = "item", value_name = "ITEM")]
        items: Vec<String>,
        /// A package: `NAME[,inside=NAME]`, each after the one around it; may be repeated
        #[arg(long = "package", value_name = "PACKAGE")]
        packages: Vec<String>,
    },
    /// Every shipment with its verdict
    List,
    /// One shipment whole
    Show {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
    },
    /// Pick-up: from here on readings count
    Start {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
        /// A logger that travels in it (id, unique prefix or label), in a package or not:
        /// `LOGGER[,package=P]`; may be repeated
        #[arg(long = "logger", value_name = "LOGGER")]
        loggers: Vec<String>,
        /// Which package a logger travels in: LOGGER=PACKAGE, an SSCC (typed or scanned) or free text; may be
        /// repeated
        #[arg(long = "package", value_name = "LOGGER=PACKAGE")]
        packages: Vec<String>,
        /// Where a logger travels and from when to when: `LOGGER[@PACKAGE][,from=TIME][,to=TIME]`; may be
        /// repeated, also for one logger that moves from package to package
        #[arg(long = "place", value_name = "PLACE")]
        places: Vec<String>,
        /// Why a logger travels whose certificate has expired, or that has none; may be repeated
        #[arg(long = "override", value_name = "LOGGER=REASON")]
        overrides: Vec<String>,
        /// When it was picked up (RFC 3339) [default: now]
        #[arg(long, value_name = "T")]
        at: Option<String>,
        /// Why it is recorded only now, where that was more than 5 minutes ago
        #[arg(long, requires = "at")]
        reason: Option<String>,
    },
    /// Arrival: from here on readings no longer count
    Receive {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
        /// When it arrived (RFC 3339) [default: now]
        #[arg(long, value_name = "T")]
        at: Option<String>,
        /// What the receiver noted
        #[arg(long)]
        note: Option<String>,
        /// How the seal was found
        #[arg(long, value_enum)]
        seal: Option<SealArgument>,
        /// How many of a line arrived; once for each line, in their order; part of the checklist that `--seal` begins
        #[arg(long = "count", value_name = "N", requires = "seal")]
        counts: Vec<u32>,
        /// A line that is expired or too near to it, counted from 1; may be repeated
        #[arg(long, value_name = "LINE", requires = "seal")]
        expired: Vec<u32>,
        /// A logger that could not be read, and why; may be repeated
        #[arg(long, value_name = "LOGGER=REASON", requires = "seal")]
        unread: Vec<String>,
        /// Why it is recorded only now, where that was more than 5 minutes ago; a time that leaves out readings which
        /// are known, or lies before a hand-over, counts once a second person approves
        #[arg(long, requires = "at")]
        reason: Option<String>,
    },
    /// This device's next step of a hand-over: offer it, accept the offer, or confirm the acceptance
    Handover {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
        /// Offer it onward, though the giver has not confirmed yet that this device has it
        #[arg(long)]
        offer: bool,
        /// Offer it to another organisation: its name or fingerprint
        #[arg(long, value_name = "ORG", requires = "bundle", conflicts_with = "offer")]
        partner: Option<String>,
        /// Where to write that shipment's evidence for them, which is all that they get
        #[arg(long, value_name = "FILE", requires = "partner")]
        bundle: Option<PathBuf>,
    },
    /// Decide about received stock; ends quarantine
    Dispose {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
        /// The decision
        #[arg(long, value_enum)]
        decision: DecisionArgument,
        /// Why
        #[arg(long)]
        reason: String,
        /// A line that is released, counted from 1, with release-in-part; may be repeated
        #[arg(long = "line", value_name = "LINE")]
        lines: Vec<u32>,
    },
    /// Explain reasons of the verdict; all of them before a release
    Acknowledge {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
        /// A reason's code and its explanation; may be repeated
        #[arg(long = "reason", value_name = "CODE=TEXT", required = true)]
        reasons: Vec<String>,
    },
    /// Look into an excursion: its cause, what is done about it, what its manufacturer is asked
    Review {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
        /// The cause
        #[arg(long)]
        cause: String,
        /// Corrective and preventive action
        #[arg(long)]
        action: Option<String>,
        /// The manufacturer that was asked; of a line without a lot it is said in `--action`
        #[arg(long, value_name = "MANUFACTURER", requires_all = ["case_number", "lots", "due"])]
        asked: Option<String>,
        /// Its case number
        #[arg(long = "case", value_name = "NUMBER", requires = "asked")]
        case_number: Option<String>,
        /// A lot that it was asked about; may be repeated
        #[arg(long = "lot", value_name = "LOT", requires = "asked")]
        lots: Vec<String>,
        /// Until when its answer is awaited (RFC 3339)
        #[arg(long, value_name = "T", requires = "asked")]
        due: Option<String>,
    },
    /// Record a manufacturer's answer; it holds for the named lots alone
    Reply {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
        /// A lot that it answers for; may be repeated
        #[arg(long = "lot", value_name = "LOT", required = true)]
        lots: Vec<String>,
        /// What may be done with them
        #[arg(long, value_enum)]
        advice: AdviceArgument,
        /// Its words
        #[arg(long)]
        words: String,
        /// Which question it answers, where several wait: the manufacturer that was asked
        #[arg(long, value_name = "MANUFACTURER")]
        asked: Option<String>,
        /// The same by the manufacturer's case number
        #[arg(long = "case", value_name = "NUMBER")]
        case_number: Option<String>,
    },
    /// Add to CDC's record of the excursion: what the readings tell is filled in, the rest is asked; complete
    /// only with every field
    ExcursionRecord(super::Excursion),
    /// Hold the stock: DO NOT USE, until a decision after it; anybody may
    Quarantine {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Correct when it arrived; counts once a second person approves
    MoveArrival {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
        /// The true arrival (RFC 3339)
        #[arg(long, value_name = "T")]
        at: String,
        /// Why it was signed otherwise
        #[arg(long)]
        reason: String,
    },
    /// Correct when it was picked up: an earlier time counts at once, a later one once a second person approves
    MovePickUp {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
        /// The true time (RFC 3339)
        #[arg(long, value_name = "T")]
        at: String,
        /// Why it was signed otherwise
        #[arg(long)]
        reason: String,
        /// The device that signed the pick-up, by its label or a prefix of its log's id, where several did
        #[arg(long, value_name = "DEVICE")]
        device: Option<String>,
    },
    /// Approve a later pick-up, as somebody who neither proposed it, picked up nor carried
    ApprovePickUp {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
    },
    /// Approve the newest correction of the arrival, or one that was recorded late, as a second person
    Approve {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
    },
    /// What manufacturers are asked with: time in each band and extremes, a pack for each lot
    QueryPack {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
        /// For this manufacturer alone
        #[arg(long)]
        manufacturer: Option<String>,
        /// For this lot alone
        #[arg(long)]
        lot: Option<String>,
    },
    /// Cancel a shipment that was never picked up
    Cancel {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
        shipment: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Close the record of a received shipment, or cancel one that was never picked up
    Close {
        /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
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

/// How a seal was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SealArgument {
    /// Whole
    Intact,
    /// Broken
    Broken,
    /// There was none
    None,
}

/// What a manufacturer advises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AdviceArgument {
    /// They may be used; a person still decides
    MayBeUsed,
    /// They are to be discarded
    Discard,
}

#[derive(Debug, Args)]
pub struct Ingest {
    /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
    pub shipment: String,
    /// Any file that `firn import` reads, or a recorded download as JSON lines
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The logger they came from (id, unique prefix or label) [default: the one with the file's serial number, else
    /// one of the file's name]
    #[arg(long, value_name = "LOGGER")]
    pub logger: Option<String>,
    /// The family of a recorded download
    #[arg(long, value_name = "NAME", default_value = "ruuvitag")]
    pub device: String,
    #[command(flatten)]
    pub written: Written,
}

#[derive(Debug, Args)]
pub struct Export {
    /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
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
    /// Open the positions that this device keeps in the evidence and the report
    #[arg(long)]
    pub with_positions: bool,
}
