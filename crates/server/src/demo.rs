//! Invented people at work: what `peshtoq demo` fills an empty database with.
//!
//! Nobody here exists. Names of services, agencies, fees and terms are real; who asks for them is not.

use applications::service::{drafts, files, submit};
use contracts::{Channel, Ctx, Role, UnitRef};
use futures_util::future::{try_join_all, try_join4};
use futures_util::stream::{self, StreamExt as _};
use identity::service::{NewPerson, NewStaff, create_person, create_staff};
use kernel::id::SubjectId;
use kernel::lang::{Lang, Text};

use crate::app::Program;

/// Password of everybody in the demo, shown on the page of demo people.
pub const PASSWORD: &str = "peshtoq-demo-2026";

/// Is in the registers but has no cabinet yet: for showing how one is opened.
pub const NEWCOMER: &str = "sattorova";

/// An official of the demo.
pub struct Member {
    pub login: String,
    pub name: String,
    pub unit: UnitRef,
    pub roles: Vec<Role>,
}

/// The officials of the demo: for each agency that decides cases of the catalogue, in the capital and where it matters.
pub fn staff() -> Vec<Member> {
    const OFFICIAL: &[Role] = &[Role::Official];
    const HEAD: &[Role] = &[Role::Official, Role::Head];
    const COMMISSION: &[Role] = &[Role::Official, Role::Commission];
    const OPERATOR: &[Role] = &[Role::Operator];
    const AUTHOR: &[Role] = &[Role::ServiceAuthor];
    const REVIEWER: &[Role] = &[Role::Reviewer];
    const PUBLISHER: &[Role] = &[Role::Publisher];
    const ADMIN: &[Role] = &[Role::StaffAdmin];
    const ROWS: &[(&str, &str, &str, &[Role])] = &[
        ("av-xodim", "Salimova Nigora Anvarovna", "AV", OFFICIAL),
        ("av-xodim2", "Tursunov Behzod Komilovich", "AV", OFFICIAL),
        ("av-rahbar", "Yusupov Rustam Olimovich", "AV", HEAD),
        ("iiv-xodim", "Qodirov Sardor Ilhomovich", "IIV", OFFICIAL),
        ("iiv-xodim2", "Ergasheva Dilnoza Baxtiyorovna", "IIV", OFFICIAL),
        ("iiv-rahbar", "Nazarov Jahongir Rahimovich", "IIV", HEAD),
        ("tv-xodim", "Abdullayev Otabek Shavkatovich", "TV", HEAD),
        ("qujkv-xodim", "Rasulova Malika Davronovna", "QUJKV", HEAD),
        ("het-xodim", "Xolmatov Ulug‘bek Sobirovich", "HET", HEAD),
        ("tjts-xodim", "Ismoilov Farrux Nodirovich", "TJTS", HEAD),
        ("tkg-xodim", "Saidova Kamola Ravshanovna", "TKG", HEAD),
        ("eko-xodim", "Mirzayev Aziz Hamidovich", "EKO", HEAD),
        ("ssv-xodim", "Hakimova Zarina Azizovna", "SSV", HEAD),
        ("yia-azo1", "Karimberdiyev Jasur Alisherovich", "YIA", COMMISSION),
        ("yia-azo2", "Sobirova Feruza Tohirovna", "YIA", COMMISSION),
        ("yia-azo3", "Normurodov Sherzod Ubaydullayevich", "YIA", COMMISSION),
        ("yia-rahbar", "Azimova Lola Mansurovna", "YIA", HEAD),
        ("qxv-azo1", "Jo‘rayev Anvar Toshpulatovich", "QXV", COMMISSION),
        ("qxv-azo2", "Usmonova Shahlo Erkinovna", "QXV", COMMISSION),
        ("qxv-azo3", "Boboyev Islom Qahramonovich", "QXV", COMMISSION),
        ("qxv-rahbar", "Rahmonov Dilshod Yo‘ldoshevich", "QXV", HEAD),
        ("mmtv-xodim", "To‘xtayeva Gulnora Sanjarovna", "MMTV", HEAD),
        ("otfiv-xodim", "Valiyev Bobur Erkinovich", "OTFIV", HEAD),
        ("uas-xodim", "Sharipov Temur Asqarovich", "UAS", HEAD),
        ("operator", "Hamroyev Doston Iskandarovich", "RTV", OPERATOR),
        ("av-muallif", "G‘aniyeva Sevara Ulug‘bekovna", "AV", AUTHOR),
        ("av-muallif2", "Mahmudov Shohruh Baxromovich", "AV", AUTHOR),
        ("av-tekshiruvchi", "Oripova Nilufar Habibullayevna", "AV", REVIEWER),
        ("rtv-nashr", "Toshmatov Alisher Muzaffarovich", "RTV", PUBLISHER),
        ("av-admin", "Qosimova Munira Baxtiyorovna", "AV", ADMIN),
        ("av-admin2", "Haydarov Akmal Sobirovich", "AV", ADMIN),
    ];
    ROWS.iter()
        .map(|(login, name, unit, roles)| Member {
            login: (*login).to_owned(),
            name: (*name).to_owned(),
            unit: UnitRef::parse(unit),
            roles: roles.to_vec(),
        })
        .collect()
}

/// Fills an empty database and tells who applied for something; one that has been filled is left as it is, and nobody is told.
///
/// # Errors
/// When the invented data are broken or the database fails: in words.
pub async fn fill(program: &Program) -> Result<Vec<SubjectId>, String> {
    let ctx = &program.ctx;
    let people: Vec<&registries::demo::Person> =
        registries::demo::people().iter().filter(|person| person.id != NEWCOMER).collect();
    let members = staff();
    // Hashing passwords is slow on purpose: everybody at once.
    let makers = people.iter().map(|person| {
        let new = NewPerson {
            pinfl: person.pinfl.map(|pinfl| pinfl.as_str().to_owned()),
            passport: person.passport.as_str().to_owned(),
            surname: person.surname.clone(),
            name: person.name.clone(),
            patronymic: Some(person.patronymic.clone()).filter(|text| !text.is_empty()),
            birth_date: Some(person.birth_date),
            citizenship: person.citizenship.clone(),
            phone: person.phone.as_str().to_owned(),
            email: person.email.clone(),
            lang: person.lang,
            address: person.district.as_ref().map(|soato| soato.as_str().to_owned()),
            reliefs: reliefs(person),
            password: PASSWORD.to_owned(),
        };
        async move { create_person(ctx, &new).await }
    });
    let hirings = members.into_iter().enumerate().map(|(at, member)| {
        let new = NewStaff {
            login: member.login,
            name: member.name,
            phone: format!("+99871200{:04}", at + 1),
            unit: member.unit,
            roles: member.roles,
            lang: Lang::Uz,
            password: PASSWORD.to_owned(),
        };
        async move { create_staff(ctx, &new).await }
    });
    // None of these needs another: while some wait for the disk, others hash.
    let registers = async { registries::demo::import(ctx).await.map_err(|error| error.to_string()) };
    let subjects = async { try_join_all(makers).await.map_err(|error| error.to_string()) };
    let hired = async { try_join_all(hirings).await.map_err(|error| error.to_string()) };
    let clients = async { clients(ctx).await.map_err(|error| error.to_string()) };
    let (_, subjects, _, ()) = try_join4(registers, subjects, hired, clients).await?;
    let made = cases(ctx, &subjects).await?;
    Ok(if made { subjects } else { Vec::new() })
}

/// Secret of the demo's client of the OneID dialect, told at the start.
pub const CLIENT_SECRET: &str = "peshtoq-demo-client-2026";

/// Invented systems that sign people in by the portal: a shop that keeps no secret (PKCE), and an old one of the OneID dialect.
async fn clients(ctx: &Ctx) -> Result<(), provider::service::ProviderError> {
    use provider::domain::client::{Auth, Client, Grant, OneIdProfile, SubjectType};
    use provider::domain::jose::Alg;
    let scopes = ["openid", "profile", "email", "phone", "address", "pinfl", "offline_access"];
    let shop = Client {
        id: "demo-shop".to_owned(),
        name: "Namuna do‘kon (demo)".to_owned(),
        owner: "Namuna savdo MChJ (demo)".to_owned(),
        contact: "demo@namuna.example".to_owned(),
        purpose: Text::new(
            "Buyurtmani sizning nomingizga yozish uchun",
            "Buyırtpanı sizdiń atıńızǵa jazıw ushın",
            "Чтобы оформить заказ на ваше имя",
            "To write the order in your name",
        ),
        site: None,
        redirect_uris: vec!["http://127.0.0.1/callback".to_owned()],
        post_logout_uris: Vec::new(),
        backchannel_logout_uri: None,
        scopes: scopes.map(str::to_owned).to_vec(),
        grants: vec![Grant::Code, Grant::Refresh, Grant::Device],
        auth: Auth::None,
        jwks: None,
        subject_type: SubjectType::Pairwise,
        sector_host: None,
        id_token_alg: Alg::Es256,
        require_par: false,
        require_dpop: false,
        least: None,
        consent_days: 365,
        oneid_profile: None,
        introspects: false,
    };
    let old = Client {
        id: "demo-oneid".to_owned(),
        name: "Namuna tizim (demo)".to_owned(),
        owner: "Namuna tashkiloti (demo)".to_owned(),
        purpose: Text::new(
            "Arizangizni to‘ldirish uchun",
            "Arzańızdı toltırıw ushın",
            "Чтобы заполнить ваше заявление",
            "To fill in your application",
        ),
        redirect_uris: ["https://eski-tizim.example/callback", "http://127.0.0.1:9000/callback"]
            .map(str::to_owned)
            .to_vec(),
        sector_host: Some("eski-tizim.example".to_owned()),
        scopes: ["openid", "profile", "pinfl", "passport"].map(str::to_owned).to_vec(),
        grants: Vec::new(),
        auth: Auth::Post,
        oneid_profile: Some(OneIdProfile::Current),
        ..shop.clone()
    };
    provider::service::clients::seed(ctx, &shop, None).await?;
    provider::service::clients::seed(ctx, &old, Some(CLIENT_SECRET)).await
}

/// What the population register proves (`services/registers.yaml`).
fn reliefs(person: &registries::demo::Person) -> Vec<String> {
    let Some(record) = person.registers.get("population") else { return Vec::new() };
    let mut codes = Vec::new();
    if record["social_register"].as_bool() == Some(true) {
        codes.push("social_register".to_owned());
    }
    if matches!(record["disability_group"].as_i64(), Some(1 | 2)) {
        codes.push("disability_1_2".to_owned());
    }
    if record["orphan"].as_bool() == Some(true) {
        codes.push("orphan".to_owned());
    }
    codes
}

/// Services for which demo applications are filed at the same time.
const AT_ONCE: usize = 32;

/// Some cases, so that no queue is empty: each service that officials decide, asked for by the first people who may.
async fn cases(ctx: &Ctx, subjects: &[SubjectId]) -> Result<bool, String> {
    let first = subjects.first().copied().ok_or("there are no demo people")?;
    let none = applications::service::citizen::list(ctx, first, Default::default(), None, 1)
        .await
        .map_err(|error| error.to_string())?
        .is_empty();
    if !none {
        return Ok(false);
    }
    let services = ctx.ports.catalog.all(ctx).await.map_err(|error| error.to_string())?;
    // Side by side, so that what they write shares commits.
    let each = services.iter().enumerate().map(|(at, definition)| async move {
        // Not everybody may ask for everything (no children, no lorry, too old): whoever may, until three have.
        let mut made = 0;
        for turn in 0..subjects.len() {
            let who = (at * 3 + turn) % subjects.len();
            let service = definition.code().as_str();
            match ask(ctx, subjects[who], service).await {
                Ok(()) => made += 1,
                Err(refusal) => tracing::debug!(service, refusal, "this person cannot ask for this service"),
            }
            if made == 3 {
                break;
            }
        }
    });
    stream::iter(each).buffer_unordered(AT_ONCE).collect::<()>().await;
    Ok(true)
}

/// An empty page, for evidence of invented people.
const SAMPLE_PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

async fn ask(ctx: &Ctx, subject: SubjectId, service: &str) -> Result<(), String> {
    let open = drafts::start(ctx, subject, service, Channel::Web).await.map_err(|error| error.to_string())?;
    let answers = open.definition.sample_answers(&open.facts);
    let answers = answers.iter().map(|(field, value)| (field.clone(), value.clone())).collect();
    let saved = drafts::save_json(ctx, subject, open.draft.id, &answers, None).await;
    let sent = match saved {
        Ok((_, missing)) => {
            // What is still missing is evidence.
            let mut done = Ok(());
            for field in missing.iter().map(|error| error.field.as_str()) {
                let stored = files::upload(ctx, subject, open.draft.id, field, "namuna.pdf", SAMPLE_PDF).await;
                done = done.and(stored.map(|_| ()).map_err(|error| format!("{field}: {error}")));
            }
            let submission = submit::Submission { draft: open.draft.id, confirmed: true, lang: Lang::Uz, key: None };
            match done {
                Ok(()) => submit::submit(ctx, subject, &submission).await.map(|_| ()).map_err(|e| e.to_string()),
                Err(problem) => Err(problem),
            }
        }
        Err(error) => Err(error.to_string()),
    };
    if sent.is_err() {
        drafts::discard(ctx, subject, open.draft.id).await.map_err(|error| error.to_string())?;
    }
    sent
}

/// Every second invoice of these people is paid at the demo bank, by the protocol and nothing else, so that officials have
/// something to do. What does not work out stays unpaid.
pub async fn pay_some(ctx: Ctx, applicants: Vec<SubjectId>, bank: String) {
    for subject in applicants {
        // The invoice comes a moment after the application.
        for _ in 0..40 {
            let invoices = payments::service::list(&ctx, subject, None, 20).await.unwrap_or_default();
            let cases = applications::service::citizen::list(&ctx, subject, Default::default(), None, 20).await;
            let waiting = cases.map(|rows| rows.iter().any(|row| row.stage == "payment")).unwrap_or(false);
            if waiting && invoices.is_empty() {
                tokio::time::sleep(std::time::Duration::from_millis(250)).await;
                continue;
            }
            for invoice in invoices.iter().step_by(2) {
                let Some(url) = payments::service::checkout_url(&ctx, invoice, Lang::Uz) else { return };
                let order = url.trim_start_matches(&bank).trim_start_matches('/').to_owned();
                let (pay, id) = (format!("{bank}/pay"), ctx.rng.token(18));
                let paid = tokio::task::spawn_blocking(move || {
                    let agent: ureq::Agent = ureq::Agent::config_builder()
                        .max_redirects(0)
                        .timeout_global(Some(std::time::Duration::from_secs(10)))
                        .build()
                        .into();
                    agent.post(&pay).send_form([
                        ("order", order.as_str()),
                        ("id", id.as_str()),
                        ("card", "ok"),
                        ("lang", "uz"),
                    ])
                });
                if !matches!(paid.await, Ok(Ok(_))) {
                    tracing::debug!("the demo bank did not take a payment");
                }
            }
            break;
        }
    }
}

/// Tells the newcomer where to go.
pub fn greet(url: &str, bank: &str) {
    let people = registries::demo::people();
    println!("\nPeshtoq demo: {url}\n");
    println!("  people and passwords   {url}/uz/demo");
    println!("  demo phone (SMS)       {url}/uz/demo/phone");
    println!("  demo bank              {bank}");
    println!("  for officials          {url}/uz/staff/sign-in");
    println!("  API                    {url}/api/v1/openapi.json\n");
    println!("  sign-in for systems    {url}/.well-known/openid-configuration");
    println!("    demo-shop            PKCE, http://127.0.0.1:<any port>/callback");
    println!("    demo-oneid           OneID dialect at {url}/sso/oauth/Authorization.do, secret {CLIENT_SECRET}");
    println!("  everybody's password   {PASSWORD}");
    if let Some(person) = people.first() {
        let login = person.pinfl.map_or_else(|| person.passport.as_str().to_owned(), |pinfl| pinfl.as_str().to_owned());
        println!("  a citizen              {login}   {}", person.full_name());
    }
    for member in
        staff().iter().filter(|member| ["av-xodim", "iiv-rahbar", "operator"].contains(&member.login.as_str()))
    {
        println!("  {:<22} {}   {}", member.unit.as_str(), member.login, member.name);
    }
    println!("\n  Ctrl-C ends it.\n");
}
