//! Which events notifications act on.

use std::time::Duration;

use contracts::Event;
use contracts::notifications::{CodeRequested, NoticeRequested};
use web::module::{Periodic, Subscriber};

use crate::service::{self, EmailWaits, SmsWaits};

/// Notices, codes, and the two ways out: a job each, so that one that fails holds up no other.
pub(crate) fn subscribers() -> Vec<Subscriber> {
    vec![
        Subscriber {
            topic: NoticeRequested::TOPIC,
            name: "notifications.put_into_inbox",
            run: |ctx, delivery| Box::pin(service::on_notice(ctx, delivery)),
        },
        Subscriber {
            topic: CodeRequested::TOPIC,
            name: "notifications.send_code",
            run: |ctx, delivery| Box::pin(service::on_code(ctx, delivery)),
        },
        Subscriber {
            topic: SmsWaits::TOPIC,
            name: "notifications.send_sms",
            run: |ctx, delivery| Box::pin(service::on_sms(ctx, delivery)),
        },
        Subscriber {
            topic: EmailWaits::TOPIC,
            name: "notifications.send_email",
            run: |ctx, delivery| Box::pin(service::on_email(ctx, delivery)),
        },
    ]
}

/// The demo phone forgets.
pub(crate) fn periodic() -> Vec<Periodic> {
    vec![Periodic {
        name: "notifications.forget_demo_phone",
        every: Duration::from_secs(3600),
        run: |ctx| Box::pin(service::forget_phone(ctx)),
    }]
}
