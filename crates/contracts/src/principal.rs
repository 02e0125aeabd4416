//! Who asks: the person or official behind a request, for whom, how sure we are, through which channel.

use kernel::id::{AccountId, SessionId, StaffId, SubjectId};
use serde::{Deserialize, Serialize};

/// How a signed-in request is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    pub account: AccountId,
    pub session: SessionId,
    pub who: Who,
    /// Name to greet with; personal data, never logged.
    pub display_name: String,
    pub assurance: Assurance,
    pub channel: Channel,
}

/// A citizen acting for a subject, or an official acting in a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A person with a cabinet. `subject` is the person (or, later, whom they represent).
    Citizen { subject: SubjectId },
    /// A member of the staff of an agency.
    Official { staff: StaffId, unit: UnitRef, roles: Vec<Role> },
}

impl Principal {
    /// The subject of a citizen; `None` for an official.
    pub fn subject(&self) -> Option<SubjectId> {
        match &self.who {
            Who::Citizen { subject } => Some(*subject),
            Who::Official { .. } => None,
        }
    }

    /// Whether the principal is an official who holds the role.
    pub fn has_role(&self, role: Role) -> bool {
        matches!(&self.who, Who::Official { roles, .. } if roles.contains(&role))
    }
}

/// What an official may do, within the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Works cases.
    Official,
    /// Sees the unit's load, assigns, decides appeals.
    Head,
    /// Votes in a commission.
    Commission,
    /// Runs the platform: jobs, providers, health. Sees no personal data.
    Operator,
    /// Writes definitions of the agency's services.
    ServiceAuthor,
    /// Reads and approves what authors wrote.
    Reviewer,
    /// Puts in force, suspends, rolls back.
    Publisher,
    /// Gives and withdraws the roles of the agency's staff, within what the platform allows.
    StaffAdmin,
}

impl Role {
    pub const ALL: [Role; 8] = [
        Role::Official,
        Role::Head,
        Role::Commission,
        Role::Operator,
        Role::ServiceAuthor,
        Role::Reviewer,
        Role::Publisher,
        Role::StaffAdmin,
    ];

    /// Stable name, as stored.
    pub fn name(self) -> &'static str {
        match self {
            Role::Official => "official",
            Role::Head => "head",
            Role::Commission => "commission",
            Role::Operator => "operator",
            Role::ServiceAuthor => "service_author",
            Role::Reviewer => "reviewer",
            Role::Publisher => "publisher",
            Role::StaffAdmin => "staff_admin",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == text)
    }
}

/// How surely the person was identified, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    Open,
    Password,
    Otp,
    Face,
    Signature,
}

/// Through what the person comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Web,
    Api,
    Mobile,
    Dxm,
    Kiosk,
}

impl Channel {
    /// Stable name, as stored and as in definitions.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Web => "web",
            Channel::Api => "api",
            Channel::Mobile => "mobile",
            Channel::Dxm => "dxm",
            Channel::Kiosk => "kiosk",
        }
    }
}

/// A unit of an agency: the agency's code and, for a territorial unit, the SOATO code of its area.
///
/// Text form: `AV`, `AV.1726`, `AV.1726266`. A unit covers every unit whose text starts with its own and a dot or digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitRef(String);

impl UnitRef {
    /// Puts a unit together; `area` is empty for the central office.
    pub fn new(agency: &str, area: &str) -> Self {
        if area.is_empty() { Self(agency.to_owned()) } else { Self(format!("{agency}.{area}")) }
    }

    /// Reads the text form; anything is a unit, an unknown one just has no cases.
    pub fn parse(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Code of the agency.
    pub fn agency(&self) -> &str {
        self.0.split('.').next().unwrap_or(&self.0)
    }

    /// SOATO digits of the area, empty for the central office.
    pub fn area(&self) -> &str {
        self.0.split_once('.').map_or("", |(_, area)| area)
    }

    /// Whether cases of `other` belong to this unit or to one below it.
    ///
    /// Rule: APP-UNIT.
    /// Source: agencies are built centre → region → district (uz-data §4).
    pub fn covers(&self, other: &UnitRef) -> bool {
        self.agency() == other.agency() && other.area().starts_with(self.area())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_covers_its_districts_and_no_other_agency() {
        let region = UnitRef::new("IIV", "1726");
        assert!(region.covers(&UnitRef::parse("IIV.1726266")));
        assert!(region.covers(&region));
        assert!(UnitRef::parse("IIV").covers(&region));
        assert!(!region.covers(&UnitRef::parse("IIV.1727")));
        assert!(!region.covers(&UnitRef::parse("AV.1726266")));
        assert!(!UnitRef::parse("IIV.1726266").covers(&region));
    }
}
