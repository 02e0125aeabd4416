//! Roles of staff: who may give which, for how long, who has to confirm, when they are looked at again.

use contracts::{Role, UnitRef};
use kernel::clock::Timestamp;

use super::session::plus;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Days until a role has to be confirmed in a review again, unless the operator sets `staff.review_days`.
pub const REVIEW_DAYS: i64 = 90;
/// Days before its end from which a role is shown as ending.
pub const REMIND_DAYS: i64 = 14;

/// Why a role is not given or taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum GrantRefused {
    /// Not an administrator.
    #[error("not an administrator")]
    NoAdmin,
    /// The member belongs to another agency, or to a unit that is not below the administrator's.
    #[error("another unit")]
    OtherUnit,
    /// Nobody gives roles to themselves, confirms or reviews their own.
    #[error("oneself")]
    Oneself,
    /// The platform keeps this role for itself.
    #[error("not an agency's to give")]
    Platform,
    /// It does not go together with a role that the member has.
    #[error("does not go together")]
    Together,
    /// The member has it already, or it waits for a second administrator.
    #[error("has it already")]
    HasIt,
    /// Longer than the platform allows.
    #[error("too long")]
    TooLong,
    /// Whoever gave it cannot confirm it.
    #[error("a second administrator is needed")]
    SecondNeeded,
}

/// An administrator and a member of staff.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    pub admin_unit: &'a UnitRef,
    pub admin_roles: &'a [Role],
    pub member_unit: &'a UnitRef,
    /// They are one and the same.
    pub oneself: bool,
}

/// Whether the administrator has anything to say about the member.
///
/// Rule: IDN-STAFF-ADMIN.
/// Source: issue of the second release ("roles by agency, unit and region, given by that agency's administrator").
///
/// # Errors
/// Why not.
pub fn administers(pair: Pair<'_>) -> Result<(), GrantRefused> {
    if !pair.admin_roles.contains(&Role::StaffAdmin) {
        return Err(GrantRefused::NoAdmin);
    }
    if !pair.admin_unit.covers(pair.member_unit) {
        return Err(GrantRefused::OtherUnit);
    }
    if pair.oneself { Err(GrantRefused::Oneself) } else { Ok(()) }
}

/// Whether a role needs a second administrator.
///
/// Rule: IDN-STAFF-SENSITIVE.
/// Source: ours: who puts services in force, who gives roles, who heads a unit acts for many; four eyes (issue of the second release).
pub fn sensitive(role: Role) -> bool {
    matches!(role, Role::Publisher | Role::StaffAdmin | Role::Head)
}

/// The longest time for which a role is given, days.
///
/// Rule: IDN-STAFF-TERM.
/// Source: ours: a year, half a year for roles that need a second administrator.
pub fn longest_days(role: Role) -> i64 {
    if sensitive(role) { 182 } else { 365 }
}

/// Whether the administrator may give this role to the member for so many days.
///
/// Rule: IDN-STAFF-GRANT.
/// Source: issue of the second release ("within what the platform allows"); separation of duties: who runs the platform works no cases.
///
/// # Errors
/// Why not.
pub fn may_grant(pair: Pair<'_>, member_has: &[Role], role: Role, days: i64) -> Result<(), GrantRefused> {
    administers(pair)?;
    if role == Role::Operator {
        return Err(GrantRefused::Platform);
    }
    if member_has.contains(&role) {
        return Err(GrantRefused::HasIt);
    }
    let works_cases = |role: &Role| matches!(role, Role::Official | Role::Head | Role::Commission);
    if (member_has.contains(&Role::Operator) && works_cases(&role))
        || (role == Role::Reviewer && member_has.contains(&Role::Publisher))
        || (role == Role::Publisher && member_has.contains(&Role::Reviewer))
    {
        return Err(GrantRefused::Together);
    }
    if days < 1 || longest_days(role) < days { Err(GrantRefused::TooLong) } else { Ok(()) }
}

/// When a role is to be looked at again.
///
/// Rule: IDN-STAFF-REVIEW.
/// Source: issue of the second release ("access review page"); the number of days is a setting.
pub fn review_due(since: Timestamp, review_days: i64) -> Timestamp {
    plus(since, review_days.max(1) * DAY)
}

/// Whether a role ends soon enough to be spoken of.
///
/// Rule: IDN-STAFF-REMIND.
/// Source: ours: two weeks.
pub fn ends_soon(expires: Timestamp, now: Timestamp) -> bool {
    now < expires && expires <= plus(now, REMIND_DAYS * DAY)
}

/// The end of a role that is given now.
pub fn expires(now: Timestamp, days: i64) -> Timestamp {
    plus(now, days * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_given_as_the_table_says() {
        let mut seen = 0;
        for line in include_str!("../../tests/data/grants.txt").lines() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let row: Vec<&str> = line.split('|').map(str::trim).collect();
            let roles = |text: &str| text.split(',').filter_map(Role::parse).collect::<Vec<_>>();
            let (admin_unit, member_unit) = (UnitRef::parse(row[0]), UnitRef::parse(row[2]));
            let admin_roles = roles(row[1]);
            let pair = Pair {
                admin_unit: &admin_unit,
                admin_roles: &admin_roles,
                member_unit: &member_unit,
                oneself: row[4] == "yes",
            };
            let role = Role::parse(row[5]).unwrap();
            let said = match may_grant(pair, &roles(row[3]), role, row[6].parse().unwrap()) {
                Ok(()) if sensitive(role) => "second".to_owned(),
                Ok(()) => "yes".to_owned(),
                Err(why) => format!("{why:?}"),
            };
            assert_eq!(said, row[7], "{line}");
            seen += 1;
        }
        assert!(seen >= 20, "the table was read: {seen}");
    }

    #[test]
    fn a_role_is_looked_at_again_and_its_end_is_told_two_weeks_ahead() {
        let now: Timestamp = "2026-11-21T06:00:00Z".parse().unwrap();
        assert_eq!(review_due(now, 90).to_string(), "2027-02-19T06:00:00Z");
        assert!(ends_soon(expires(now, 14), now) && !ends_soon(expires(now, 15), now));
        assert!(!ends_soon(now, now), "what has ended does not end soon");
        assert_eq!((longest_days(Role::Official), longest_days(Role::Head)), (365, 182));
    }
}
