//! The demo provider: a table that `/demo/phone` shows.

use async_trait::async_trait;
use contracts::Ctx;
use storage::Batch;

use super::{EmailSender, Letter, SmsSender};
use crate::domain::delivery::{Channel, Outcome};
use crate::store;

pub(super) struct Demo;

#[async_trait]
impl SmsSender for Demo {
    async fn send(&self, ctx: &Ctx, letter: &Letter) -> Outcome {
        put(ctx, Channel::Sms, letter).await
    }
}

#[async_trait]
impl EmailSender for Demo {
    async fn send(&self, ctx: &Ctx, letter: &Letter) -> Outcome {
        put(ctx, Channel::Email, letter).await
    }
}

async fn put(ctx: &Ctx, channel: Channel, letter: &Letter) -> Outcome {
    let mut batch = Batch::system();
    store::insert_phone(&mut batch, channel, letter, ctx.now());
    match ctx.db.commit(batch).await {
        Ok(()) => Outcome::Taken { provider_id: letter.id.to_string() },
        Err(error) => Outcome::Later { why: error.to_string() },
    }
}
