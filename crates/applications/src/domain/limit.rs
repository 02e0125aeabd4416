//! Places under a limit by key.

use kernel::id::CaseId;

/// The place that a further application takes: the lowest free one, or none while as many are open as there may be.
///
/// `taken` are the places of all open applications with the same key. Two that look at the same moment find the same place;
/// one of them gets it.
///
/// Rule: APP-LIMIT-PLACE.
/// Source: key `access.limit` of the definition (DEF-LIMIT); ADR 0002 (uniqueness through a small claim table).
pub fn free_place(taken: &[i64], open: u32) -> Option<i64> {
    let open = i64::from(open);
    if i64::try_from(taken.len()).unwrap_or(i64::MAX) >= open {
        return None;
    }
    (0..open).find(|place| !taken.contains(place))
}

/// The place of a case that an appeal opens again: its own, above all limits. A right to appeal is never refused because somebody
/// has applied anew in between; a further application counts it all the same.
///
/// Rule: APP-LIMIT-REOPENED.
/// Source: Law on administrative procedures (appeal against a decision); key `access.limit` of the definition.
pub fn reopened_place(case: CaseId) -> i64 {
    let bytes = case.uuid().into_bytes();
    let random: [u8; 8] = [0, 0, bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]];
    (1 << 48) | i64::from_be_bytes(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_place_is_taken_until_none_is_left() {
        assert_eq!(free_place(&[], 1), Some(0));
        assert_eq!(free_place(&[0], 1), None);
        assert_eq!(free_place(&[0], 2), Some(1));
        assert_eq!(free_place(&[1], 2), Some(0));
        assert_eq!(free_place(&[0, 1], 2), None);
        assert_eq!(free_place(&[], 0), None);
    }

    #[test]
    fn a_case_that_an_appeal_opened_again_is_counted_beside_the_places() {
        let case = CaseId::from_uuid(uuid::Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0005));
        let place = reopened_place(case);
        assert!(place > i64::from(u32::MAX));
        assert_eq!(free_place(&[place], 1), None);
        assert_eq!(free_place(&[place], 2), Some(0));
        assert_ne!(place, reopened_place(CaseId::from_uuid(uuid::Uuid::from_u128(6))));
    }
}
