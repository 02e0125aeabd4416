//! The public types of a compiled service definition.
//!
//! Every type here is plain data: it is what the canonical JSON of a version holds. Texts that a
//! YAML file leaves to the common vocabulary (`services/common.yaml`: titles of well-known states,
//! labels of well-known actions, well-known fields) are filled in by the compiler, so that a
//! reader of a [`crate::Definition`] never meets a default.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use jiff::civil::Date;
use kernel::calendar::Term;
use kernel::lang::Text;
use kernel::money::{Rate, Share, Tiyin};
use kernel::person::{Email, Passport, Phone, Pinfl, Soato};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::access::{Access, BehalfKind, Represented};
use crate::registers::RegisterInfo;

/// Number of a service in the register of public services, as a text: `298`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServiceCode(pub(crate) String);

impl ServiceCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServiceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Name of an immutable version: SHA-256 of the canonical JSON, 64 lower-case hexadecimal digits.
///
/// Source: ADR on immutable versions (`service-definition`, "Compiling and versions").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionHash(pub(crate) String);

impl VersionHash {
    /// Reads a hash as stored; `None` when it is not 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (text.len() == 64 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }

    /// The hexadecimal text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VersionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Source text of an expression. Compiled and type-checked when the definition is compiled.
///
/// Names in an expression: the id of a field (its answer) · `person.…` ([`PersonFacts`], who is signed in) · `applicant.…`
/// (for whom the application is; the same unless [`Facts::applicant`] says otherwise) · `registers.<name>.…` (what a register said, `services/README.md`) · `today()`, `bhm()`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cel(pub String);

/// A field is required unless its definition says otherwise.
fn yes() -> Cel {
    Cel("true".to_owned())
}

/// A text that the compiler is to fill in from the common vocabulary.
fn blank() -> Text {
    Text::uz("")
}

/// The whole definition as data. Field order is the order of the canonical JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    pub code: ServiceCode,
    /// Code of the agency that answers for the definition.
    pub owner: String,
    pub status: Status,
    /// First day in force, Tashkent date.
    pub valid_from: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    pub passport: ServicePassport,
    pub access: Access,
    /// Registers that are asked, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registers: Vec<RegisterUse>,
    /// Shapes of these registers as they were when this was compiled, so that a version can always be read back. Not
    /// written by an author: copied from `registers.yaml`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shapes: BTreeMap<String, RegisterInfo>,
    /// At most three (rule DEF-PAGES); may be empty for a service without questions.
    #[serde(default)]
    pub pages: Vec<FormPage>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    /// How long an invoice waits and a paid fee survives a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentRules>,
    pub route: Route,
    pub flow: Flow,
    pub term: TermRules,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<Appeal>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<Notify>,
    /// How long the data of a closed case are kept; absent = as long as the installation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// What is asked beside the stars when the case is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
    /// How answers given to earlier versions are carried over (rule DEF-CARRY).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub migrations: Vec<Migration>,
}

/// How the answers of an earlier version become answers of this one, when a case of that version is next returned to its
/// applicant. What is not named is carried over by the id of its field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Migration {
    /// The earlier version: 64 hexadecimal digits, or `any`.
    pub from: String,
    /// Id of an earlier field → id of the field here that takes its answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rename: BTreeMap<String, String>,
    /// Ids of earlier fields whose answers are not needed any more; they stay in the history of the case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drop: Vec<String>,
    /// Field here → expression that gives its answer, over the answers carried over.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Cel>,
}

/// Whether a definition is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Draft,
    Published,
    Suspended,
    Retired,
}

/// The passport of the service: what the public page tells before anybody applies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServicePassport {
    /// Short name.
    pub title: Text,
    /// Long official name or one sentence of what it is.
    pub summary: Text,
    /// Code of one of the eight groups or `other`, as in `refdata`.
    pub group: String,
    /// Sphere within `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sphere: Option<String>,
    /// Codes of life situations, as in `refdata`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub life_events: Vec<String>,
    /// What people really type, in several languages and scripts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Everybody who takes part, the owner first.
    pub agencies: Vec<AgencyPart>,
    pub audience: Vec<Audience>,
    /// Estimated time to fill the form in, minutes.
    pub fill_minutes: u32,
    pub legal: Vec<LegalBasis>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    pub result: ResultKind,
    /// How to use the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide: Option<Guide>,
    /// Documents that the applicant must bring; empty = "Talab etilmaydi".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Text>,
    /// Facts that the source does not state and that nobody has confirmed yet: the page says "to be confirmed" there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed: Vec<Fact>,
    /// Counters published by the old portal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Statistics>,
    pub source: SourceNote,
}

impl ServicePassport {
    /// Whether a block has still to be confirmed: it is then not told as a fact.
    ///
    /// Rule: DEF-UNCONFIRMED.
    /// Source: our decision: nothing invented is presented as fact (key `passport.unconfirmed`, `services/README.md`).
    pub fn is_unconfirmed(&self, fact: Fact) -> bool {
        self.unconfirmed.contains(&fact)
    }
}

/// An agency's part in the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyPart {
    /// Code in `refdata`.
    pub code: String,
    pub role: AgencyRole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgencyRole {
    /// Answers for the service.
    Owner,
    /// Decides a step or a task.
    Participant,
    /// Only gives data.
    Source,
}

/// Who may apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Natural,
    Legal,
    SoleTrader,
    SelfEmployed,
    Foreign,
}

impl Audience {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Audience::Natural => "natural",
            Audience::Legal => "legal",
            Audience::SoleTrader => "sole_trader",
            Audience::SelfEmployed => "self_employed",
            Audience::Foreign => "foreign",
        }
    }
}

/// A legal act behind the service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    pub act: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
}

/// Where to ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub title: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// How to use the service: in words, in a picture, in a film.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// Each a sentence or two, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub text: Vec<Text>,
    /// Pictures. Where the reader's language has none, the first is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub infographic: Vec<GuideLink>,
    /// Films. Where the reader's language has none, the first is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub video: Vec<GuideLink>,
}

/// A picture or a film in one language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuideLink {
    /// Code of a language: `uz`, `uz-Cyrl`, `kaa`, `ru`, `en`.
    pub lang: String,
    /// Begins with `https://`.
    pub url: String,
}

/// What the applicant gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultKind {
    pub kind: OutcomeKind,
    pub title: Text,
    /// Where it can be had; empty = in the cabinet, as everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivery: Vec<Delivery>,
}

/// How a result comes to the applicant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The personal cabinet on the portal.
    Cabinet,
    Email,
    /// A service centre (DXM).
    Dxm,
    /// The agency's own counter.
    Agency,
    Post,
    /// Brought home.
    Home,
}

impl Delivery {
    /// Stable name, as in definitions.
    pub fn name(self) -> &'static str {
        match self {
            Delivery::Cabinet => "cabinet",
            Delivery::Email => "email",
            Delivery::Dxm => "dxm",
            Delivery::Agency => "agency",
            Delivery::Post => "post",
            Delivery::Home => "home",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// A document made by the portal.
    Document,
    /// An entry in a register.
    Record,
    /// A place in a waiting list.
    Place,
    /// Money.
    Payout,
    /// An answer on the screen with a document.
    Answer,
    /// A physical thing to be collected.
    Physical,
}

/// A block of the passport that may still have to be confirmed by the owner of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    Fee,
    Term,
    Documents,
    Audience,
    Legal,
}

impl Fact {
    /// Stable name: `fee`, `term`, `documents`, `audience`, `legal`.
    pub fn name(self) -> &'static str {
        match self {
            Fact::Fee => "fee",
            Fact::Term => "term",
            Fact::Documents => "documents",
            Fact::Audience => "audience",
            Fact::Legal => "legal",
        }
    }
}

/// Counters as read from a public page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statistics {
    /// Times used since launch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u64>,
    /// Mean rating 1–5 as decimal text, `4.42`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<String>,
    /// Number of published reviews.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviews: Option<u64>,
}

/// Where the facts of the passport were read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceNote {
    pub url: String,
    /// Date of the snapshot that was read.
    pub as_read: Date,
    /// What the source does not say and we have put in ourselves, for the reviewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumed: Option<String>,
}

/// Through what a person comes. Names equal those of the platform's channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Web,
    Mobile,
    Dxm,
    Kiosk,
    Api,
    HomeVisit,
}

impl Assurance {
    /// Every level, weakest first.
    pub const ALL: [Assurance; 5] =
        [Assurance::Open, Assurance::Password, Assurance::Otp, Assurance::Face, Assurance::Signature];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Assurance::Open => "open",
            Assurance::Password => "password",
            Assurance::Otp => "otp",
            Assurance::Face => "face",
            Assurance::Signature => "signature",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == text)
    }
}

impl Channel {
    /// Every channel, in the order of display.
    pub const ALL: [Channel; 6] =
        [Channel::Web, Channel::Mobile, Channel::Dxm, Channel::Kiosk, Channel::Api, Channel::HomeVisit];

    /// Stable name: `web`, `mobile`, `dxm`, `kiosk`, `api`, `home_visit`.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Web => "web",
            Channel::Mobile => "mobile",
            Channel::Dxm => "dxm",
            Channel::Kiosk => "kiosk",
            Channel::Api => "api",
            Channel::HomeVisit => "home_visit",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == text)
    }
}

/// How surely the person must be identified, weakest first. Names equal those of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    Open,
    Password,
    Otp,
    Face,
    Signature,
}

/// A reason why the person cannot use the service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eligibility {
    /// True when the person is refused; unknown lets them go on (the official decides).
    pub when: Cel,
    pub code: String,
    pub message: Text,
}

/// A register that the service asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterUse {
    /// Name: `population`, `address`, `employment`, … (`services/README.md`).
    pub name: String,
    /// When it is asked.
    #[serde(default)]
    pub at: AskAt,
    /// About whom it is asked.
    #[serde(default, skip_serializing_if = "Whose::is_person")]
    pub of: Whose,
    /// Further keys of the question: name → expression over the answers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, Cel>,
    /// What to do when it does not answer now.
    #[serde(default)]
    pub on_fail: OnFail,
}

/// About whom a register is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// About the person who is signed in.
    #[default]
    Person,
    /// About the one for whom the application is; the same when they apply for themselves.
    Applicant,
}

impl Whose {
    fn is_person(&self) -> bool {
        *self == Self::Person
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskAt {
    /// When the form is opened: fills fields in.
    #[default]
    Start,
    /// When the application is submitted: the answer of an automatic service is drawn from it.
    Submit,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFail {
    /// The person fills the fields in; expressions over the register are unknown.
    #[default]
    Ask,
    /// The application waits and the register is asked again later.
    Queue,
    /// The person is told to try later.
    Stop,
}

/// One screen of the form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormPage {
    pub title: Text,
    /// Whether the page is asked at all; absent = always; unknown counts as not. What is on a page that is not asked is
    /// neither checked nor kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<Cel>,
    pub fields: Vec<Field>,
}

/// One field of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Stable, never reused within a service.
    pub id: String,
    #[serde(rename = "type")]
    pub kind: FieldType,
    #[serde(default = "blank")]
    pub label: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// `true`, `false` or an expression; unknown counts as not required. Required unless said otherwise.
    #[serde(default = "yes")]
    pub required: Cel,
    /// Whether it is shown; absent = always; unknown counts as not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<Cel>,
    /// Computed value: the field is shown locked and never read from the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Cel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<FieldSource>,
    /// Of `choice` and `multi`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<FieldOption>,
    /// Options drawn from a list in a register (the children, the houses).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options_from: Option<OptionsFrom>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub check: Vec<Check>,
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileRules>,
    #[serde(default)]
    pub privacy: Privacy,
    /// What the answer is needed for, told beside the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Text>,
    /// Of `address`: how far down it is asked.
    #[serde(default, skip_serializing_if = "AddressLevel::is_house")]
    pub level: AddressLevel,
    /// Of `cascade`: labels of its lists, from the top.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Text>,
    /// Of `repeat`: the fields of a row. Their expressions may name `row.<id>`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// How far down an address is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressLevel {
    /// The region only.
    Region,
    /// The district or city.
    District,
    /// Street, house and flat too.
    #[default]
    House,
}

impl AddressLevel {
    /// Whether it is the whole address, which is what a definition means that says nothing.
    pub fn is_house(&self) -> bool {
        *self == Self::House
    }
}

/// Type of a field, and the JSON that its answer is.
///
/// | type | posted names | answer |
/// |---|---|---|
/// | text textarea email plate cadastre stir pinfl id_doc | `id` | string, normalised |
/// | phone | `id` | string `+998…` |
/// | int | `id` | integer |
/// | money | `id`, in so‘m | integer, tiyin |
/// | date | `id` (`2026-11-21` or `21.11.2026`), or `id.day` `id.month` `id.year` | string `2026-11-21` |
/// | bool consent | `id` (`on`, `true`, `1`, `yes`) | boolean |
/// | choice | `id` | string, code of the option |
/// | multi | `id`, repeated | array of codes |
/// | decimal | `id`, with a comma or a point | string, exact: `12.5` |
/// | account | `id` | string of 20 digits |
/// | address | `id.region` (4 digits of SOATO) when only that is asked, else `id.district` (7 digits), `id.street`, `id.house`, `id.flat` | object `{region, district, street, house, flat?}` down to its level |
/// | cascade | `id.1`, `id.2`, … from the top | array of codes, from the top |
/// | geo | `id.lat`, `id.lon` in degrees, or `id.code` (a full plus code) | object `{lat, lon}` of exact strings |
/// | person | `id.pinfl`, `id.surname`, `id.name`, `id.patronymic` | object of the same |
/// | organisation | `id.stir`, `id.name` | object of the same |
/// | repeat | `id.rows` (how many rows), `id.0.<field>`, `id.1.<field>`, …; `_add` = `id` adds a row, `_remove` = `id.0` takes one away | array of objects: field → answer; a blank row is `{}` |
/// | file | never read from the post: the caller puts [`FileAnswer`]s into the answers | array of [`FileAnswer`] |
/// | note | – | none |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    Text,
    Textarea,
    Int,
    Decimal,
    Money,
    Date,
    Bool,
    Consent,
    Choice,
    Multi,
    Cascade,
    Address,
    Geo,
    Person,
    Organisation,
    Pinfl,
    Stir,
    IdDoc,
    Phone,
    Email,
    Plate,
    Cadastre,
    Account,
    File,
    Repeat,
    Note,
}

impl FieldType {
    /// Every type, so that a test can see that each works.
    pub const ALL: [FieldType; 26] = [
        Self::Text,
        Self::Textarea,
        Self::Int,
        Self::Decimal,
        Self::Money,
        Self::Date,
        Self::Bool,
        Self::Consent,
        Self::Choice,
        Self::Multi,
        Self::Cascade,
        Self::Address,
        Self::Geo,
        Self::Person,
        Self::Organisation,
        Self::Pinfl,
        Self::Stir,
        Self::IdDoc,
        Self::Phone,
        Self::Email,
        Self::Plate,
        Self::Cadastre,
        Self::Account,
        Self::File,
        Self::Repeat,
        Self::Note,
    ];
}

/// Where a field's first value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSource {
    /// Name of a register of the definition, or `person` for the person's own profile, or `applicant` for whom it is.
    pub register: String,
    /// Path in its record, parts separated by dots.
    pub path: String,
    #[serde(default)]
    pub mode: SourceMode,
    #[serde(default)]
    pub on_fail: OnFail,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceMode {
    /// Filled in, the person may change it.
    #[default]
    Fill,
    /// Filled in and locked when the register answered.
    FillLocked,
    /// Not shown to the person: what they answer is compared with it. `on_fail` says what follows when the register says
    /// something else: `ask` and `stop` refuse the answer, `queue` lets it through with a mark for the official. When the
    /// register is silent, `stop` refuses the application, the others let it through with a mark.
    Verify,
}

/// What a register says of an answer that is compared with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// The same.
    Same,
    /// Something else, or that it knows nothing.
    Differs,
    /// Nothing yet.
    Silent,
}

/// An option of a choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldOption {
    pub code: String,
    pub label: Text,
    /// Of `cascade`: code of the option in the list above; absent in the first list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Whether it may be chosen; absent = always; unknown counts as not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<Cel>,
}

/// Options drawn from a register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionsFrom {
    /// Expression that gives a list of objects.
    pub list: Cel,
    /// Key of the object that becomes the code.
    pub code: String,
    /// Text with `{key}` placeholders, the same in all languages: `{surname} {name}, {birth_date}`.
    pub label: String,
}

/// A rule over the answers of the page, with what to tell when it is false.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// False = wrong; unknown = nothing to say yet.
    pub expr: Cel,
    pub message: Text,
}

/// Limits of a field. Lengths are in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Default 500, textarea 4000 (rule DEF-LENGTH).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// Of `int` and `decimal` (the number), `money` (so‘m), `multi` (ticks) and `repeat` (rows, at most 10 unless said
    /// otherwise).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Of `decimal`: digits after the point, 2 unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
}

impl Limits {
    /// Whether nothing is limited beyond the defaults.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What files a field takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRules {
    /// `pdf`, `jpeg`, `png`.
    pub types: Vec<String>,
    pub max_mb: u32,
    pub count: u32,
}

/// An uploaded file in the answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileAnswer {
    /// Id of the stored file, as the uploader names it.
    pub file: String,
    pub name: String,
    /// `pdf`, `jpeg`, `png`: as sniffed, not as claimed.
    pub kind: String,
    pub bytes: u64,
}

/// How closely an answer must be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    Public,
    #[default]
    Personal,
    /// Health, violence: shown only to whoever decides.
    Special,
}

/// One component of the price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    pub id: String,
    pub kind: FeeKind,
    /// Name of the component; the compiler fills in the name of the kind.
    #[serde(default = "blank")]
    pub title: Text,
    /// Absent = always; unknown counts as true (the dearer reading is shown, the official corrects).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Cel>,
    /// Who pays, for the table of the passport: `natural`, `legal`, …; empty = everybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payer: Vec<Audience>,
    pub amount: Amount,
    /// Rates that differ from the platform's for this component: channel → rate.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub channel_rate: BTreeMap<Channel, Rate>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reliefs: Vec<Relief>,
    /// `submit`, or the id of a payment state.
    pub due: DueAt,
}

/// Kind of a fee component, in the words of the passports (boj, yig‘im, gerb yig‘imi).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeKind {
    Duty,
    Fee,
    Emblem,
    Service,
    Fixed,
}

impl FeeKind {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            FeeKind::Duty => "duty",
            FeeKind::Fee => "fee",
            FeeKind::Emblem => "emblem",
            FeeKind::Service => "service",
            FeeKind::Fixed => "fixed",
        }
    }
}

/// How much, before channel rate and relief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Amount {
    /// Share of the base calculation amount at the counter (DXM price).
    Bhm(Share),
    /// Whole so‘m.
    Som(i64),
    /// Share of BHM by the value of a choice field.
    Table {
        /// Id of the choice.
        field: String,
        /// Option code → share of BHM; the table names every option.
        bhm: BTreeMap<String, Share>,
    },
    /// Share of BHM by the size of a number: the first band that reaches up to it.
    Bands {
        /// Expression that gives the number.
        of: Cel,
        /// In rising order; the last one has no upper end.
        rows: Vec<Band>,
    },
    /// So‘m as an expression gives them, exact; unknown = cannot be worked out yet, and nothing is sent before it can.
    Expr(Cel),
}

/// A band of a fee table: from the end of the one before, up to and with `up_to`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Absent = without upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<i64>,
    /// Share of BHM.
    pub bhm: Share,
}

/// A reduction of a component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relief {
    /// Code as in [`PersonFacts::reliefs`]: `social_register`, `disability_1_2`, `orphan`.
    pub code: String,
    /// What is left to pay: 0.5 = half, 0 = nothing.
    pub rate: Rate,
}

/// When a component is due. As text: `submit`, or the id of the state.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum DueAt {
    /// In the payment state where the flow begins.
    Submit,
    /// In this payment state.
    State(String),
}

impl From<String> for DueAt {
    fn from(text: String) -> Self {
        if text == "submit" { Self::Submit } else { Self::State(text) }
    }
}

impl From<DueAt> for String {
    fn from(due: DueAt) -> Self {
        match due {
            DueAt::Submit => "submit".to_owned(),
            DueAt::State(id) => id,
        }
    }
}

/// Rules about the invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentRules {
    /// Calendar days after which an unpaid invoice expires and the case with it.
    pub expires_days: u32,
    /// Calendar days for which a paid fee stays valid after a refusal; 0 = not at all.
    #[serde(default)]
    pub valid_after_reject_days: u32,
}

/// To which unit a case goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Code of the agency that decides, unless a state says otherwise.
    pub agency: String,
    pub level: Level,
    /// Expression that gives a SOATO code; absent = the person's own region and district.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Cel>,
}

/// Level of the unit that works a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Central office: no area.
    Centre,
    /// Four digits of SOATO.
    Region,
    /// Seven digits of SOATO.
    District,
}

/// A unit as an expression of the routing rule; text form `AV`, `AV.1726`, `AV.1726266`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitRef {
    pub agency: String,
    pub area: Option<Soato>,
}

impl fmt::Display for UnitRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.area {
            Some(area) => write!(f, "{}.{area}", self.agency),
            None => f.write_str(&self.agency),
        }
    }
}

/// The life cycle of a case of this service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// The first is where a submitted case begins.
    pub states: Vec<State>,
    pub actions: Vec<Action>,
    /// Closed list of refusal reasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// A stage of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub id: String,
    pub kind: StateKind,
    #[serde(default = "blank")]
    pub title: Text,
    /// What happens now and whose turn it is, in plain words.
    #[serde(default = "blank")]
    pub note: Text,
    /// Agency that works the state when it is not the one of the route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// Level of the unit when it is not the one of the route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Term of this stage alone; of `returned`: how long the applicant has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// Of `auto`, and of `queue` and `returned` for later: the first whose `when` is true is taken by the system.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auto: Vec<AutoRule>,
    /// Of `tasks`: all must close; a negative answer takes `on_negative`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<Task>,
    /// Of `tasks`: action taken when all tasks closed positively.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_positive: Option<String>,
    /// Of `tasks`: action taken when all closed and one of them negatively.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_negative: Option<String>,
    /// Of `commission`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commission: Option<Commission>,
    /// Of `payment`: action taken when the invoice is paid, or when nothing is to be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_paid: Option<String>,
    /// Of `payment`: action taken when the invoice expires. Of `returned`: when the applicant did not answer in `term`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_expired: Option<String>,
    /// Of a state in which the clock stands still: what it does when the case goes on.
    #[serde(default, skip_serializing_if = "ClockRule::is_pause")]
    pub clock: ClockRule,
}

/// What the clock of the whole term does when the case leaves a state in which it stood still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockRule {
    /// Runs on with what was left.
    #[default]
    Pause,
    /// Begins anew with the whole term.
    Reset,
}

impl ClockRule {
    fn is_pause(&self) -> bool {
        *self == Self::Pause
    }
}

/// Kind of a state: who moves the case on, and whether it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateKind {
    /// Waits for money.
    Payment,
    /// An official decides.
    Work,
    /// The system decides at once from register facts.
    Auto,
    /// A waiting list.
    Queue,
    /// Parallel agencies each close a task.
    Tasks,
    /// Several members vote.
    Commission,
    /// The applicant's turn; the clock is paused.
    Returned,
    Approved,
    Refused,
    Withdrawn,
    /// Never paid, or never answered, in time.
    Expired,
}

impl StateKind {
    /// Whether a case in such a state is over.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Approved | Self::Refused | Self::Withdrawn | Self::Expired)
    }

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Work => "work",
            Self::Auto => "auto",
            Self::Queue => "queue",
            Self::Tasks => "tasks",
            Self::Commission => "commission",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

/// What the system does in an automatic state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutoRule {
    pub when: Cel,
    /// Id of an action of the system out of this state.
    pub action: String,
    /// Code of a refusal reason, when the action refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A task of one agency beside others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub id: String,
    pub agency: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    pub title: Text,
    pub term: Term,
}

/// A vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commission {
    /// Members who may vote.
    pub members: u32,
    /// Votes for one side that decide.
    pub needed: u32,
    /// Action taken when `needed` voted for.
    pub on_for: String,
    /// Action taken when so many voted against that `needed` cannot be reached any more.
    pub on_against: String,
}

/// A move from one state to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    pub id: String,
    pub from: Vec<String>,
    pub to: String,
    pub by: By,
    #[serde(default = "blank")]
    pub label: Text,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// Offered only when true; unknown counts as false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Cel>,
}

/// Who may take an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Citizen,
    Official,
    Head,
    System,
    Commission,
}

/// What an action must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    Comment,
    /// A code of [`Flow::reasons`].
    Reason,
    File,
    /// Another official of the unit confirms before it takes effect (four eyes).
    SecondPerson,
    /// An electronic signature. The compiler refuses it: the platform has no means of signing yet.
    Signature,
}

/// A reason of refusal, with the article of law.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    pub code: String,
    #[serde(default = "blank")]
    pub text: Text,
    #[serde(default = "blank")]
    pub article: Text,
}

/// When the answer is due.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermRules {
    /// Absent = at once (automatic), or not set by the regulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Term>,
    /// A longer term of special cases, with when it holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub special: Vec<SpecialTerm>,
    /// What the passport says about the term in words, when a number alone would mislead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// States in which the clock stands still; states of kind `returned` and `payment` always pause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pause_in: Vec<String>,
    /// What happens when the term passes.
    #[serde(default)]
    pub on_breach: OnBreach,
    /// So long before the end whoever's turn it is is reminded, once for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remind: Vec<Term>,
    /// Which days are worked.
    #[serde(default, skip_serializing_if = "Week::is_five_days")]
    pub calendar: Week,
}

/// The working week by which terms are counted; days off by decree hold for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Week {
    #[default]
    FiveDays,
    /// Saturdays are worked too.
    SixDays,
}

impl Week {
    fn is_five_days(&self) -> bool {
        *self == Self::FiveDays
    }
}

/// A term that replaces the total one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialTerm {
    pub when: Cel,
    pub total: Term,
    pub note: Text,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnBreach {
    /// It is recorded and told to the head of the unit.
    #[default]
    Escalate,
    /// Silence is consent: the system approves.
    SilentOk,
    /// Silence is a refusal, which can be appealed.
    SilentNo,
}

/// How a refusal is appealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appeal {
    /// Calendar days from the moment the decision was opened.
    pub days: u32,
    /// Code of the agency whose higher unit decides.
    pub to: String,
    /// Working days for an answer.
    pub term: Term,
    /// Calendar days from the decision itself after which it cannot be appealed, opened or not; absent = no such end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outer_days: Option<u32>,
}

/// How long the data of a closed case are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Counted from the end of the case.
    pub after_close: Span,
}

/// A span of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    pub n: u32,
    pub unit: SpanUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanUnit {
    Day,
    Month,
    Year,
}

impl Span {
    /// The day so long after another; the last day of the month when there is no such day.
    pub fn after(self, day: Date) -> Date {
        let n = i64::from(self.n);
        let span = match self.unit {
            SpanUnit::Day => jiff::Span::new().try_days(n),
            SpanUnit::Month => jiff::Span::new().try_months(n),
            SpanUnit::Year => jiff::Span::new().try_years(n),
        };
        span.ok().and_then(|span| day.checked_add(span).ok()).unwrap_or(Date::MAX)
    }
}

/// What is asked beside the stars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    pub questions: Vec<Question>,
}

/// A question that is answered with yes or no.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub id: String,
    pub text: Text,
}

/// A document that a state calls for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    pub id: String,
    /// `certificate`, `licence`, `decision`.
    pub template: Template,
    /// Id of the state whose entry makes the document.
    pub when: String,
    pub title: Text,
    /// Code of the issuing agency.
    pub agency: String,
    /// Absent = without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<Term>,
    #[serde(default)]
    pub revocable: bool,
    pub rows: Vec<OutputRow>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    Certificate,
    Licence,
    Decision,
}

impl Template {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Template::Certificate => "certificate",
            Template::Licence => "licence",
            Template::Decision => "decision",
        }
    }
}

/// A row of a document. A row whose value is unknown or empty is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputRow {
    pub label: Text,
    /// Gives one value, or with `item` a list of objects.
    pub value: Cel,
    /// Makes one row for each object of the list: text with `{key}` placeholders; `{key:money}`, `{key:place}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Text>,
    /// With `item`: only the objects whose key equals an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// The row is there only when true; absent = always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<Cel>,
    #[serde(default)]
    pub format: ValueFormat,
}

/// Picks objects of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// Key of the objects.
    pub key: String,
    /// Expression that gives the text to be found under the key.
    pub equals: Cel,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueFormat {
    /// By its type; the answer of a choice by its option's label.
    #[default]
    Auto,
    /// Integer tiyin as so‘m.
    Money,
    /// SOATO code as the name of the place.
    Place,
}

/// A notice beside the standard ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// Id of the state whose entry sends it.
    pub when: String,
    pub text: Text,
}

/// Answers of a form: field id → JSON as [`FieldType`] says.
pub type Answers = BTreeMap<String, serde_json::Value>;

/// What registers have said: name of the register → its record (`services/README.md`). A copy shares the records with the
/// original until one of them is changed: facts are copied for every look at a form, and records are long.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registers(Arc<BTreeMap<String, serde_json::Value>>);

impl Deref for Registers {
    type Target = BTreeMap<String, serde_json::Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Registers {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(&mut self.0)
    }
}

impl From<BTreeMap<String, serde_json::Value>> for Registers {
    fn from(records: BTreeMap<String, serde_json::Value>) -> Self {
        Registers(Arc::new(records))
    }
}

impl Serialize for Registers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Registers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Registers::from)
    }
}

/// Everything that the rules of a definition may look at.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub answers: Answers,
    pub person: PersonFacts,
    /// Name of the register → its record (`services/README.md`). An absent name = not answered yet, everything in it is
    /// unknown. Put in with [`Facts::answered`] and [`Facts::not_found`], which set the record's `found`.
    pub registers: Registers,
    /// For whom the person acts; `None` = for themselves.
    pub applicant: Option<Represented>,
    /// Tashkent date.
    pub today: Date,
    /// The base calculation amount for `bhm()`; absent = the one in force today.
    pub bhm: Option<Tiyin>,
}

impl Facts {
    /// Lets the person act for somebody else: `applicant.…` is then that one, and the person applies and pays as such.
    ///
    /// For an organisation nobody's reliefs hold. For another person only those of the family (the register of social
    /// protection) do, and only for one's own child or ward: whatever else holds of the one represented, no register has
    /// said here.
    ///
    /// Rule: DEF-BEHALF.
    /// Source: UP-6269 of 24.07.2021 (no relief for a legal person); that a child shares the family's entry is ours.
    pub fn represent(&mut self, represented: Represented) {
        self.person.audience = match represented.kind {
            BehalfKind::Organisation => Some(Audience::Legal),
            BehalfKind::Child | BehalfKind::Ward | BehalfKind::Attorney => self.person.audience,
        };
        let family = matches!(represented.kind, BehalfKind::Child | BehalfKind::Ward);
        self.person.reliefs.retain(|code| family && code == "social_register");
        self.applicant = Some(represented);
    }

    /// Puts in what a register said.
    pub fn answered(&mut self, register: &str, mut record: serde_json::Value) {
        if let serde_json::Value::Object(map) = &mut record {
            map.insert("found".to_owned(), serde_json::Value::Bool(true));
        }
        self.registers.insert(register.to_owned(), record);
    }

    /// Notes that a register answered, but knows nothing of the person: `registers.<name>.found` is false.
    pub fn not_found(&mut self, register: &str) {
        self.registers.insert(register.to_owned(), serde_json::json!({"found": false}));
    }
}

/// What is known of the person without asking a register.
#[derive(Clone, Debug, Default)]
pub struct PersonFacts {
    pub pinfl: Option<Pinfl>,
    pub passport: Option<Passport>,
    pub surname: Option<String>,
    pub name: Option<String>,
    pub patronymic: Option<String>,
    pub birth_date: Option<Date>,
    /// `m` or `f`.
    pub sex: Option<String>,
    /// Region or district of residence.
    pub region: Option<Soato>,
    /// ISO 3166 alpha-2, `UZ`.
    pub citizenship: Option<String>,
    pub phone: Option<Phone>,
    pub email: Option<Email>,
    /// How the person acts; natural by default.
    pub audience: Option<Audience>,
    /// Codes of reliefs that registers confirm.
    pub reliefs: Vec<String>,
}

/// A field as it stands for these facts.
#[derive(Clone, Debug)]
pub struct FieldView<'a> {
    pub field: &'a Field,
    /// Answer so far, or the value from its source.
    pub value: Option<serde_json::Value>,
    /// Name of the register that gave the value, to be shown beside it.
    pub source: Option<&'a str>,
    /// The person cannot change it.
    pub locked: bool,
    pub required: bool,
    /// Of choices: code and label.
    pub options: Vec<(String, Text)>,
    /// Of a cascade: the lists that can be chosen from by now, each with codes and labels.
    pub lists: Vec<Vec<(String, Text)>>,
    /// Of a repeat: its rows, those to be filled in included.
    pub rows: Vec<Vec<FieldView<'a>>>,
    /// Of an answer that is compared with a register: what came of it.
    pub verified: Option<Verified>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldError {
    /// Id of the field; in a row of a repeat `<repeat>.<row from 0>.<field>`.
    pub field: String,
    pub code: FieldErrorCode,
    /// Arguments of the code's message, as listed at [`FieldErrorCode`].
    pub args: BTreeMap<&'static str, String>,
    /// The definition's own words, for [`FieldErrorCode::Check`]; otherwise `None`.
    pub message: Option<Text>,
}

/// Codes of field errors. [`FieldErrorCode::key`] is the Fluent key of its message.
///
/// | code | args |
/// |---|---|
/// | `field-required` | – |
/// | `field-consent-required` | – |
/// | `field-too-long` | `max`, `actual` (characters) |
/// | `field-too-short` | `min` (characters) |
/// | `field-not-a-number` | – |
/// | `field-too-small` | `min` |
/// | `field-too-large` | `max` |
/// | `field-not-a-date` | – |
/// | `field-unknown-option` | – |
/// | `field-too-many-options` | `max` |
/// | `field-bad-pinfl` | – |
/// | `field-bad-stir` | – |
/// | `field-bad-id-doc` | – |
/// | `field-bad-phone` | – |
/// | `field-bad-email` | – |
/// | `field-bad-plate` | – |
/// | `field-bad-cadastre` | – |
/// | `field-not-a-decimal` | – |
/// | `field-too-precise` | `max` (digits after the point) |
/// | `field-bad-account` | – |
/// | `field-bad-geo` | `part` (`lat`, `lon`, `code`) |
/// | `field-choose-next` | `part` (number of the list, from 1) |
/// | `field-bad-organisation` | `part` (`stir`, `name`) |
/// | `field-too-few-options` | `min` |
/// | `field-too-few-rows` | `min` |
/// | `field-too-many-rows` | `max` |
/// | `field-differs` | – (the register says something else) |
/// | `field-not-checked` | – (the register that must confirm is silent) |
/// | `field-bad-address` | `part` (`region`, `district`, `street`, `house`) |
/// | `field-bad-person` | `part` (`pinfl`, `surname`, `name`) |
/// | `field-bad-characters` | – |
/// | `field-too-many-files` | `max` |
/// | `field-file-too-large` | `max_mb`, `name` |
/// | `field-file-type` | `types`, `name` |
/// | `field-unknown` | – (the service has no such field; only for API users) |
/// | `field-wrong-type` | – (JSON of another type; only for API users) |
/// | `field-check` | – (the error's `message` is shown instead) |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldErrorCode {
    Required,
    ConsentRequired,
    TooLong,
    TooShort,
    NotANumber,
    TooSmall,
    TooLarge,
    NotADecimal,
    NotADate,
    UnknownOption,
    TooManyOptions,
    BadPinfl,
    BadStir,
    BadIdDoc,
    BadPhone,
    BadEmail,
    BadPlate,
    BadCadastre,
    BadAddress,
    BadPerson,
    BadCharacters,
    TooManyFiles,
    FileTooLarge,
    FileType,
    Unknown,
    WrongType,
    Check,
    TooPrecise,
    BadAccount,
    BadGeo,
    ChooseNext,
    BadOrganisation,
    TooFewOptions,
    TooFewRows,
    TooManyRows,
    Differs,
    NotChecked,
}

impl FieldErrorCode {
    /// Every code, so that a test can see that each has its message.
    pub const ALL: [FieldErrorCode; 37] = [
        Self::Required,
        Self::ConsentRequired,
        Self::TooLong,
        Self::TooShort,
        Self::NotANumber,
        Self::TooSmall,
        Self::TooLarge,
        Self::NotADecimal,
        Self::NotADate,
        Self::UnknownOption,
        Self::TooManyOptions,
        Self::BadPinfl,
        Self::BadStir,
        Self::BadIdDoc,
        Self::BadPhone,
        Self::BadEmail,
        Self::BadPlate,
        Self::BadCadastre,
        Self::BadAddress,
        Self::BadPerson,
        Self::BadCharacters,
        Self::TooManyFiles,
        Self::FileTooLarge,
        Self::FileType,
        Self::Unknown,
        Self::WrongType,
        Self::Check,
        Self::TooPrecise,
        Self::BadAccount,
        Self::BadGeo,
        Self::ChooseNext,
        Self::BadOrganisation,
        Self::TooFewOptions,
        Self::TooFewRows,
        Self::TooManyRows,
        Self::Differs,
        Self::NotChecked,
    ];

    /// The stable code, `field-required`; with `applications-` before it, the Fluent key.
    pub fn code(self) -> &'static str {
        match self {
            Self::Required => "field-required",
            Self::ConsentRequired => "field-consent-required",
            Self::TooLong => "field-too-long",
            Self::TooShort => "field-too-short",
            Self::NotANumber => "field-not-a-number",
            Self::TooSmall => "field-too-small",
            Self::TooLarge => "field-too-large",
            Self::NotADecimal => "field-not-a-decimal",
            Self::NotADate => "field-not-a-date",
            Self::UnknownOption => "field-unknown-option",
            Self::TooManyOptions => "field-too-many-options",
            Self::BadPinfl => "field-bad-pinfl",
            Self::BadStir => "field-bad-stir",
            Self::BadIdDoc => "field-bad-id-doc",
            Self::BadPhone => "field-bad-phone",
            Self::BadEmail => "field-bad-email",
            Self::BadPlate => "field-bad-plate",
            Self::BadCadastre => "field-bad-cadastre",
            Self::BadAddress => "field-bad-address",
            Self::BadPerson => "field-bad-person",
            Self::BadCharacters => "field-bad-characters",
            Self::TooManyFiles => "field-too-many-files",
            Self::FileTooLarge => "field-file-too-large",
            Self::FileType => "field-file-type",
            Self::Unknown => "field-unknown",
            Self::WrongType => "field-wrong-type",
            Self::Check => "field-check",
            Self::TooPrecise => "field-too-precise",
            Self::BadAccount => "field-bad-account",
            Self::BadGeo => "field-bad-geo",
            Self::ChooseNext => "field-choose-next",
            Self::BadOrganisation => "field-bad-organisation",
            Self::TooFewOptions => "field-too-few-options",
            Self::TooFewRows => "field-too-few-rows",
            Self::TooManyRows => "field-too-many-rows",
            Self::Differs => "field-differs",
            Self::NotChecked => "field-not-checked",
        }
    }
}

/// Why the person cannot use the service.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    pub code: String,
    pub message: Text,
}

/// The price for these facts.
#[derive(Clone, Debug, PartialEq)]
pub struct FeeQuote {
    /// In the order of the definition; components that do not apply are left out.
    pub lines: Vec<FeeLine>,
    /// Sum of the lines.
    pub total: Tiyin,
    /// When the first of them is due.
    pub due: DueAt,
    /// An amount cannot be worked out from what is known: the total is not the price.
    pub unknown: bool,
}

/// One component of a quote.
#[derive(Clone, Debug, PartialEq)]
pub struct FeeLine {
    pub id: String,
    pub kind: FeeKind,
    pub title: Text,
    /// Before channel rate and relief, unrounded share already turned into whole so‘m.
    pub base: Tiyin,
    /// The rate that was applied.
    pub channel_rate: Rate,
    /// The relief that was applied.
    pub relief: Option<Relief>,
    /// To be paid: whole so‘m.
    pub amount: Tiyin,
    pub due: DueAt,
}

/// A row of the price table in the passport.
#[derive(Clone, Debug, PartialEq)]
pub struct FeeRow {
    pub kind: FeeKind,
    pub title: Text,
    /// Empty = everybody.
    pub payer: Vec<Audience>,
    /// Label of the option when the amount depends on a choice.
    pub variant: Option<Text>,
    /// Share of BHM at the counter; `None` for a fixed amount.
    pub share: Option<Share>,
    /// By channel, in the order of [`Access::channels`] with `dxm` always present for comparison.
    pub by_channel: Vec<(Channel, Tiyin)>,
    pub reliefs: Vec<Relief>,
    pub due: DueAt,
    /// Worked out from the answers: the amounts here are zero and say nothing.
    pub computed: bool,
}

/// A step of "how does it work", generated from the flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub title: Text,
    /// Code of the agency whose turn it is; `None` for the applicant or the system.
    pub agency: Option<String>,
    pub term: Option<Term>,
}

/// A document as the definition draws it for one case.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentDraft {
    /// Id of the output.
    pub output: String,
    pub template: Template,
    pub title: Text,
    /// Code of the issuing agency.
    pub agency: String,
    /// Label and value, the value in the language asked for.
    pub rows: Vec<(Text, String)>,
    /// Last day on which it is valid; `None` = without limit.
    pub valid_until: Option<Date>,
    pub revocable: bool,
}

/// A golden case: given facts, what must come out. Not part of the version.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldenCase {
    /// A sentence.
    pub name: String,
    pub today: Date,
    #[serde(default)]
    pub channel: Option<Channel>,
    /// Id of an invented person of `services/people.yaml`: who applies, and what every register says of them. What
    /// `person` and `registers` give stands in place of it.
    #[serde(default)]
    pub who: Option<String>,
    #[serde(default)]
    pub person: GoldenPerson,
    #[serde(default)]
    pub registers: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    pub answers: Answers,
    /// For whom the person acts.
    #[serde(default)]
    pub behalf: Option<GoldenBehalf>,
    /// How surely the person is known; a code by SMS when not given.
    #[serde(default)]
    pub assurance: Option<Assurance>,
    pub expect: Expect,
}

/// The one for whom the person of a golden case acts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldenBehalf {
    pub kind: BehalfKind,
    #[serde(default)]
    pub pinfl: Option<String>,
    #[serde(default)]
    pub stir: Option<String>,
    /// Surname of a person, name of an organisation.
    #[serde(default)]
    pub surname: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub birth_date: Option<Date>,
}

/// The person of a golden case.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GoldenPerson {
    pub pinfl: Option<String>,
    pub surname: Option<String>,
    pub name: Option<String>,
    pub birth_date: Option<Date>,
    pub sex: Option<String>,
    pub region: Option<String>,
    pub citizenship: Option<String>,
    pub phone: Option<String>,
    pub audience: Option<Audience>,
    pub reliefs: Vec<String>,
}

/// What a golden case expects; what is absent is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Code of the eligibility rule that refuses; `none` = nobody refuses.
    pub refused: Option<String>,
    /// Ids of all visible fields, in order.
    pub visible: Option<Vec<String>>,
    /// Field → code of its first error; an empty map = no errors.
    pub errors: Option<BTreeMap<String, String>>,
    /// Total due at submission (or in `fee_at`), whole so‘m.
    pub fee: Option<i64>,
    /// Payment state whose fee is meant.
    pub fee_at: Option<String>,
    /// Unit of the first state that a unit works, `AV.1726266`.
    pub route: Option<String>,
    pub term: Option<Term>,
    /// Tashkent date of the due moment when submitted today at 10:00.
    pub due: Option<Date>,
    /// State in which the case rests after the system has done all it can, invoices paid.
    pub rests_in: Option<String>,
    /// Output → number of rows, of the documents made in that state.
    pub documents: Option<BTreeMap<String, usize>>,
    /// Code of what keeps the person from beginning ([`crate::Denied::code`]); `none` = nothing does.
    pub denied: Option<String>,
    /// State that the system enters when the term passes in the state where the case rests; `none` = it only tells.
    pub silence: Option<String>,
    /// Key by which open cases are counted.
    pub limit_key: Option<String>,
}
