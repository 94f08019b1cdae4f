//! The organisation's own profiles: published version by version, found beside the built-in ones.

use crate::append::{Appended, Happened, SignVerdict};
use crate::{App, AppError, Host, read_model};
use firn_model::api::KnownProfile;
use firn_model::profile::{Profile, preset};
use firn_model::record::ChangeReason;
use firn_model::shipment::{OwnProfiles, Unpublishable};

/// Why a name cannot be that of one's own profile.
#[derive(Debug, thiserror::Error)]
pub enum NotOwnName {
    /// There is none, it has white space at an end, or the profile is a built-in one.
    #[error(
        "`{0}` cannot be the name of one's own profile: it is empty, spaced at an end, or a built-in one's"
    )]
    Unusable(String),
    /// It is read as that of a built-in profile, and this one says something else.
    #[error(
        "`{name}` is read as the name of the built-in profile `{key}`, and what this profile says differs from it"
    )]
    BuiltIn {
        /// As it is written.
        name: String,
        /// The built-in one.
        key: &'static str,
    },
}

impl NotOwnName {
    /// What to do next.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Unusable(_) => "write a \"name\" of your own into the file",
            Self::BuiltIn { .. } => {
                "name the built-in profile instead of the file, or write a \"name\" of your own into the file"
            }
        }
    }
}

impl<H: Host> App<H> {
    /// Publishes a profile of one's own: under a new name, or the next version of a name that is there.
    /// Shipments carry the profile as it stood when they were created; no version changes them.
    ///
    /// # Errors
    /// `profile/limit-unmeasured`, `profile/name-not-own`, `profile/version-not-next`, `app/role-may-not`,
    /// `app/person-needed`, `app/reason-needed` for a next version without a reason, and the ledger's.
    pub async fn add_profile(
        &self,
        profile: Profile,
        reason: Option<ChangeReason>,
    ) -> Result<Vec<Appended>, AppError> {
        profile.check_measured()?;
        let organisation = self.host.identity().organisation;
        let happened = Happened::because(&profile, reason.as_ref())?;
        self.sign(vec![happened], SignVerdict::Never, move |view| {
            let own = read_model::own_profiles(view, &organisation)?;
            let is_next = own.newest(&profile.name).is_some();
            own.takes(&profile).map_err(|why| unpublishable(profile.name, profile.version, why))?;
            match (is_next, &reason) {
                (true, None) => Err(AppError::ReasonNeeded("a profile that is published")),
                _ => Ok(()),
            }
        })
        .await
    }

    /// The organisation's own profiles, every version.
    ///
    /// # Errors
    /// The store's.
    pub async fn own_profiles(&self) -> Result<OwnProfiles, AppError> {
        let organisation = self.host.identity().organisation;
        let read =
            move |view: &mut firn_ledger::store::View<'_>| read_model::own_profiles(view, &organisation);
        self.host.with_store(move |store| store.read(read)).await
    }

    /// Every profile that a shipment can be judged by: one's own in their newest version, then the built-in.
    ///
    /// # Errors
    /// The store's.
    pub async fn known_profiles(&self) -> Result<Vec<KnownProfile>, AppError> {
        self.own_profiles().await.map(|own| own.known())
    }

    /// The newest version of one's own profile of this name, else the built-in one of this key.
    ///
    /// # Errors
    /// `app/not-found`, and the store's.
    pub async fn profile_named(&self, name: &str) -> Result<Profile, AppError> {
        let own = self.own_profiles().await?;
        let own = own.newest(name).map(|published| published.says.clone());
        own.or_else(|| preset(name).map(|preset| preset.profile.clone()))
            .ok_or_else(|| AppError::NotFound { what: "profile", name: name.into() })
    }
}

/// Whether goods may be judged by a profile under its name, as [`OwnProfiles::stands`] has it.
///
/// # Errors
/// `profile/name-not-own`, `profile/version-not-next`.
pub fn check_name(own: &OwnProfiles, profile: &Profile) -> Result<(), AppError> {
    own.stands(profile).map_err(|why| unpublishable(profile.name.clone(), profile.version, why))
}

/// As [`check_name`], of a profile that is still to be published: under a name, without white space at its ends.
///
/// # Errors
/// `profile/name-not-own`, `profile/version-not-next`.
pub fn check_own_name(own: &OwnProfiles, profile: &Profile) -> Result<(), AppError> {
    if profile.name.is_empty() || profile.name.trim() != profile.name {
        return Err(NotOwnName::Unusable(profile.name.clone()).into());
    }
    check_name(own, profile)
}

fn unpublishable(name: String, version: u32, why: Unpublishable) -> AppError {
    match why {
        Unpublishable::Name => NotOwnName::Unusable(name).into(),
        Unpublishable::BuiltIn { key } => NotOwnName::BuiltIn { name, key }.into(),
        Unpublishable::Version { newest, next } => AppError::ProfileVersion { name, version, newest, next },
    }
}
