//! Finding what a person named: by id, by a unique prefix, or by label.

use crate::AppError;
use firn_model::id::Id;
use firn_model::record::Logger;

/// The one of `ids` that `name` names.
pub(crate) fn by_id(what: &'static str, name: &str, ids: impl Iterator<Item = Id>) -> Result<Id, AppError> {
    one(what, name, ids.filter(|id| id.has_prefix(name)))
}

/// The logger that `name` names by id, unique prefix, label or serial number; never the nearest.
pub(crate) fn logger<'a>(name: &str, loggers: &'a [Logger]) -> Result<&'a Logger, AppError> {
    let named = |logger: &&Logger| {
        logger.id.has_prefix(name) || logger.label == name || logger.serial.as_deref() == Some(name)
    };
    one("logger", name, loggers.iter().filter(named))
}

fn one<T>(what: &'static str, name: &str, mut found: impl Iterator<Item = T>) -> Result<T, AppError> {
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(AppError::NotFound { what, name: name.into() }),
        (Some(_), Some(_)) => Err(AppError::Ambiguous { what, name: name.into() }),
    }
}
