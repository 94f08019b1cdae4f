//! The pieces that screens are made of.

pub(crate) mod action;
pub(crate) mod badge;
pub(crate) mod comparing;
pub(crate) mod conditions;
pub(crate) mod excursion;
pub(crate) mod form;
pub(crate) mod founding;
pub(crate) mod history;
pub(crate) mod icon;
pub(crate) mod logger_file;
pub(crate) mod observe;
pub(crate) mod photo;
pub(crate) mod qr;
pub(crate) mod series;
pub(crate) mod sign;
