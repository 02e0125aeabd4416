//! What every use case is given: the database, the time, chance, the reference data and the ports.

use std::ops::Deref;
use std::sync::Arc;

use kernel::clock::{Clock, Date, Timestamp};
use kernel::rng::Rng;

use crate::{applications, catalog, documents, identity, mandates, notifications, payments, registries};

/// The surroundings of a use case. Cheap to clone; passed as the first argument, never global.
#[derive(Clone)]
pub struct Ctx(Arc<CtxInner>);

/// The parts of [`Ctx`].
pub struct CtxInner {
    /// Both databases behind one waist.
    pub db: storage::Db,
    /// Files, addressed by the SHA-256 of their content and encrypted at rest.
    pub blobs: storage::Blobs,
    /// The only source of the present moment.
    pub clock: Arc<dyn Clock>,
    /// The only source of chance.
    pub rng: Arc<dyn Rng>,
    /// Agencies, regions, calendar, fee parameters: dated data with sources.
    pub refdata: Arc<refdata::RefData>,
    /// The other contexts.
    pub ports: Ports,
    /// What the operator configured and more than one context needs.
    pub settings: Settings,
}

/// Configuration that more than one context needs.
#[derive(Clone)]
pub struct Settings {
    /// The address under which people reach the portal, without a slash at the end, such as `https://portal.example`.
    pub public_url: String,
    /// Whether the data are invented: pages and documents then say so.
    pub demo: bool,
    /// Root key of this installation, 32 random bytes. Other keys are derived from it by [`Settings::key`].
    pub master_key: [u8; 32],
    /// Everything else, by its dotted name, for the context that owns it (`payments.payme.key`).
    pub values: Arc<std::collections::BTreeMap<String, String>>,
}

impl Settings {
    /// A key for one purpose, derived from the master key by HKDF-SHA-256 (RFC 5869), so that
    /// a leaked purpose key says nothing about another.
    pub fn key(&self, purpose: &'static str) -> [u8; 32] {
        let salt = ring::hkdf::Salt::new(ring::hkdf::HKDF_SHA256, b"peshtoq");
        let mut key = [0; 32];
        let info = [purpose.as_bytes()];
        // 32 bytes are one block of HKDF-SHA-256: neither step can fail for this length.
        if let Ok(okm) = salt.extract(&self.master_key).expand(&info, ring::hkdf::HKDF_SHA256) {
            let _ = okm.fill(&mut key);
        }
        key
    }

    /// The value of a setting by its dotted name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}

/// The contexts as others see them.
#[derive(Clone)]
pub struct Ports {
    pub sessions: Arc<dyn identity::Sessions>,
    pub people: Arc<dyn identity::People>,
    pub staff: Arc<dyn identity::Staff>,
    pub mandates: Arc<dyn mandates::Mandates>,
    pub catalog: Arc<dyn catalog::Catalog>,
    pub cases: Arc<dyn applications::Cases>,
    pub invoices: Arc<dyn payments::Invoices>,
    pub documents: Arc<dyn documents::Documents>,
    pub inbox: Arc<dyn notifications::Inbox>,
    pub registers: Arc<dyn registries::Registers>,
}

impl Ctx {
    /// Puts the parts together.
    pub fn new(inner: CtxInner) -> Self {
        Self(Arc::new(inner))
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Today's civil date in Tashkent.
    pub fn today(&self) -> Date {
        kernel::clock::tashkent_date(self.now())
    }
}

impl Deref for Ctx {
    type Target = CtxInner;
    fn deref(&self) -> &CtxInner {
        &self.0
    }
}
