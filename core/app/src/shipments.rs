//! A shipment's life: created, picked up, received; listed and shown.

use crate::append::{Appended, Happened, SignVerdict, standing};
use crate::bundle::bundle;
use crate::host::random_array;
use crate::profiles::check_name;
use crate::{App, AppError, Host, names, read_model};
use firn_model::api::{LegDifference, LegWarning, Phase, ShipmentDetail, ShipmentSummary};
use firn_model::authority::Refusal;
use firn_model::gs1::{self, Expiry, Gtin, LabelLimits, ScanError};
use firn_model::id::Id;
use firn_model::profile::Profile;
use firn_model::record::{
    Checklist, Closed, Closing, ItemLine, LoggerReason, Package, Placement, Received, Shipment, Started,
};
use firn_model::shipment::{self, Looking, Story, recorded};
use firn_model::time::UtcMillis;
use firn_report::bundle::Assessed;
use std::collections::{BTreeMap, BTreeSet};

/// A shipment to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewShipment {
    /// Delivery note, GSIN or free text.
    pub reference: String,
    /// The profile that it is judged by, as it stands now.
    pub profile: Profile,
    /// Where it starts.
    pub from: Option<String>,
    /// Where it goes.
    pub to: Option<String>,
    /// What it holds.
    pub items: Vec<ItemLine>,
    /// Its packages, each before those inside it.
    pub packages: Vec<Package>,
}

/// A pick-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Which shipment.
    pub shipment: Id,
    /// Which loggers travel in it, each in which package.
    pub placements: Vec<Placement>,
    /// When; now if absent.
    pub at: Option<UtcMillis>,
    /// The loggers taken along without a valid certificate, each with the reason.
    pub overrides: Vec<LoggerReason>,
    /// Why it is recorded late, where it is.
    pub reason: Option<String>,
}

/// An arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Which shipment.
    pub shipment: Id,
    /// When; now if absent.
    pub at: Option<UtcMillis>,
    /// What the receiver noted.
    pub note: Option<String>,
    /// What the receiver checked.
    pub checklist: Option<Checklist>,
    /// Why it is recorded late, where it is.
    pub reason: Option<String>,
}

/// That every package lies in one that is listed before it, and every line in one that is listed, where any is.
fn lie_in_named(packages: &[Package], items: &[ItemLine]) -> Result<(), AppError> {
    let unknown = |name: &str| AppError::NotInShipment { what: "package", name: name.to_owned() };
    let mut before: BTreeSet<&str> = BTreeSet::new();
    for package in packages {
        if let Some(outer) = package.inside.as_deref().filter(|outer| !before.contains(outer)) {
            return Err(unknown(outer));
        }
        before.insert(&package.name);
    }
    let mut of_lines = items.iter().filter_map(|item| item.package.as_deref());
    let missing = of_lines.find(|name| !before.is_empty() && !before.contains(name));
    missing.map_or(Ok(()), |name| Err(unknown(name)))
}

impl<H: Host> App<H> {
    /// Creates a shipment; its profile is a snapshot. Reference, GTIN, lot and expiry may come as scans. A line that
    /// goes on from an earlier leg is judged by that leg's profile where it names none.
    ///
    /// # Errors
    /// Those of [`gs1::Fault`] and of [`crate::check_name`], `app/reference-missing`, `app/contradiction` for two packages of one name, `app/unknown-name` for a package that is not listed before what lies in it or an
    /// earlier leg that a shipment held here does not have, `app/role-may-not`, and the ledger's.
    pub async fn create_shipment(&self, new: NewShipment) -> Result<Id, AppError> {
        let id = Id(random_array(self.host())?);
        let NewShipment { reference, profile, from, to, items, packages } = new;
        let reference = gs1::reference(&reference)?;
        if reference.trim().is_empty() {
            return Err(AppError::ReferenceMissing);
        }
        self.check_names(&profile, &items).await?;
        let items = items.into_iter().map(checked_item).collect::<Result<Vec<_>, _>>()?;
        let items = self.with_profiles_of_legs(items, &profile).await?;
        let packages: Vec<Package> = packages.into_iter().map(checked_package).collect::<Result<_, _>>()?;
        let mut names = BTreeSet::new();
        if !packages.iter().all(|package| names.insert(&package.name)) {
            return Err(AppError::Contradiction("two packages have the same name"));
        }
        lie_in_named(&packages, &items)?;
        let packages = (!packages.is_empty()).then_some(packages);
        let body = Shipment { reference, profile, from, to, items, packages };
        let identity = self.host.identity();
        self.sign(vec![Happened::new(Some(id), &body)], SignVerdict::Never, move |view| {
            body.items.iter().flat_map(|item| item.legs.iter().flatten()).try_for_each(|leg| {
                let earlier = standing(view, &identity, leg.shipment)?;
                let held = earlier.created.as_ref().map(|created| created.says.items.len());
                let line = usize::try_from(leg.line).unwrap_or(usize::MAX);
                // What is not held here may be known elsewhere; the line then asks for a review.
                if held.is_none_or(|lines| line < lines) {
                    Ok(())
                } else {
                    let name = format!("{} of the earlier leg {}", leg.line.saturating_add(1), leg.shipment);
                    Err(AppError::NotInShipment { what: "line", name })
                }
            })
        })
        .await?;
        Ok(id)
    }

    /// That each profile that is given says what stands under its name. One that comes with a leg may be another
    /// organisation's, of the same name.
    async fn check_names(&self, profile: &Profile, items: &[ItemLine]) -> Result<(), AppError> {
        let own = self.own_profiles().await?;
        let given = items.iter().filter_map(|item| item.profile.as_ref());
        given.chain([profile]).try_for_each(|profile| check_name(&own, profile))
    }

    /// The lines, each that goes on from an earlier leg and has no profile of its own with the one that it was judged
    /// by there: its budgets go on.
    async fn with_profiles_of_legs(
        &self,
        mut items: Vec<ItemLine>,
        profile: &Profile,
    ) -> Result<Vec<ItemLine>, AppError> {
        for item in items.iter_mut().filter(|item| item.profile.is_none()) {
            for leg in item.legs.iter().flatten() {
                let earlier = self.story(leg.shipment).await?;
                if let Some(of_leg) = shipment::profile_of_leg(&earlier, *leg) {
                    item.profile = Some(of_leg.clone()).filter(|of_leg| of_leg != profile);
                    break;
                }
            }
        }
        Ok(items)
    }

    /// Signs the pick-up: from its time on readings count.
    ///
    /// # Errors
    /// Those of [`gs1::Fault`] for a package, `app/out-of-order` for a shipment that is under way or over or a
    /// logger that ended, `app/time-impossible` for one that leaves a package before it came, `app/contradiction`
    /// for one in two places at once, `app/certificate-expired` for a logger without a valid one and no reason,
    /// `app/unknown-name` for a package or logger that is not there, `app/still-to-come`,
    /// `app/late-reason-needed` for a pick-up more than 5 min ago without a reason, and the ledger's.
    pub async fn start_shipment(&self, start: Start) -> Result<Vec<Appended>, AppError> {
        let at = start.at.unwrap_or(self.host.now().utc);
        let Start { placements, overrides, reason, .. } = start;
        self.is_recorded(at, reason.as_deref())?;
        let placements: Vec<Placement> =
            placements.into_iter().map(checked_placement).collect::<Result<_, _>>()?;
        if placements.iter().any(|placement| placement.to.is_some_and(|to| Some(to) <= placement.from)) {
            return Err(AppError::TimeImpossible("a logger cannot leave a package before it came into it"));
        }
        if shipment::in_two_places(&placements) {
            return Err(AppError::Contradiction("one logger cannot be in two places at once"));
        }
        self.check_loggers(&placements, &overrides, at).await?;
        let overrides = (!overrides.is_empty()).then_some(overrides);
        let body = Started { at, placements, overrides, reason };
        self.step(start.shipment, Happened::new(Some(start.shipment), &body), |story| match story.phase() {
            Phase::Created => Ok(()),
            // The pick-up that was signed does not count: its device was revoked, say.
            Phase::Received | Phase::Closed if story.started.is_none() => Ok(()),
            _ => Err(AppError::OutOfOrder("the shipment was picked up before, or is over")),
        })
        .await
    }

    /// Signs the arrival: from its time on readings no longer count.
    ///
    /// A time more than 5 min ago takes a reason. Where it leaves out readings that are known here, or lies
    /// before a hand-over, readings count up to the signature until a second person approves it. Before a pick-up
    /// it is taken where the clocks are shown to differ: a reason to look, and nothing known is left out.
    ///
    /// # Errors
    /// `app/out-of-order` before the pick-up was signed or for a second receipt, `app/incomplete` for a checklist that counts
    /// fewer or more lines than there are, `app/time-impossible` for an
    /// arrival before the pick-up, `app/still-to-come`, `app/late-reason-needed`, and the ledger's.
    pub async fn receive_shipment(&self, receipt: Receipt) -> Result<Vec<Appended>, AppError> {
        let at = receipt.at.unwrap_or(self.host.now().utc);
        let Receipt { shipment, note, checklist, reason, .. } = receipt;
        self.is_recorded(at, reason.as_deref())?;
        let looking = self.looking();
        let counted = checklist.as_ref().map_or(0, |checklist| checklist.counts.len());
        let body = Received { at, note, checklist, reason };
        self.step(shipment, Happened::new(Some(shipment), &body), move |story| match story.phase() {
            Phase::InTransit if counted > 0 && lines(story) != counted => Err(AppError::Incomplete(
                "a checklist that counts counts every line, once each, in their order",
            )),
            Phase::InTransit if story.would_arrive_too_early(at, looking) => {
                Err(AppError::TimeImpossible("a shipment cannot arrive before it was picked up"))
            }
            Phase::InTransit => Ok(()),
            _ => Err(AppError::OutOfOrder("only a shipment in transit can be received")),
        })
        .await
    }

    /// This device, as it looks at a shipment now.
    pub(crate) fn looking(&self) -> Looking {
        Looking { log: self.host.identity().log.0, at: self.host.now().utc }
    }

    /// Whether a fact is recorded now in time, or late with its reason.
    pub(crate) fn is_recorded(&self, happened: UtcMillis, reason: Option<&str>) -> Result<(), AppError> {
        recorded(happened, self.host.now().utc, reason).map_err(AppError::Refused)
    }

    /// Closes the record of a received shipment, or cancels one that was never picked up.
    ///
    /// # Errors
    /// `app/out-of-order` for a shipment in transit, or while any of its stock waits for a decision or is held;
    /// `app/incomplete` for a cancellation without a reason; and the ledger's.
    pub async fn close_shipment(
        &self,
        shipment: Id,
        reason: Option<String>,
    ) -> Result<Vec<Appended>, AppError> {
        if self.story(shipment).await?.phase() == Phase::Created {
            return self.cancel_shipment(shipment, reason.unwrap_or_default()).await;
        }
        self.seal_journal(Some(shipment)).await?;
        let organisation = self.host.identity().organisation;
        let body = Closed { closing: Closing::Ended, reason };
        let happened = vec![Happened::new(Some(shipment), &body)];
        self.sign(happened, SignVerdict::OnEvidence, move |view| {
            let Assessed { story, judgement, .. } = bundle(view, &organisation, shipment)?.assess()?;
            match story.phase() {
                Phase::Received if story.stock_now(&judgement).is_decided() => Ok(()),
                Phase::Received => {
                    Err(AppError::OutOfOrder("some of its stock waits for a decision, or is held"))
                }
                Phase::InTransit if story.left().is_some() => Ok(()),
                Phase::Closed | Phase::Cancelled => Err(AppError::OutOfOrder("its record is closed already")),
                _ => Err(AppError::OutOfOrder("only what was received, or never picked up, can be closed")),
            }
        })
        .await
    }

    /// Cancels a shipment that was never picked up.
    ///
    /// # Errors
    /// `app/out-of-order` once it was picked up, `app/incomplete` without a reason, and the ledger's.
    pub async fn cancel_shipment(&self, shipment: Id, reason: String) -> Result<Vec<Appended>, AppError> {
        if reason.trim().is_empty() {
            return Err(AppError::Refused(Refusal::MalformedBody));
        }
        let body = Closed { closing: Closing::Cancelled, reason: Some(reason) };
        self.step(shipment, Happened::new(Some(shipment), &body), |story| match story.phase() {
            Phase::Created => Ok(()),
            _ => Err(AppError::OutOfOrder("what was picked up took place: receive it and decide about it")),
        })
        .await
    }

    /// Signs one step of a shipment's life, after `check` has seen where it stands; adverts that wait in the
    /// journal are sealed before it.
    pub(crate) async fn step<C>(
        &self,
        shipment: Id,
        happened: Happened,
        check: C,
    ) -> Result<Vec<Appended>, AppError>
    where
        C: FnOnce(&Story) -> Result<(), AppError> + Send + 'static,
    {
        self.seal_journal(Some(shipment)).await?;
        let identity = self.host.identity();
        self.sign(vec![happened], SignVerdict::OnEvidence, move |view| {
            check(&standing(view, &identity, shipment)?)
        })
        .await
    }

    /// Every shipment, the newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn shipments(&self) -> Result<Vec<ShipmentSummary>, AppError> {
        let organisation = self.host.identity().organisation;
        let read = move |view: &mut firn_ledger::store::View<'_>| read_model::shipments(view, &organisation);
        self.host.with_store(move |store| store.read(read)).await
    }

    /// The shipment of this id or unique prefix, of this reference (a GSIN may come as a scan), or with this
    /// package (an SSCC likewise).
    ///
    /// # Errors
    /// `app/not-found`, `app/ambiguous`, and the store's.
    pub async fn shipment_named(&self, name: &str) -> Result<Id, AppError> {
        let shipments = self.shipments().await?;
        names::shipment(name, &shipments)
    }

    /// The shipment through which goods went before: one of this organisation's, or one of another whose evidence
    /// was taken in, by its id or a unique prefix.
    ///
    /// # Errors
    /// As [`App::shipment_named`].
    pub async fn leg_named(&self, name: &str) -> Result<Id, AppError> {
        let taken = self.host.with_store(|store| store.read(read_model::taken)).await?;
        let own = self.shipment_named(name).await;
        match (own, names::by_id("shipment", name, taken.into_iter())) {
            (Err(AppError::NotFound { .. }), Ok(taken)) => Ok(taken),
            (Ok(own), Ok(taken)) if own != taken => {
                Err(AppError::Ambiguous { what: "shipment", name: name.into() })
            }
            (own, _) => own,
        }
    }

    /// One shipment whole, computed from its entries and batches.
    ///
    /// # Errors
    /// The store's.
    pub async fn shipment(&self, id: Id) -> Result<ShipmentDetail, AppError> {
        let identity = self.host.identity();
        let looking = self.looking();
        let detail = self.host.with_store(move |store| {
            store.read(|view| {
                let assessed = bundle(view, &identity.organisation, id)?.assess()?;
                let next = assessed.story.next_steps_at(&assessed.judgement, looking);
                let beside = read_model::beside(view, id)?;
                let beside = beside.into_iter().map(|other| standing(view, &identity, other));
                let beside: Vec<Story> = beside.collect::<Result<_, _>>()?;
                let detail = ShipmentDetail { next, ..assessed.detail(id) };
                Ok(with_more_together(detail, &beside, &assessed.earlier))
            })
        });
        let detail = self.with_positions(detail.await?).await?;
        self.with_partners(detail).await
    }

    /// Makes every list anew from the entries alone.
    ///
    /// # Errors
    /// The store's.
    pub async fn rebuild_lists(&self) -> Result<(), AppError> {
        let organisation = self.host.identity().organisation;
        self.host
            .with_store(move |store| {
                store.write(|transaction| read_model::rebuild(transaction, &organisation))
            })
            .await
    }
}

/// How many lines a shipment has.
fn lines(story: &Story) -> usize {
    story.created.as_ref().map_or(0, |created| created.says.items.len())
}

/// The same, warned of the legs from which it and other shipments go on with more pieces than there were.
fn with_more_together(
    mut detail: ShipmentDetail,
    beside: &[Story],
    earlier: &BTreeMap<Id, Story>,
) -> ShipmentDetail {
    for warning in shipment::more_together(&detail.items, beside, earlier) {
        let place = usize::try_from(warning.line).unwrap_or(usize::MAX);
        let Some(line) = detail.lines.get_mut(place) else { continue };
        let same = |one: &LegWarning| (one.shipment, one.leg_line) == (warning.shipment, warning.leg_line);
        match line.leg_warnings.iter_mut().find(|one| same(one)) {
            Some(known) if known.differs.contains(&LegDifference::Quantity) => {}
            Some(known) => known.differs.push(LegDifference::Quantity),
            None => line.leg_warnings.push(warning),
        }
    }
    detail
}

/// An item line with its numbers checked, and taken out of scans.
fn checked_item(item: ItemLine) -> Result<ItemLine, ScanError> {
    let scanned = [&item.gtin, &item.lot, &item.expiry].into_iter().flatten();
    let on_label = scanned.filter_map(|text| LabelLimits::of(&gs1::read(text).ok()?)).next();
    Ok(ItemLine {
        label: item.label.or(on_label),
        gtin: item.gtin.map(|text| Gtin::typed(&text).map(|gtin| gtin.to_string())).transpose()?,
        lot: item.lot.map(|text| gs1::lot(&text)).transpose()?,
        expiry: item
            .expiry
            .map(|text| Expiry::typed(&text).map(|date| date.as_str().to_owned()))
            .transpose()?,
        package: item.package.map(|text| gs1::package(&text)).transpose()?,
        ..item
    })
}

/// A package with its name, and that of the one around it, as an SSCC's digits, where it is one.
fn checked_package(package: Package) -> Result<Package, ScanError> {
    Ok(Package {
        name: gs1::package(&package.name)?,
        inside: package.inside.map(|text| gs1::package(&text)).transpose()?,
    })
}

/// A placement with its package as an SSCC's digits, where it is one.
fn checked_placement(placement: Placement) -> Result<Placement, ScanError> {
    let package = placement.package.map(|text| gs1::package(&text)).transpose()?;
    Ok(Placement { package, ..placement })
}
