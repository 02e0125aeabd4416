//! `cargo run --release -p storage --example ceiling [postgres://…]`: batches of the size of a submission, through
//! storage and by the bare driver, at 1, 16 and 64 callers, as ratios.

use kernel::clock::Clock;
use kernel::id::{CaseId, SubjectId};
use kernel::rng::{Rng, SystemRng};
use storage::{Batch, Db, Migration, audit, bench, idempotency, outbox, params};
use uuid::Uuid;

const TABLES: &[Migration] = &[Migration {
    module: "ceiling",
    version: 1,
    name: "tables",
    sql: "create table ceiling_cases (
              subject_id uuid not null, id uuid not null, number text not null, state text not null,
              answers text not null, due bigint not null, version bigint not null, primary key (subject_id, id));
          create table ceiling_events (
              subject_id uuid not null, case_id uuid not null, seq bigint not null, at bigint not null,
              kind text not null, body text not null, hash bytea not null, primary key (subject_id, case_id, seq));",
}];

storage::statement!(
    CASE,
    "insert into ceiling_cases (subject_id, id, number, state, answers, due, version) values ($1, $2, $3, $4, $5, $6, 1)"
);
storage::statement!(
    EVENT,
    "insert into ceiling_events (subject_id, case_id, seq, at, kind, body, hash) values ($1, $2, $3, $4, $5, $6, $7)"
);

/// The case, two events, an event for others, the saved answer and an audit entry.
fn submission(n: u64) -> Batch {
    let rng = &SystemRng;
    let now = kernel::clock::SystemClock.now();
    let subject = SubjectId::new(now, rng);
    let case = CaseId::new(now, rng);
    let answers = "{\"birth_place\":\"Toshkent\",\"address\":\"Yunusobod 4\",\"reason\":\"…\"}".repeat(8);
    let mut batch = Batch::new(subject);
    batch.step(&CASE, params![subject, case, format!("298-{n}"), "work", answers.as_str(), now]);
    for seq in 1..=2 {
        batch.step(&EVENT, params![subject, case, seq, now, "submitted", answers.as_str(), vec![7_u8; 32]]);
    }
    outbox::put(&mut batch, now, rng, "ceiling.submitted", &serde_json::json!({ "case": case.to_string() }));
    idempotency::record(&mut batch, now, &rng.token(16), "hash", "{\"number\":\"298\"}");
    let entry = audit::AuditEntry {
        at: now,
        actor: Uuid::nil(),
        actor_name: "self".to_owned(),
        action: "case.submit".to_owned(),
        reason: String::new(),
        object: format!("298-{n}"),
    };
    audit::record(&mut batch, rng, entry);
    batch
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::env::temp_dir().join(format!("peshtoq-ceiling-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let mut urls = vec![format!("sqlite:{}/a.db", dir.display())];
    urls.extend(std::env::args().nth(1));
    for url in &urls {
        let db = Db::open(url).await?;
        db.migrate(TABLES).await?;
        for clients in [1_usize, 16, 64] {
            let count = if clients == 1 { 1000 } else { 6000 };
            let make = |_| (0..count).map(submission).collect::<Vec<_>>();
            // Interleaved rounds, so that a busy neighbour hits both; the medians are compared.
            let (mut bare, mut ours) = (Vec::new(), Vec::new());
            for round in 0..5 {
                bare.push(
                    bench::ceiling(url, vec![bench::Round { before: Vec::new(), timed: make(round) }], clients).await?,
                );
                ours.push(bench::replay(&db, make(round), clients).await?);
            }
            bare.sort_by(|a, b| a.per_second().total_cmp(&b.per_second()));
            ours.sort_by(|a, b| a.per_second().total_cmp(&b.per_second()));
            let (bare, ours) = (bare[2], ours[2]);
            println!(
                "{:?} {clients:>2} callers: storage {:>6.0}/s {:>4.0} µs cpu · bare driver {:>6.0}/s {:>4.0} µs cpu · ratio {:.2}",
                db.backend(),
                ours.per_second(),
                ours.cpu_micros(),
                bare.per_second(),
                bare.cpu_micros(),
                ours.per_second() / bare.per_second(),
            );
        }
    }
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
