//! Answers of every type on paper.

use contracts::applications::DocumentRow;
use definition::{Facts, compile};
use documents::{MIGRATIONS, service};
use kernel::id::EventId;
use kernel::lang::Lang;
use refdata::RefData;
use uuid::Uuid;

use crate::world::World;

#[tokio::test]
async fn answers_of_every_type_are_printed_in_every_language() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = World::new(test.db.clone());
    let yaml = include_str!("../../../definition/tests/data/good/every_type.yaml");
    let trial = compile(yaml, "every_type.yaml", &RefData::shared()).expect("the service of the tests compiles");
    let case = &trial.golden_cases()[0];
    let mut facts = Facts {
        answers: case.answers.clone(),
        registers: case.registers.clone().into(),
        today: case.today,
        ..Facts::default()
    };
    facts.answers = trial.settled_answers(&facts);
    for (n, lang) in Lang::ALL.into_iter().enumerate() {
        let draft = trial.documents_for("approved", &facts, lang, case.today).remove(0);
        // Ten rows of the definition, two of which are there once for each of the two plots.
        assert_eq!(draft.rows.len(), 12, "{:?}", draft.rows);
        let id = Uuid::from_u128(n as u128 + 1);
        let mut decided = world.decided(id.as_u128(), lang, "certificate", None);
        let rows = draft.rows.into_iter().map(|(label, value)| DocumentRow { label, value });
        decided.documents[0].rows = rows.collect();
        service::issue(&world.ctx, EventId::from_uuid(id), &service::Orders::from(decided.clone()))
            .await
            .expect("issued");
        let document = service::of_case(&world.ctx, world.subject, decided.case.case).await.expect("read").remove(0);
        let pdf = service::pdf(&world.ctx, &document).await.expect("the file");
        assert!(pdf.starts_with(b"%PDF-"), "{}", lang.code());
    }
}
