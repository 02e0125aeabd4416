//! Mandates of organisations and powers of attorney between people: given, accepted, limited, suspended, revoked.

use std::collections::BTreeMap;

use async_trait::async_trait;
use contracts::identity::Person;
use contracts::mandates::{Acting, Deed, Grantor, Held, MandateRefused, Mandates};
use contracts::notifications::{Arg, NoticeRequested, Urgency};
use contracts::registries::{Query, RegisterError};
use contracts::{Ctx, PortError, Principal, emit};
use kernel::clock::Date;
use kernel::id::{SubjectId, Uuid, uuid_v7};
use kernel::lang::Text;
use kernel::person::{Pinfl, Stir};
use storage::{Batch, CommitError};

use super::{IdentityError, Port, claim};
use crate::domain::mandate::{
    self, Act, Command, CommandRefused, Event, Giver, Mandate, Recorded, Standing, State, Terms, Wrong, is_director,
    may, same_surname,
};
use crate::domain::registration::COUNTRIES;
use crate::store::{self, PersonRow, mandates as rows};

/// Purpose under which the register of taxpayers is asked; the person sees it among those who looked.
const PURPOSE: &str = "mandates";

/// Why something with a mandate was not done.
#[derive(Debug, thiserror::Error)]
pub enum MandateError {
    /// There is none, or it is not the asker's business.
    #[error("no such mandate")]
    NotFound,
    #[error(transparent)]
    Refused(#[from] CommandRefused),
    /// Fields and codes of what is wrong with what was typed.
    #[error("wrong input")]
    Wrong(Vec<Wrong>),
    /// The register that would say who the director is does not answer now.
    #[error("register {0} does not answer")]
    Register(String),
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl From<storage::Error> for MandateError {
    fn from(error: storage::Error) -> Self {
        Self::Identity(error.into())
    }
}

impl From<CommitError> for MandateError {
    fn from(error: CommitError) -> Self {
        Self::Identity(error.into())
    }
}

/// A person's place in an organisation, by the register of taxpayers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    pub stir: Stir,
    pub name: String,
    /// As the register words it.
    pub role: String,
    /// Acts for it by its charter, and so gives mandates.
    pub director: bool,
}

/// The organisations in which the person has a role. The question is recorded with the person.
///
/// # Errors
/// [`MandateError::Register`] when the register does not answer.
pub async fn seats(ctx: &Ctx, person: &Person) -> Result<Vec<Seat>, MandateError> {
    let query = Query {
        register: "tax".to_owned(),
        subject: Some(person.subject),
        pinfl: person.pinfl,
        passport: person.passport,
        params: BTreeMap::new(),
        purpose: PURPOSE.to_owned(),
    };
    let data = match ctx.ports.registers.fetch(ctx, &query).await {
        Ok(answer) => answer.data,
        Err(RegisterError::NotFound(_)) => return Ok(Vec::new()),
        Err(RegisterError::Unavailable(name)) => return Err(MandateError::Register(name)),
        Err(RegisterError::Storage(error)) => return Err(error.into()),
    };
    let mut found: Vec<Seat> = Vec::new();
    for row in data.get("organisations").and_then(serde_json::Value::as_array).into_iter().flatten() {
        let text = |key: &str| row.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let (Ok(stir), role) = (Stir::parse(&text("stir")), text("role")) else { continue };
        let director = is_director(&role);
        match found.iter_mut().find(|seat| seat.stir == stir) {
            Some(seat) if director => (seat.role, seat.director) = (role, true),
            Some(_) => {}
            None => found.push(Seat { stir, name: text("name"), role, director }),
        }
    }
    Ok(found)
}

/// Who gives: an organisation in which the person is director, or the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Giving {
    Organisation(Stir),
    Oneself,
}

/// A mandate to be given, as typed.
#[derive(Clone, Debug)]
pub struct NewMandate {
    /// Made with the form: a second press gives nothing twice.
    pub id: Uuid,
    pub from: Giving,
    /// PINFL, or a passport together with `country`.
    pub holder: String,
    /// ISO 3166-1 alpha-2 of a foreign citizen's passport.
    pub country: String,
    pub surname: String,
    pub name: String,
    pub terms: Terms,
}

/// A new id for a form.
pub fn form_id(ctx: &Ctx) -> Uuid {
    uuid_v7(ctx.now(), &*ctx.rng)
}

async fn row_of(ctx: &Ctx, subject: SubjectId) -> Result<PersonRow, MandateError> {
    store::person(&ctx.db, subject).await?.ok_or(MandateError::NotFound)
}

/// Under which key mandates name a person; the same as that of the cabinet, so that one who has it can be told.
fn holder_key(ctx: &Ctx, row: &PersonRow) -> String {
    match (&row.person.pinfl, &row.passport) {
        (Some(pinfl), _) => claim(ctx, &format!("pinfl|{}", pinfl.as_str())),
        (None, passport) => {
            let passport = passport.as_deref().unwrap_or_default();
            claim(ctx, &format!("passport|{}|{passport}", row.person.citizenship))
        }
    }
}

/// The key of a holder as the giver typed it.
fn typed_key(ctx: &Ctx, typed: &str, country: &str) -> Result<String, Wrong> {
    let plain: String = typed.chars().filter(|c| c.is_alphanumeric()).take(40).collect::<String>().to_uppercase();
    if !country.is_empty() {
        if !COUNTRIES.contains(&country) {
            return Err(("country", "country"));
        }
        return if (4..=20).contains(&plain.chars().count()) {
            Ok(claim(ctx, &format!("passport|{country}|{plain}")))
        } else {
            Err(("holder", "passport"))
        };
    }
    match Pinfl::parse(typed) {
        Ok(pinfl) => Ok(claim(ctx, &format!("pinfl|{}", pinfl.as_str()))),
        Err(kernel::person::PinflError::Length | kernel::person::PinflError::NotDigits) => Err(("holder", "pinfl")),
        Err(_) => Err(("holder", "pinfl-check")),
    }
}

fn plain_name(text: &str) -> String {
    text.trim().chars().take(100).collect()
}

/// What is wrong with a mandate as typed, without a look at who gives it.
pub fn wrong(ctx: &Ctx, new: &NewMandate) -> Vec<Wrong> {
    let mut wrong = mandate::check(&new.terms, ctx.today());
    for (field, text) in [("surname", &new.surname), ("name", &new.name)] {
        if plain_name(text).is_empty() {
            wrong.push((field, field));
        }
    }
    wrong.extend(typed_key(ctx, &new.holder, &new.country).err());
    if new.from == Giving::Oneself && new.terms.four_eyes {
        wrong.push(("four_eyes", "four-eyes-person"));
    }
    wrong
}

/// Gives a mandate. The answer is its subject and id, the same however often the form is sent.
///
/// # Errors
/// [`MandateError::Wrong`] with what is wrong; [`MandateError::Refused`] when the person is not the director.
pub async fn give(ctx: &Ctx, giver: SubjectId, new: &NewMandate) -> Result<(SubjectId, Uuid), MandateError> {
    let row = row_of(ctx, giver).await?;
    let person = &row.person;
    let (subject, by, seat) = match &new.from {
        Giving::Oneself => {
            let Some(pinfl) = person.pinfl else { return Err(MandateError::Wrong(vec![("", "giver-no-pinfl")])) };
            let by = Giver::Person {
                pinfl,
                surname: person.surname.clone(),
                name: person.name.clone(),
                patronymic: person.patronymic.clone().unwrap_or_default(),
                birth_date: person.birth_date,
            };
            (giver, by, None)
        }
        Giving::Organisation(stir) => {
            let seat = seats(ctx, person).await?.into_iter().find(|seat| seat.stir == *stir && seat.director);
            let seat = seat.ok_or(CommandRefused::NotYours)?;
            let by = Giver::Organisation { stir: *stir, name: seat.name.clone() };
            match organisation(ctx, stir).await? {
                Some(subject) => (subject, by, None),
                None => (SubjectId::new(ctx.now(), &*ctx.rng), by, Some(seat)),
            }
        }
    };
    if rows::mandate(&ctx.db, subject, new.id).await?.is_some_and(|known| known.given_by == Some(giver)) {
        return Ok((subject, new.id));
    }
    let mut wrong = wrong(ctx, new);
    let holder = typed_key(ctx, &new.holder, &new.country).unwrap_or_default();
    if holder == holder_key(ctx, &row) {
        wrong.push(("holder", "holder-self"));
    }
    if !wrong.is_empty() {
        return Err(MandateError::Wrong(wrong));
    }
    let event = Event::Given {
        number: draw_number(ctx),
        giver: by,
        holder,
        surname: plain_name(&new.surname),
        name: plain_name(&new.name),
        terms: new.terms.clone(),
    };
    let recorded =
        Recorded { seq: 1, at: ctx.now(), actor: Some(giver), actor_name: person.full_name(), subject, event };
    let mandate = Mandate::fold(new.id, vec![recorded])
        .ok_or_else(|| IdentityError::Broken("a mandate that was never given".to_owned()))?;
    let mut batch = Batch::new(subject);
    if let (Some(seat), Giving::Organisation(stir)) = (&seat, &new.from) {
        let key = claim(ctx, &organisation_key(stir));
        store::insert_claim(&mut batch, &key, "organisation", subject.uuid(), ctx.now());
        rows::insert_organisation(&mut batch, subject, stir.as_str(), &seat.name, ctx.now());
    }
    rows::insert_mandate(&mut batch, &mandate)?;
    tell(ctx, &mut batch, &mandate).await?;
    match ctx.db.commit(batch).await {
        Ok(()) => Ok((subject, new.id)),
        // The other press of the button was first.
        Err(CommitError::Unique(_)) => match rows::mandate(&ctx.db, subject, new.id).await? {
            Some(_) => Ok((subject, new.id)),
            None => Err(IdentityError::Stale.into()),
        },
        Err(error) => Err(error.into()),
    }
}

fn organisation_key(stir: &Stir) -> String {
    format!("stir|{}", stir.as_str())
}

/// The subject of an organisation; `None` when it never gave a mandate.
async fn organisation(ctx: &Ctx, stir: &Stir) -> Result<Option<SubjectId>, storage::Error> {
    Ok(store::claim_owner(&ctx.db, &claim(ctx, &organisation_key(stir))).await?.map(SubjectId::from_uuid))
}

/// Six letters and digits that are not mistaken for one another when read out.
fn draw_number(ctx: &Ctx) -> String {
    const SIGNS: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut random = [0; 8];
    ctx.rng.fill(&mut random);
    let signs = random.iter().map(|byte| char::from(SIGNS[usize::from(*byte) % SIGNS.len()]));
    format!("M-{}", signs.collect::<String>())
}

/// A mandate as one of its parties sees it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub mandate: Mandate,
    pub state: State,
    pub standing: Standing,
    /// The surname that the giver wrote is not that of the holder: it cannot be accepted.
    pub other_name: bool,
}

impl Seen {
    /// Whether the one who looks may do this now.
    pub fn may(&self, command: &Command, today: Date) -> bool {
        mandate::decide(&self.mandate, command, self.standing, today).is_ok()
            && !(self.other_name && *command == Command::Accept)
    }
}

fn see(ctx: &Ctx, mandate: Mandate, row: &PersonRow, seats: &[Seat]) -> Option<Seen> {
    let person = &row.person;
    let names = mandate.holder == holder_key(ctx, row);
    let seat = match &mandate.giver {
        Giver::Organisation { stir, .. } => seats.iter().find(|seat| seat.stir == *stir),
        Giver::Person { .. } => None,
    };
    let standing = Standing {
        gives: seat.is_some_and(|seat| seat.director) || mandate.subject == person.subject,
        belongs: seat.is_some(),
        holds: names,
        gave: mandate.given_by == Some(person.subject),
    };
    let other_name = names && !same_surname(&mandate.surname, &person.surname);
    let state = mandate.state(ctx.today());
    (standing.gives || standing.belongs || standing.holds).then_some(Seen { mandate, state, standing, other_name })
}

/// One mandate, for one of its parties.
///
/// # Errors
/// [`MandateError::NotFound`] also when it is not the asker's business; [`MandateError::Register`].
pub async fn seen(ctx: &Ctx, asker: SubjectId, subject: SubjectId, id: Uuid) -> Result<Seen, MandateError> {
    let row = row_of(ctx, asker).await?;
    let found = rows::mandate(&ctx.db, subject, id).await?.ok_or(MandateError::NotFound)?;
    // Holders and people who gave are known without a register.
    let needs = matches!(found.giver, Giver::Organisation { .. }) && found.holder != holder_key(ctx, &row);
    let seats = if needs { seats(ctx, &row.person).await? } else { Vec::new() };
    see(ctx, found, &row, &seats).ok_or(MandateError::NotFound)
}

/// What names the person as holder, newest first.
///
/// # Errors
/// When the database fails.
pub async fn held_by(ctx: &Ctx, asker: SubjectId) -> Result<Vec<Seen>, MandateError> {
    let row = row_of(ctx, asker).await?;
    let mut out = Vec::new();
    for (subject, id) in rows::mandates_held(&ctx.db, &holder_key(ctx, &row)).await? {
        let found = rows::mandate(&ctx.db, subject, id).await?;
        out.extend(found.and_then(|found| see(ctx, found, &row, &[])));
    }
    Ok(out)
}

/// What the person gave for themselves, open ones first.
///
/// # Errors
/// When the database fails.
pub async fn given_by(ctx: &Ctx, asker: SubjectId) -> Result<Vec<Seen>, MandateError> {
    let row = row_of(ctx, asker).await?;
    list(ctx, &row, asker, &[]).await
}

/// An organisation and who may act for it, for one of its own.
///
/// # Errors
/// [`MandateError::NotFound`] when the register gives the person no role in it; [`MandateError::Register`].
pub async fn of_organisation(ctx: &Ctx, asker: SubjectId, stir: &Stir) -> Result<(Seat, Vec<Seen>), MandateError> {
    let row = row_of(ctx, asker).await?;
    let seats = seats(ctx, &row.person).await?;
    let seat = seats.iter().find(|seat| seat.stir == *stir).cloned().ok_or(MandateError::NotFound)?;
    let list = match organisation(ctx, stir).await? {
        Some(subject) => list(ctx, &row, subject, &seats).await?,
        None => Vec::new(),
    };
    Ok((seat, list))
}

async fn list(ctx: &Ctx, row: &PersonRow, subject: SubjectId, seats: &[Seat]) -> Result<Vec<Seen>, MandateError> {
    let mut out = Vec::new();
    for id in rows::mandates_of(&ctx.db, subject).await? {
        let found = rows::mandate(&ctx.db, subject, id).await?;
        out.extend(found.and_then(|found| see(ctx, found, row, seats)));
    }
    Ok(out)
}

/// Does something with a mandate that was seen as of `seq`.
///
/// # Errors
/// [`MandateError::Refused`]; [`IdentityError::Stale`] when somebody else changed it since.
pub async fn act(
    ctx: &Ctx,
    asker: SubjectId,
    subject: SubjectId,
    id: Uuid,
    seq: i64,
    command: &Command,
) -> Result<(), MandateError> {
    let row = row_of(ctx, asker).await?;
    let found = rows::mandate(&ctx.db, subject, id).await?.ok_or(MandateError::NotFound)?;
    // What only an organisation's own may do is looked up with the register each time.
    let own = matches!(command, Command::Accept | Command::Decline | Command::Renounce);
    let organisation = matches!(found.giver, Giver::Organisation { .. });
    let seats = if organisation && !own { seats(ctx, &row.person).await? } else { Vec::new() };
    let Seen { mut mandate, standing, other_name, .. } = see(ctx, found, &row, &seats).ok_or(MandateError::NotFound)?;
    if mandate.seq != seq {
        return Err(IdentityError::Stale.into());
    }
    mandate::decide(&mandate, command, standing, ctx.today())?;
    if other_name && *command == Command::Accept {
        return Err(CommandRefused::NotYours.into());
    }
    if let Command::Limit(terms) = command {
        let wrong = mandate::check(terms, ctx.today());
        if !wrong.is_empty() {
            return Err(MandateError::Wrong(wrong));
        }
    }
    let event = match command {
        Command::Agree => Event::Agreed,
        Command::Accept => Event::Accepted { holder: asker },
        Command::Decline => Event::Declined,
        Command::Limit(terms) => Event::Limited { terms: terms.clone() },
        Command::Suspend => Event::Suspended,
        Command::Resume => Event::Resumed,
        Command::Revoke => Event::Revoked,
        Command::Renounce => Event::Renounced,
    };
    push(ctx, &mut mandate, Some(asker), row.person.full_name(), event);
    save(ctx, &mandate).await
}

fn push(ctx: &Ctx, mandate: &mut Mandate, actor: Option<SubjectId>, actor_name: String, event: Event) {
    let seq = mandate.seq + 1;
    mandate.take(Recorded { seq, at: ctx.now(), actor, actor_name, subject: mandate.subject, event });
}

async fn save(ctx: &Ctx, mandate: &Mandate) -> Result<(), MandateError> {
    let mut batch = Batch::new(mandate.subject);
    rows::save_mandate(&mut batch, mandate)?;
    tell(ctx, &mut batch, mandate).await?;
    Ok(ctx.db.commit(batch).await?)
}

/// Ends what has run out, and says so to both sides.
///
/// # Errors
/// When the database fails.
pub async fn expire(ctx: &Ctx) -> Result<(), MandateError> {
    for (subject, id) in rows::mandates_run_out(&ctx.db, ctx.today(), 200).await? {
        let Some(mut mandate) = rows::mandate(&ctx.db, subject, id).await? else { continue };
        push(ctx, &mut mandate, None, String::new(), Event::Expired);
        match save(ctx, &mandate).await {
            // Somebody ended it in the same moment.
            Ok(()) | Err(MandateError::Identity(IdentityError::Stale)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Tells the other side of the newest event.
async fn tell(ctx: &Ctx, batch: &mut Batch, mandate: &Mandate) -> Result<(), storage::Error> {
    let Some(newest) = mandate.events.last() else { return Ok(()) };
    let Some(what) = happened(&newest.event) else { return Ok(()) };
    let holder = match mandate.accepted {
        Some(holder) => Some(holder),
        None => store::claim_owner(&ctx.db, &mandate.holder).await?.map(SubjectId::from_uuid),
    };
    let template = if matches!(newest.event, Event::Given { .. }) { "mandate-offered" } else { "mandate-changed" };
    let mut parties: Vec<SubjectId> = holder.into_iter().chain(mandate.given_by).collect();
    parties.retain(|party| Some(*party) != newest.actor);
    parties.dedup();
    for party in parties {
        let args = BTreeMap::from([
            ("number".to_owned(), Arg::Text(mandate.number.clone())),
            ("giver".to_owned(), Arg::Text(mandate.giver.name())),
            ("holder".to_owned(), Arg::Text(mandate.holder_name.clone())),
            ("what".to_owned(), Arg::Localized(what.clone())),
        ]);
        let notice = NoticeRequested {
            subject: party,
            template: template.to_owned(),
            args,
            link: Some(format!("/cabinet/mandates/{}/{}", mandate.subject, mandate.id)),
            urgency: Urgency::Important,
        };
        emit(ctx, batch, &notice);
    }
    Ok(())
}

/// What is said of an event; `None` = nobody is told.
fn happened(event: &Event) -> Option<Text> {
    Some(match event {
        Event::Given { .. } => Text::new("berildi", "berildi", "выдано", "given"),
        Event::Agreed => Text::new(
            "ikkinchi shaxs rozi bo‘ldi",
            "ekinshi adam razı boldı",
            "второе лицо согласилось",
            "a second person has agreed",
        ),
        Event::Accepted { .. } => Text::new("qabul qilindi", "qabıl etildi", "принято", "accepted"),
        Event::Declined => Text::new("rad etildi", "biykar etildi", "отклонено", "declined"),
        Event::Limited { .. } => Text::new("cheklandi", "sheklendi", "ограничено", "limited"),
        Event::Suspended => {
            Text::new("vaqtincha to‘xtatildi", "waqtınsha toqtatıldı", "приостановлено", "suspended for a while")
        }
        Event::Resumed => Text::new("yana kuchga kirdi", "jáne kúshke kirdi", "возобновлено", "in force again"),
        Event::Revoked => Text::new("bekor qilindi", "biykarlandı", "отозвано", "revoked"),
        Event::Renounced => Text::new(
            "vakil undan voz kechdi",
            "wákil onnan bas tarttı",
            "представитель отказался",
            "the holder gave it up",
        ),
        Event::Expired => Text::new("muddati tugadi", "múddeti tamam boldı", "срок истёк", "its term is over"),
        Event::Spent { .. } => return None,
    })
}

// ---------------------------------------------------------------- what other contexts ask

fn view(mandate: &Mandate) -> Held {
    let grantor = match mandate.giver.clone() {
        Giver::Organisation { stir, name } => Grantor::Organisation { stir, name },
        Giver::Person { pinfl, surname, name, patronymic, birth_date } => {
            Grantor::Person { pinfl, surname, name, patronymic, birth_date }
        }
    };
    Held { mandate: mandate.id, number: mandate.number.clone(), grantor }
}

/// The mandate of a number among those that the person accepted.
async fn numbered(ctx: &Ctx, person: &Person, number: &str) -> Result<Option<Mandate>, IdentityError> {
    let Some(row) = store::person(&ctx.db, person.subject).await? else { return Ok(None) };
    let key = holder_key(ctx, &row);
    let Some((subject, id)) = rows::mandate_by_number(&ctx.db, &key, number).await? else { return Ok(None) };
    let found = rows::mandate(&ctx.db, subject, id).await?;
    Ok(found.filter(|found| found.accepted.is_none_or(|holder| holder == person.subject)))
}

#[async_trait]
impl Mandates for Port {
    async fn held(&self, ctx: &Ctx, person: &Person, service: &str, group: &str) -> Result<Vec<Held>, PortError> {
        let Some(row) = store::person(&ctx.db, person.subject).await? else { return Ok(Vec::new()) };
        let mut out: Vec<Held> = Vec::new();
        for (subject, id) in rows::mandates_held(&ctx.db, &holder_key(ctx, &row)).await? {
            let Some(found) = rows::mandate(&ctx.db, subject, id).await? else { continue };
            let act = Act::Begin { service, group };
            if found.accepted == Some(person.subject) && may(&found, act, ctx.today()).is_ok() {
                out.push(view(&found));
            }
        }
        Ok(out)
    }

    async fn everybody(&self, ctx: &Ctx, person: &Person) -> Result<Vec<Held>, PortError> {
        let Some(row) = store::person(&ctx.db, person.subject).await? else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for (subject, id) in rows::mandates_held(&ctx.db, &holder_key(ctx, &row)).await? {
            let found = rows::mandate(&ctx.db, subject, id).await?;
            let today = ctx.today();
            out.extend(
                found
                    .filter(|one| one.accepted == Some(person.subject) && one.state(today) == State::InForce)
                    .map(|one| view(&one)),
            );
        }
        Ok(out)
    }

    async fn by_number(
        &self,
        ctx: &Ctx,
        person: &Person,
        number: &str,
        service: &str,
        group: &str,
    ) -> Result<Result<Held, MandateRefused>, PortError> {
        let Some(found) = numbered(ctx, person, number).await? else { return Ok(Err(MandateRefused::None)) };
        Ok(may(&found, Act::Begin { service, group }, ctx.today()).map(|()| view(&found)))
    }

    async fn spend(
        &self,
        ctx: &Ctx,
        person: &Person,
        number: &str,
        deed: &Deed,
    ) -> Result<Result<(), MandateRefused>, PortError> {
        // Another application may be counted at the same moment: then the limit is looked at anew.
        for _ in 0..4 {
            let Some(mut found) = numbered(ctx, person, number).await? else { return Ok(Err(MandateRefused::None)) };
            let Deed { draft, service, group, amount } = deed;
            let act = Act::Send { draft: *draft, service, group, amount: *amount };
            if let Err(refused) = may(&found, act, ctx.today()) {
                return Ok(Err(refused));
            }
            if found.spent.contains_key(draft) {
                return Ok(Ok(()));
            }
            let event = Event::Spent { draft: *draft, service: service.clone(), amount: *amount };
            push(ctx, &mut found, Some(person.subject), person.full_name(), event);
            let mut batch = Batch::new(found.subject);
            rows::save_mandate(&mut batch, &found).map_err(IdentityError::from)?;
            match ctx.db.commit(batch).await.map_err(IdentityError::from) {
                Ok(()) => return Ok(Ok(())),
                Err(IdentityError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(PortError::Unavailable("mandate".to_owned()))
    }

    async fn may_see(&self, ctx: &Ctx, person: &Person, stir: &Stir) -> Result<Option<String>, PortError> {
        let held = match held_by(ctx, person.subject).await {
            Ok(held) => held,
            Err(MandateError::Identity(error)) => return Err(error.into()),
            Err(_) => Vec::new(),
        };
        let today = ctx.today();
        let by_mandate = held.iter().find_map(|seen| match &seen.mandate.giver {
            Giver::Organisation { stir: of, name } if of == stir => {
                let accepted = seen.mandate.accepted == Some(person.subject);
                (accepted && may(&seen.mandate, Act::See, today).is_ok()).then(|| name.clone())
            }
            _ => None,
        });
        if by_mandate.is_some() {
            return Ok(by_mandate);
        }
        match seats(ctx, person).await {
            Ok(seats) => Ok(seats.into_iter().find(|seat| seat.stir == *stir).map(|seat| seat.name)),
            Err(MandateError::Register(name)) => Err(PortError::Unavailable(name)),
            Err(MandateError::Identity(error)) => Err(error.into()),
            Err(_) => Ok(None),
        }
    }

    async fn acting(&self, ctx: &Ctx, principal: &Principal) -> Result<Option<Acting>, PortError> {
        let Some(person) = principal.subject() else { return Ok(None) };
        let found = rows::acting(&ctx.db, person.uuid(), principal.session).await?;
        Ok(found.map(|(kind, key, name)| Acting { person, kind, key, name }))
    }

    async fn act_as(&self, ctx: &Ctx, principal: &Principal, acting: Option<&Acting>) -> Result<(), PortError> {
        let Some(person) = principal.subject() else { return Ok(()) };
        let mut batch = Batch::new(person);
        match acting {
            Some(one) => rows::put_acting(&mut batch, person.uuid(), principal.session, &one.kind, &one.key, &one.name),
            None => rows::clear_acting(&mut batch, person.uuid(), principal.session),
        }
        Ok(ctx.db.commit(batch).await.map_err(IdentityError::from)?)
    }
}
