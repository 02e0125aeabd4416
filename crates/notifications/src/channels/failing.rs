//! A provider that fails on purpose: for tests and for rehearsals of an outage.

use std::sync::Mutex;

use async_trait::async_trait;
use contracts::Ctx;

use super::{EmailSender, Letter, SmsSender};
use crate::domain::delivery::Outcome;

/// Answers with the outcomes it was given, the last one for ever, and remembers what it was asked to send.
pub struct Failing {
    answers: Mutex<Vec<Outcome>>,
    asked: Mutex<Vec<Letter>>,
}

impl Failing {
    /// Fails for ever.
    pub fn always(why: &str) -> Self {
        Self::script(vec![Outcome::Later { why: why.to_owned() }])
    }

    /// Fails `times` and then takes everything.
    pub fn first(times: usize) -> Self {
        let mut answers = vec![Outcome::Later { why: "rehearsed".to_owned() }; times];
        answers.push(Outcome::Taken { provider_id: "rehearsed".to_owned() });
        Self::script(answers)
    }

    /// Answers in this order; the last answer stays.
    pub fn script(answers: Vec<Outcome>) -> Self {
        Self { answers: Mutex::new(answers), asked: Mutex::new(Vec::new()) }
    }

    /// What it was asked to send so far.
    pub fn asked(&self) -> Vec<Letter> {
        self.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn answer(&self, letter: &Letter) -> Outcome {
        self.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(letter.clone());
        let mut answers = self.answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match answers.len() {
            0 => Outcome::Later { why: "no answer was rehearsed".to_owned() },
            1 => answers[0].clone(),
            _ => answers.remove(0),
        }
    }
}

#[async_trait]
impl SmsSender for Failing {
    async fn send(&self, _ctx: &Ctx, letter: &Letter) -> Outcome {
        self.answer(letter)
    }
}

#[async_trait]
impl EmailSender for Failing {
    async fn send(&self, _ctx: &Ctx, letter: &Letter) -> Outcome {
        self.answer(letter)
    }
}
