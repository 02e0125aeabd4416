//! What comes next on the way from an authorization request to its answer.

use contracts::Assurance;
use kernel::clock::Timestamp;

use super::acr;
use super::error::{Code, Refusal};
use super::request::{Prompt, Request};

/// What is known of whoever sits before the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub begun: Timestamp,
    pub assurance: Assurance,
    /// Whether a hint of the request (`id_token_hint`, `claims.sub`) names another person.
    pub other_than_hinted: bool,
}

/// The next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Sign in.
    SignIn,
    /// Sign in although one is signed in already.
    SignInAgain,
    /// Prove more.
    StepUp,
    /// Ask the person.
    Consent,
    /// Give the code.
    Issue,
    Refuse(Refusal),
}

/// Decides the next step. `asked_at`: when the request came; `consented`: whether a remembered consent answers it, or the
/// person has just agreed (`agreed`).
///
/// Rule: SSO-NEXT.
/// Source: OpenID Connect Core 1.0 §3.1.2.1 (`prompt`, `max_age`, `acr_values`), §3.1.2.3, §5.5.1.1; Unmet Authentication Requirements 1.0.
pub fn next(
    request: &Request,
    least: Option<Assurance>,
    asked_at: Timestamp,
    person: Option<SignedIn>,
    consented: bool,
    agreed: bool,
    now: Timestamp,
) -> Next {
    let silent = request.prompt.contains(&Prompt::None);
    let refuse = |code, description| Next::Refuse(Refusal::new(code, description));
    let Some(person) = person else {
        return if silent { refuse(Code::LoginRequired, "nobody is signed in") } else { Next::SignIn };
    };
    let fresh_since = |moment: Timestamp| person.begun >= moment;
    let too_old = request.max_age.is_some_and(|age| {
        // A sign-in after the request is as young as it can be, however long the person then thought about the consent.
        now.as_second() - person.begun.as_second() > age && !fresh_since(asked_at)
    });
    let again = request.prompt.contains(&Prompt::Login) && !fresh_since(asked_at);
    if too_old || again || person.other_than_hinted {
        return match (silent, person.other_than_hinted && fresh_since(asked_at)) {
            (true, _) => refuse(Code::LoginRequired, "the person has to sign in again"),
            (_, true) => refuse(Code::LoginRequired, "another person signed in than the hint names"),
            _ => Next::SignInAgain,
        };
    }
    let essential: Vec<Assurance> = request.wanted.acr.iter().filter_map(|text| acr::parse(text)).collect();
    let needed = essential.iter().min().copied().into_iter().chain(least).max();
    if !request.wanted.acr.is_empty() && essential.is_empty() {
        return refuse(Code::UnmetAuthenticationRequirements, "no such level of assurance");
    }
    let wished = request.acr_values.iter().filter_map(|text| acr::parse(text)).min();
    // What a code by SMS reaches is asked for; the levels above it are the choice of the person at sign-in.
    let reachable = |level: Assurance| level.min(Assurance::Otp);
    let short = |level: Option<Assurance>| level.is_some_and(|level| person.assurance < reachable(level));
    if short(needed) || short(wished) {
        if !silent {
            return Next::StepUp;
        }
        if short(needed) {
            return refuse(Code::InteractionRequired, "the person has to prove more");
        }
    }
    if needed.is_some_and(|level| person.assurance < level) {
        return refuse(Code::UnmetAuthenticationRequirements, "the person did not reach the level of assurance");
    }
    let asks = request.prompt.contains(&Prompt::Consent) || request.prompt.contains(&Prompt::SelectAccount);
    if agreed || (consented && !asks) {
        Next::Issue
    } else if silent {
        refuse(Code::ConsentRequired, "the person has to agree")
    } else {
        Next::Consent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::request::tests::request;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn by(second: i64, assurance: Assurance) -> Option<SignedIn> {
        Some(SignedIn { begun: at(second), assurance, other_than_hinted: false })
    }

    fn code(next: Next) -> &'static str {
        match next {
            Next::Refuse(refusal) => refusal.code.name(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn silence_never_shows_a_page() {
        let request = request(|r| r.prompt = vec![Prompt::None]);
        let ask = |person, consented| next(&request, None, at(100), person, consented, false, at(100));
        assert_eq!(code(ask(None, true)), "login_required");
        assert_eq!(code(ask(by(0, Assurance::Otp), false)), "consent_required");
        assert_eq!(ask(by(0, Assurance::Otp), true), Next::Issue);
    }

    #[test]
    fn signing_in_anew_is_asked_for_once_and_only_a_new_session_answers_it() {
        for spoil in [
            (|r| r.prompt = vec![Prompt::Login]) as fn(&mut Request),
            |r| r.max_age = Some(0),
            |r| r.max_age = Some(50),
        ] {
            let request = request(spoil);
            let ask = |person, now| next(&request, None, at(100), person, true, false, at(now));
            assert_eq!(ask(by(10, Assurance::Otp), 100), Next::SignInAgain);
            assert_eq!(ask(by(120, Assurance::Otp), 500), Next::Issue, "also after thinking it over");
        }
        let request = request(|r| r.max_age = Some(1000));
        assert_eq!(next(&request, None, at(100), by(10, Assurance::Otp), true, false, at(100)), Next::Issue);
    }

    #[test]
    fn a_higher_level_is_asked_for_by_a_step_and_an_essential_one_is_never_left_out() {
        let wish = request(|r| r.acr_values = vec![acr::name(Assurance::Signature).into()]);
        let ask = |r: &Request, level| next(r, None, at(0), by(0, level), true, false, at(1));
        assert_eq!(ask(&wish, Assurance::Password), Next::StepUp);
        assert_eq!(ask(&wish, Assurance::Otp), Next::Issue, "a wish is a wish");
        let must = request(|r| r.wanted.acr = vec![acr::name(Assurance::Face).into()]);
        assert_eq!(ask(&must, Assurance::Password), Next::StepUp);
        assert_eq!(code(ask(&must, Assurance::Otp)), "unmet_authentication_requirements");
        assert_eq!(ask(&must, Assurance::Signature), Next::Issue);
        let unknown = request(|r| r.wanted.acr = vec!["urn:elsewhere".into()]);
        assert_eq!(code(ask(&unknown, Assurance::Signature)), "unmet_authentication_requirements");
        let plain = request(|_| ());
        assert_eq!(
            next(&plain, Some(Assurance::Otp), at(0), by(0, Assurance::Password), true, false, at(1)),
            Next::StepUp
        );
    }

    #[test]
    fn the_person_is_asked_when_the_client_wants_it_and_when_it_is_new() {
        let plain = request(|_| ());
        let ask =
            |r: &Request, consented, agreed| next(r, None, at(0), by(0, Assurance::Otp), consented, agreed, at(1));
        assert_eq!(ask(&plain, false, false), Next::Consent);
        for prompt in [Prompt::Consent, Prompt::SelectAccount] {
            let request = request(|r| r.prompt = vec![prompt]);
            assert_eq!(ask(&request, true, false), Next::Consent);
            assert_eq!(ask(&request, true, true), Next::Issue);
        }
    }

    #[test]
    fn another_person_than_the_hint_names_signs_in_first_and_is_refused_after() {
        let request = request(|_| ());
        let other = |begun| Some(SignedIn { begun: at(begun), assurance: Assurance::Otp, other_than_hinted: true });
        assert_eq!(next(&request, None, at(100), other(0), true, false, at(100)), Next::SignInAgain);
        assert_eq!(code(next(&request, None, at(100), other(120), true, false, at(130))), "login_required");
    }
}
