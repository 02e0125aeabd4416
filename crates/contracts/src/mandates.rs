//! Mandates and powers given in the portal, and for whom a person chose to act: what others may ask identity.

use async_trait::async_trait;
use kernel::clock::Date;
use kernel::id::{DraftId, SubjectId, Uuid};
use kernel::money::Tiyin;
use kernel::person::{Pinfl, Stir};

use crate::identity::Person;
use crate::{Ctx, PortError, Principal};

/// Name that stands for a mandate where a right of representation names its register.
pub const REGISTER: &str = "mandates";

/// For whom a mandate lets its holder act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grantor {
    /// An organisation: an employee's mandate.
    Organisation { stir: Stir, name: String },
    /// A person: a power of attorney given in the portal.
    Person { pinfl: Pinfl, surname: String, name: String, patronymic: String, birth_date: Option<Date> },
}

/// A mandate as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub mandate: Uuid,
    /// Short number that people read out, such as `M-7K3F9Q`.
    pub number: String,
    pub grantor: Grantor,
}

/// Why a mandate does not carry an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MandateRefused {
    /// There is no such mandate, or it is somebody else's.
    None,
    /// It was not accepted yet, or a second person has yet to agree.
    NotYet,
    /// It is suspended for a while.
    Suspended,
    /// It was revoked, given up or has run out.
    Ended,
    /// It has not begun.
    NotBegun,
    /// It does not name this service.
    OtherService,
    /// It does not give this power (to see, to sign, to pay).
    NoPower,
    /// The amount is above its limit.
    Amount,
    /// As many applications as it allows were sent.
    Number,
}

/// Answers whether a person may act under a mandate, now.
#[async_trait]
pub trait Mandates: Send + Sync {
    /// Mandates under which the person may send applications for a service of a group today.
    async fn held(&self, _ctx: &Ctx, _person: &Person, _service: &str, _group: &str) -> Result<Vec<Held>, PortError> {
        Ok(Vec::new())
    }

    /// Every mandate that the person has accepted and that is in force, whatever it names.
    async fn everybody(&self, _ctx: &Ctx, _person: &Person) -> Result<Vec<Held>, PortError> {
        Ok(Vec::new())
    }

    /// One of [`Mandates::held`] by its number, or why it does not hold.
    async fn by_number(
        &self,
        _ctx: &Ctx,
        _person: &Person,
        _number: &str,
        _service: &str,
        _group: &str,
    ) -> Result<Result<Held, MandateRefused>, PortError> {
        Ok(Err(MandateRefused::None))
    }

    /// Counts one application against the limits of a mandate, once for each draft, however often it is asked; or says why not.
    async fn spend(
        &self,
        _ctx: &Ctx,
        _person: &Person,
        _number: &str,
        _deed: &Deed,
    ) -> Result<Result<(), MandateRefused>, PortError> {
        Ok(Err(MandateRefused::None))
    }

    /// Name of an organisation when the person may see what was applied for in its name: as one of its own, or by a mandate.
    async fn may_see(&self, _ctx: &Ctx, _person: &Person, _stir: &Stir) -> Result<Option<String>, PortError> {
        Ok(None)
    }

    /// For whom the session's person chose to act; `None` = for themselves. A convenience: it gives no right.
    async fn acting(&self, _ctx: &Ctx, _principal: &Principal) -> Result<Option<Acting>, PortError> {
        Ok(None)
    }

    /// Remembers the choice for the session; `None` = for themselves again. Whoever asks has looked that it is a fair one.
    async fn act_as(&self, _ctx: &Ctx, _principal: &Principal, _acting: Option<&Acting>) -> Result<(), PortError> {
        Ok(())
    }
}

/// An application that is about to be sent under a mandate.
#[derive(Clone, Debug)]
pub struct Deed {
    pub draft: DraftId,
    pub service: String,
    /// Code of the service's group.
    pub group: String,
    /// What is to be paid for it in all.
    pub amount: Tiyin,
}

/// For whom a person chose to act in this session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    pub person: SubjectId,
    /// `child`, `ward`, `attorney`, `organisation`.
    pub kind: String,
    /// What tells the one represented from others: number of the person or organisation, or of the power. Never shown.
    pub key: String,
    /// Name of the one represented, for the header.
    pub name: String,
}
