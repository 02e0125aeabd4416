//! Acting under a mandate: begun, counted when it is sent, listed for the organisation.

use applications::domain::behalf::BehalfRefused;
use applications::service::behalf::Whom;
use applications::service::drafts::{self, Entry};
use applications::service::submit::{Submission, submit};
use applications::service::{Error, acting};
use contracts::mandates::{Acting, Grantor, Held, MandateRefused};
use contracts::{Assurance, Channel};
use definition::BehalfKind;
use kernel::id::Uuid;
use kernel::lang::Lang;
use kernel::person::{Pinfl, Stir};
use serde_json::json;
use storage::testing::each_backend;

use crate::world::World;
use crate::{birth_record, migrations};

fn stir() -> Stir {
    Stir::parse("300000009").unwrap()
}

fn of_firm() -> Held {
    let grantor = Grantor::Organisation { stir: stir(), name: "“Namuna” MChJ".into() };
    Held { mandate: Uuid::nil(), number: "M-AAAABBBB".into(), grantor }
}

fn of_person() -> Held {
    let grantor = Grantor::Person {
        pinfl: Pinfl::parse("30211880261028").unwrap(),
        surname: "Karimov".into(),
        name: "Jasur".into(),
        patronymic: String::new(),
        birth_date: None,
    };
    Held { mandate: Uuid::nil(), number: "M-CCCCDDDD".into(), grantor }
}

fn entry(whom: Whom) -> Entry {
    Entry { channel: Channel::Web, known: Assurance::Otp, whom }
}

#[tokio::test]
async fn a_mandate_opens_the_form_and_is_counted_when_it_is_sent() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        world.say("tax", json!({"organisations": []}));
        let firm = Whom::Numbered { kind: BehalfKind::Organisation, number: stir().as_str().to_owned() };
        let begin = |whom: &Whom| drafts::begin(ctx, world.nodira, "9004", entry(whom.clone()));
        assert!(matches!(begin(&firm).await, Err(Error::Behalf(BehalfRefused::NotRepresented))), "no mandate");
        world.mandate(Some((of_firm(), Err(MandateRefused::Amount))));
        let open = begin(&firm).await.unwrap();
        let one = open.draft.behalf.clone().unwrap();
        assert_eq!(
            (one.full_name().as_str(), one.ground.as_str(), one.register.as_str()),
            ("“Namuna” MChJ", "M-AAAABBBB", "mandates")
        );
        drafts::save_page(ctx, world.nodira, open.draft.id, 1, &birth_record()).await.unwrap();
        let submission = Submission { draft: open.draft.id, confirmed: true, lang: Lang::Uz, key: None };
        let refused = submit(ctx, world.nodira, &submission).await;
        assert!(matches!(refused, Err(Error::Behalf(BehalfRefused::Mandate(MandateRefused::Amount)))), "{refused:?}");
        assert!(acting::sent_for(ctx, world.nodira, &stir(), None, 10).await.unwrap().1.is_empty());

        world.mandate(Some((of_firm(), Ok(()))));
        let receipt = submit(ctx, world.nodira, &submission).await.unwrap();
        world.drain().await;
        let (name, sent) = acting::sent_for(ctx, world.nodira, &stir(), None, 10).await.unwrap();
        assert_eq!((name.as_str(), sent.len(), sent[0].case), ("“Namuna” MChJ", 1, receipt.case));
        assert!(sent[0].actor.contains("Nodira"), "who sent it is told");
        world.mandate(None);
        assert!(matches!(begin(&firm).await, Err(Error::Behalf(BehalfRefused::NotRepresented))), "revoked");
        let hidden = acting::sent_for(ctx, world.alisher, &stir(), None, 10).await;
        assert!(matches!(hidden, Err(Error::NotFound)), "nobody else sees what was sent for the firm");
    })
    .await;
}

#[tokio::test]
async fn a_power_given_in_the_portal_is_listed_and_taken_by_its_number() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        world.mandate(Some((of_person(), Ok(()))));
        // As people type it; the register of notaries is not asked for it.
        world.away("attorneys", true);
        let typed = Whom::Attorney { number: "m cccc-dddd".into() };
        let open = drafts::begin(ctx, world.nodira, "9004", entry(typed)).await.unwrap();
        let one = open.draft.behalf.unwrap();
        assert_eq!(
            (one.kind, one.full_name().as_str(), one.ground.as_str()),
            (BehalfKind::Attorney, "Karimov Jasur", "M-CCCCDDDD")
        );
        let definition = world.definition("9004");
        let choices = drafts::choices(ctx, world.nodira, &definition).await.unwrap();
        assert!(choices.listed.iter().any(|choice| choice.represented.ground == "M-CCCCDDDD"));

        let everybody = acting::everybody(ctx, world.nodira).await.unwrap();
        let chosen = Acting {
            person: world.nodira,
            kind: "attorney".into(),
            key: "30211880261028".into(),
            name: "Karimov Jasur".into(),
        };
        assert!(acting::preselected(&everybody, &chosen).is_some());
        let other = Acting { key: "32309850181118".into(), ..chosen };
        assert!(acting::preselected(&everybody, &other).is_none(), "a choice that is no right any more ticks nothing");
        let principal = ctx.ports.sessions.principal(ctx, "citizen").await.unwrap().unwrap();
        let stranger = acting::Chosen::Listed("made up".into());
        assert!(acting::choose(ctx, world.nodira, &principal, &stranger).await.is_err());
    })
    .await;
}
