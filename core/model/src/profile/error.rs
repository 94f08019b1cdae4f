//! Why a profile is refused: a stable code, where, the cause and the next step.

use super::{LONGEST_ID, LONGEST_INTERVAL_S, LONGEST_NAME, MOST_RULES};

/// Why a text or some bytes are not a profile; `path` names the field as in the JSON (`alarms[0].id`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The text is not JSON.
    #[error("not JSON: {cause}")]
    Syntax {
        /// What the parser met, and where.
        cause: String,
    },
    /// A field is missing, unknown, or holds something of another kind.
    #[error("{path}: {cause}")]
    Field {
        /// Which field.
        path: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A temperature lies outside −273.15 to 1000 °C.
    #[error("{path}: {value_mc} thousandths of a degree Celsius lie outside -273.15 to 1000 °C")]
    Temperature {
        /// Which field.
        path: String,
        /// The value, in milli-degrees Celsius.
        value_mc: i32,
    },
    /// No logger measures as cold or as warm as this limit.
    #[error(
        "{path}: no logger measures {value_mc} thousandths of a degree Celsius; limits lie within -200 to 200 °C"
    )]
    Unmeasured {
        /// Which field.
        path: String,
        /// The value, in milli-degrees Celsius.
        value_mc: i32,
    },
    /// The lower limit lies above the upper one.
    #[error("limits: min_c lies above max_c")]
    LimitsReversed,
    /// The interval is zero or longer than a day.
    #[error("interval_s: {interval_s} is not between 1 and {LONGEST_INTERVAL_S} seconds")]
    Interval {
        /// The value.
        interval_s: u32,
    },
    /// The version is zero.
    #[error("version: versions count from 1")]
    Version,
    /// The name is too long or holds control characters.
    #[error("name: longer than {LONGEST_NAME} bytes, or with control characters")]
    Name,
    /// An identifier is empty, too long or holds control characters.
    #[error("{path}: empty, longer than {LONGEST_ID} bytes, or with control characters")]
    Identifier {
        /// Which field.
        path: String,
    },
    /// An identifier is used twice.
    #[error("{path}: {id:?} is used twice")]
    DuplicateIdentifier {
        /// Which field, the second one.
        path: String,
        /// The identifier.
        id: String,
    },
    /// There are more alarms or budgets than can be meant.
    #[error("{path}: more than {MOST_RULES}")]
    TooMany {
        /// Which list.
        path: String,
    },
    /// A budget's band is empty.
    #[error("{path}: from_c does not lie below to_c")]
    BandReversed {
        /// Which budget.
        path: String,
    },
    /// The activation energy is not one of a product's decay.
    #[error("mkt.delta_h_kj_mol: not between 10 and 400 kJ/mol")]
    ActivationEnergy,
    /// The window is not one of those that mean kinetic temperature may be judged over.
    #[error("mkt.window_h: {window_h} h is neither 24 (controlled cold) nor 720 (controlled room)")]
    Window {
        /// The value in hours.
        window_h: u32,
    },
    /// Only one of the limit and the window of mean kinetic temperature is there.
    #[error("mkt: limit_c and window_h belong together")]
    HalfKineticLimit,
    /// A signed profile says that it is in degrees Celsius, which goes without saying.
    #[error("scale: Celsius is not written out")]
    ScaleWritten,
    /// The guard band is negative or leaves no range.
    #[error("guard_band_c: negative, or wider than half the range between the limits")]
    GuardBand,
    /// The list of other limits is there and holds none.
    #[error("conditions: an empty list")]
    ConditionsEmpty,
    /// A limit among the conditions is on temperature.
    #[error("{path}.quantity: temperature has limits and alarms of its own")]
    ConditionTemperature {
        /// Which limit.
        path: String,
    },
    /// Two limits are on the same quantity.
    #[error("{path}.quantity: a second limit on {quantity}")]
    ConditionTwice {
        /// Which limit, the second one.
        path: String,
        /// Of what.
        quantity: &'static str,
    },
    /// Neither end of the range is given.
    #[error("{path}: neither a lowest nor a highest value")]
    ConditionWithoutLimit {
        /// Which limit.
        path: String,
    },
    /// An end of the range is given that means nothing for this quantity.
    #[error("{path}: {quantity} is limited from the other side alone")]
    ConditionSide {
        /// Which limit.
        path: String,
        /// Of what.
        quantity: &'static str,
    },
    /// A limit is negative or larger than any logger measures.
    #[error("{path}: a limit that no logger measures; of humidity and a battery's charge 0 to 100 %")]
    ConditionRange {
        /// Which limit.
        path: String,
    },
    /// The lowest value lies above the highest.
    #[error("{path}: the lowest value lies above the highest")]
    ConditionReversed {
        /// Which limit.
        path: String,
    },
    /// An allowance of time for what does not last.
    #[error("{path}.allowance_s: {quantity} is out at once, without an allowance or a mode")]
    ConditionAllowance {
        /// Which limit.
        path: String,
        /// Of what.
        quantity: &'static str,
    },
}

impl ProfileError {
    /// From a failure to read JSON: of the text, or of one field.
    pub(super) fn from_json(error: serde_path_to_error::Error<serde_json::Error>) -> Self {
        let path = error.path().to_string();
        let inner = error.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => Self::Field {
                path: if path == "." { "profile".to_owned() } else { path },
                cause: inner.to_string(),
            },
            _ => Self::Syntax { cause: inner.to_string() },
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "profile/not-json",
            Self::Field { .. } => "profile/wrong-field",
            Self::Temperature { .. } => "profile/temperature-out-of-range",
            Self::Unmeasured { .. } => "profile/limit-unmeasured",
            Self::LimitsReversed => "profile/limits-reversed",
            Self::Interval { .. } => "profile/interval-out-of-range",
            Self::Version => "profile/version-zero",
            Self::Name => "profile/name-malformed",
            Self::Identifier { .. } => "profile/id-malformed",
            Self::DuplicateIdentifier { .. } => "profile/id-duplicate",
            Self::TooMany { .. } => "profile/too-many-rules",
            Self::BandReversed { .. } => "profile/band-reversed",
            Self::ActivationEnergy => "profile/activation-energy",
            Self::Window { .. } => "profile/mkt-window",
            Self::HalfKineticLimit => "profile/mkt-half-limit",
            Self::GuardBand => "profile/guard-band",
            Self::ScaleWritten => "profile/scale-written",
            Self::ConditionsEmpty => "profile/conditions-empty",
            Self::ConditionTemperature { .. } => "profile/condition-temperature",
            Self::ConditionTwice { .. } => "profile/condition-twice",
            Self::ConditionWithoutLimit { .. } => "profile/condition-without-limit",
            Self::ConditionSide { .. } => "profile/condition-side",
            Self::ConditionRange { .. } => "profile/condition-out-of-range",
            Self::ConditionReversed { .. } => "profile/condition-reversed",
            Self::ConditionAllowance { .. } => "profile/condition-allowance",
        }
    }

    /// What to do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "Check the file for a missing comma, quote or bracket.",
            Self::Field { .. } => {
                "Correct that field; `firn profile show` prints a built-in profile to start from."
            }
            Self::Temperature { .. } => "Write degrees Celsius, or degrees Fahrenheit with names in `_f`.",
            Self::Unmeasured { .. } => {
                "Write the limit that the goods have, in degrees; -273.15 as min_c stands for no lower limit."
            }
            Self::LimitsReversed => "Swap min_c and max_c.",
            Self::Interval { .. } => "Write the logging interval in seconds, at most one day.",
            Self::Version => "Start at version 1 and raise it with each change.",
            Self::Name | Self::Identifier { .. } => "Choose a short, printable text.",
            Self::DuplicateIdentifier { .. } => "Give each alarm and each budget an identifier of its own.",
            Self::TooMany { .. } => "Split the profile.",
            Self::BandReversed { .. } => "Let from_c lie below to_c.",
            Self::ActivationEnergy => "Take 83.14472 kJ/mol unless the product's own value is known.",
            Self::Window { .. } => "Use 24 or 720 hours (USP <1079.2>), or leave out limit_c and window_h.",
            Self::HalfKineticLimit => "Give both limit_c and window_h, or neither.",
            Self::ScaleWritten => "Have the profile's author write it again with a newer Firn.",
            Self::ConditionsEmpty => "Leave out the list, or write a limit into it.",
            Self::ConditionTemperature { .. } => "Write temperatures into limits and alarms.",
            Self::ConditionTwice { .. } => "Write one limit for each quantity.",
            Self::ConditionWithoutLimit { .. } => "Write a lowest or a highest value, such as max_pct.",
            Self::ConditionSide { .. } => "Leave out that end of the range.",
            Self::ConditionRange { .. } => "Write the value in the unit that the field's name ends in.",
            Self::ConditionReversed { .. } => "Swap the two values.",
            Self::ConditionAllowance { .. } => {
                "Leave out allowance_s and mode; only humidity and pressure have them."
            }
            Self::GuardBand => "Use the logger's accuracy, for instance 0.5, or 0 to turn it off.",
        }
    }
}
