use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use storage::testing::{self, each_backend};
use storage::{Batch, Db, Error, Value, params};
use uuid::Uuid;

use crate::{COUNT_ITEMS, INSERT_ITEM, ITEMS, TABLES, subject, uuid};

#[tokio::test]
async fn values_come_back_as_they_went_in() {
    each_backend(TABLES, |db| async move {
        let who = subject();
        let u = uuid();
        let mut batch = Batch::new(who);
        batch.step(
            &INSERT_ITEM,
            params![who, Uuid::from_u128(1), i64::MIN, "Тошкент ‘o’ \u{1F3DB} \r\n", vec![0_u8, 255, 1], u],
        );
        batch.step(&INSERT_ITEM, params![who, Uuid::from_u128(2), i64::MAX, "", Vec::<u8>::new(), Uuid::nil()]);
        batch.step(&INSERT_ITEM, params![who, Uuid::from_u128(3), Value::Null, Value::Null, Value::Null, Value::Null]);
        db.commit(batch).await.unwrap();
        let rows = db.query(&ITEMS, params![who]).await.unwrap();
        assert_eq!(rows[0].i64(0).unwrap(), i64::MIN);
        assert_eq!(rows[0].text(1).unwrap(), "Тошкент ‘o’ \u{1F3DB} \r\n");
        assert_eq!(rows[0].blob(2).unwrap(), [0, 255, 1]);
        assert_eq!(rows[0].uuid(3).unwrap(), u);
        assert_eq!(rows[1].i64(0).unwrap(), i64::MAX);
        assert_eq!(rows[1].text(1).unwrap(), "");
        assert_eq!(rows[1].blob(2).unwrap(), [0_u8; 0]);
        assert_eq!(rows[1].uuid(3).unwrap(), Uuid::nil());
        assert_eq!(rows[2].opt_i64(0).unwrap(), None);
        assert_eq!(rows[2].opt_text(1).unwrap(), None);
        assert_eq!(rows[2].opt_blob(2).unwrap(), None);
        assert_eq!(rows[2].opt_uuid(3).unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_getter_of_another_type_is_an_error() {
    each_backend(TABLES, |db| async move {
        let who = subject();
        let mut batch = Batch::new(who);
        batch.step(&INSERT_ITEM, params![who, uuid(), 5, "five", vec![5_u8], Value::Null]);
        db.commit(batch).await.unwrap();
        let row = db.query_opt(&ITEMS, params![who]).await.unwrap().unwrap();
        assert!(matches!(row.text(0), Err(Error::Column { column: 0, .. })));
        assert!(matches!(row.i64(1), Err(Error::Column { column: 1, .. })));
        assert!(matches!(row.uuid(2), Err(Error::Column { column: 2, .. })));
        assert!(matches!(row.uuid(3), Err(Error::Column { column: 3, found: "null", .. })));
        assert!(matches!(row.date(1), Err(Error::Column { .. })));
        assert!(matches!(row.i64(9), Err(Error::Column { column: 9, .. })));
    })
    .await;
}

#[tokio::test]
async fn counts_sums_and_conditions_are_whole_numbers() {
    each_backend(TABLES, |db| async move {
        let row = db.query_opt(&COUNT_ITEMS, params![7]).await.unwrap().unwrap();
        assert_eq!((row.i64(0).unwrap(), row.opt_i64(1).unwrap(), row.bool(3).unwrap()), (0, None, false));
        for n in [7, 20_000, -123_456_789_012_345, 100_000_000] {
            db.commit(crate::item(subject(), n)).await.unwrap();
        }
        let row = db.query_opt(&COUNT_ITEMS, params![7]).await.unwrap().unwrap();
        assert_eq!(row.i64(0).unwrap(), 4);
        assert_eq!(row.i64(1).unwrap(), 7 + 20_000 - 123_456_789_012_345 + 100_000_000);
        assert_eq!(row.i64(2).unwrap(), 100_000_000);
        assert!(row.bool(3).unwrap());
    })
    .await;
}

#[tokio::test]
async fn what_one_database_would_refuse_is_refused_on_both() {
    each_backend(TABLES, |db| async move {
        let who = subject();
        let mut batch = Batch::new(who);
        batch.step(&INSERT_ITEM, params![who, uuid(), 1, "a\0b", Value::Null, Value::Null]);
        assert!(db.commit(batch).await.is_err());
        assert!(matches!(db.query(&ITEMS, params![]).await, Err(Error::Param { number: 1, .. })));
        assert!(matches!(db.query(&ITEMS, params![who, 1]).await, Err(Error::Param { number: 2, .. })));
        assert!(db.query(&ITEMS, params![who]).await.unwrap().is_empty());
    })
    .await;
}

#[test]
fn debug_output_shows_no_personal_data() {
    let shown = format!("{:?}", params!["Aziza Karimova", 31_504_800_000_017_i64, uuid()]);
    assert_eq!(shown, "[Text(14 bytes), Int, Uuid]");
}

fn rows() -> impl Strategy<Value = Vec<(Option<i64>, Option<String>, Option<Vec<u8>>, Option<u128>)>> {
    let text = "\\PC{0,40}".prop_map(|t| t.replace('\0', ""));
    let row = (
        any::<Option<i64>>(),
        proptest::option::of(text),
        proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40)),
        any::<Option<u128>>(),
    );
    proptest::collection::vec(row, 1..12)
}

fn round_trip(runtime: &tokio::runtime::Runtime, db: &Db) {
    let mut runner = TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&rows(), |rows| {
        runtime.block_on(async {
            let who = subject();
            let mut batch = Batch::new(who);
            let mut seen = std::collections::HashSet::new();
            let mut expected = Vec::new();
            for (i, (n, t, b, u)) in rows.into_iter().enumerate() {
                // A text is unique within a subject here.
                let t = t.filter(|t| seen.insert(t.clone()));
                let u = u.map(Uuid::from_u128);
                batch.step(&INSERT_ITEM, params![who, Uuid::from_u128(i as u128), n, t.clone(), b.clone(), u]);
                expected.push((n, t, b, u));
            }
            db.commit(batch).await.map_err(|e| TestCaseError::fail(format!("{e:?}")))?;
            let found = db.query(&ITEMS, params![who]).await.map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(found.len(), expected.len());
            for (row, (n, t, b, u)) in found.iter().zip(expected) {
                prop_assert_eq!(row.opt_i64(0).unwrap(), n);
                prop_assert_eq!(row.opt_text(1).unwrap(), t.as_deref());
                prop_assert_eq!(row.opt_blob(2).unwrap(), b.as_deref());
                prop_assert_eq!(row.opt_uuid(3).unwrap(), u);
            }
            Ok(())
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn any_values_come_back_as_they_went_in() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let sqlite = runtime.block_on(testing::sqlite(TABLES));
    round_trip(&runtime, &sqlite.db);
    if let Some(postgres) = runtime.block_on(testing::postgres(TABLES)) {
        round_trip(&runtime, &postgres.db);
        runtime.block_on(postgres.remove());
    }
}
