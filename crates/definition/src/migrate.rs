//! Answers of an earlier version, carried over to a later one.

use serde_json::Value as Json;

use crate::definition::Definition;
use crate::model::*;
use crate::scope;

impl Migration {
    /// Stands for every earlier version in `from`.
    pub const ANY: &'static str = "any";
}

impl Definition {
    /// The entry that says how answers of this earlier version are carried over: its own before the one for any.
    pub fn migration_from(&self, earlier: &VersionHash) -> Option<&Migration> {
        let find = |from: &str| self.spec.migrations.iter().find(|migration| migration.from == from);
        find(earlier.as_str()).or_else(|| find(Migration::ANY))
    }

    /// Answers given to an earlier version, as answers of this one. `from` is the version to which the case is pinned, of
    /// which `earlier` has the rules.
    ///
    /// An answer goes to the field of the same id, or where `rename` leads, when the field still takes that type; `set`
    /// fills fields from what was carried over. An answer that has no place here is left out: it stays in the history.
    ///
    /// Rule: DEF-CARRY.
    /// Source: our decision on versions: answers are carried over by the id of the field; ids are never reused.
    pub fn carry(&self, earlier: &Definition, from: &VersionHash, facts: &Facts) -> Answers {
        let migration = self.migration_from(from);
        let mut carried = Answers::new();
        for (id, answer) in &facts.answers {
            let target = migration.and_then(|migration| migration.rename.get(id)).unwrap_or(id);
            let dropped = migration.is_some_and(|migration| migration.drop.contains(id));
            let kind = |definition: &Definition, id: &str| definition.field(id).map(|(_, field)| field.kind);
            let (was, is) = (kind(earlier, id), kind(self, target));
            if !dropped && is.is_some() && (was.is_none() || was == is) {
                carried.insert(target.clone(), answer.clone());
            }
        }
        let Some(migration) = migration else { return carried };
        let mut facts = facts.clone();
        facts.answers = carried;
        for (id, cel) in &migration.set {
            match scope::to_json(&self.eval(cel, &facts)) {
                Json::Null => {}
                answer => drop(facts.answers.insert(id.clone(), answer)),
            }
        }
        facts.answers
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use refdata::RefData;
    use serde_json::json;

    use super::*;
    use crate::compile;

    fn service(edit: impl Fn(String) -> String) -> Definition {
        let text = edit(std::fs::read_to_string(find("298.yaml")).unwrap());
        compile(&text, "298.yaml", &RefData::shared()).unwrap_or_else(|wrong| panic!("{wrong:?}"))
    }

    fn find(name: &str) -> std::path::PathBuf {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
        let groups = std::fs::read_dir(root).unwrap().flatten();
        groups.map(|group| group.path().join(name)).find(|path| path.exists()).unwrap()
    }

    fn answers(list: &[(&str, Json)]) -> Answers {
        list.iter().map(|(id, answer)| ((*id).to_owned(), answer.clone())).collect()
    }

    #[test]
    fn answers_are_carried_by_id_renamed_dropped_and_set() {
        let before = service(|text| text);
        let phone = json!("+998901234567");
        let facts = Facts {
            answers: answers(&[("phone", phone.clone()), ("gone", json!("x")), ("away", json!(1))]),
            ..Facts::default()
        };
        let plain = before.carry(&before, before.version(), &facts);
        assert_eq!(plain, answers(&[("phone", phone.clone())]), "what has no field here is left out");
        let after = service(|text| {
            format!("{text}\nmigrations:\n  - from: any\n    rename: {{old_phone: phone}}\n    drop: [away]\n")
        });
        let facts = Facts { answers: answers(&[("old_phone", phone.clone()), ("away", json!(1))]), ..Facts::default() };
        assert_eq!(after.carry(&before, before.version(), &facts), answers(&[("phone", phone)]));
        assert!(after.migration_from(before.version()).is_some() && before.migration_from(after.version()).is_none());
    }
}
