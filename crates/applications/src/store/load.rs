//! How much lies before units among which work is given out by load.

use std::collections::BTreeMap;

use contracts::UnitRef;
use storage::{Batch, Db, Error, params, statement};

statement!(LOAD_OF, "select area, n from applications_load where agency = $1");
statement!(
    LOAD_COUNT,
    "insert into applications_load (agency, area, n)
     select cast($1 as text), cast($2 as text), count(*) from applications_queue where agency = $1 and area = $2
     on conflict (agency, area) do update set n = excluded.n"
);

/// The load of the units of these agencies that have one, by the text form of the unit.
///
/// # Errors
/// When the store fails.
pub async fn of_agencies(db: &Db, agencies: &[&str]) -> Result<BTreeMap<String, u64>, Error> {
    let mut loads = BTreeMap::new();
    for agency in agencies {
        for row in db.query(&LOAD_OF, params![*agency]).await? {
            let unit = UnitRef::new(agency, row.text(0)?);
            loads.insert(unit.as_str().to_owned(), u64::try_from(row.i64(1)?).unwrap_or(0));
        }
    }
    Ok(loads)
}

/// Counts anew what lies before a unit. The queue is written before it in the same batch, or was.
pub fn count(batch: &mut Batch, unit: &UnitRef) {
    batch.step(&LOAD_COUNT, params![unit.agency(), unit.area()]);
}
