use catalog::search::questions;
use contracts::catalog::Catalog;

use crate::publish::published;

const TUNED: &str = include_str!("../data/search.tsv");
const HELD: &str = include_str!("../data/search-held.tsv");

#[tokio::test]
async fn what_people_type_finds_the_service() {
    let world = published().await;
    for (name, text, show) in [("tuned", TUNED, true), ("held out", HELD, false)] {
        let questions = questions::parse(text).expect("questions");
        let scores = questions::ask(&*world.shelf.search(), &questions);
        println!("{name}: {}", scores.all);
        for (key, score) in scores.by_lang.iter().chain(&scores.by_kind) {
            println!("  {key:<8} {score}");
        }
        if show {
            for (q, found) in &scores.not_first {
                println!("    {} [{}] → {found:?}", q.text, q.right.join(","));
            }
        }
    }
}

#[tokio::test]
async fn nonsense_finds_nothing() {
    let world = published().await;
    for question in ["xyzzy qwrtp", "🙂", "'''", "   ", "0000000"] {
        assert!(world.shelf.find(&world.ctx, question, 5).await.expect("an answer").is_empty(), "{question}");
    }
}
