use catalog::search::questions::{self, Question, Score};
use contracts::catalog::Catalog;
use kernel::script::to_cyrillic;

use crate::publish::published;

const TUNED: &str = include_str!("../data/search.tsv");
const HELD: &str = include_str!("../data/search-held.tsv");

fn read(text: &str) -> Vec<Question> {
    questions::parse(text).expect("questions")
}

fn is_good(name: &str, score: &Score) {
    assert!(score.at_5() >= 0.95 && score.at_1() >= 0.80, "{name}: {score}");
}

#[tokio::test]
async fn what_people_type_finds_the_service() {
    let world = published().await;
    let search = world.shelf.search();
    let (tuned, held) = (read(TUNED), read(HELD));
    assert!(tuned.len() + held.len() >= 300 && held.len() * 3 >= tuned.len() + held.len());
    for (name, list, show) in [("worked on", &tuned, true), ("held out", &held, false)] {
        let scores = questions::ask(&*search, list);
        println!("{name}: {}", scores.all);
        for (key, score) in scores.by_lang.iter().chain(&scores.by_kind) {
            println!("  {key:<8} {score}");
        }
        // Those held out are not shown one by one: who has seen them tunes on them.
        for (question, found) in scores.not_first.iter().filter(|_| show) {
            println!("    {} [{}] → {found:?}", question.text, question.right.join(","));
        }
        is_good(name, &scores.all);
    }
    let all: Vec<Question> = tuned.into_iter().chain(held).collect();
    for (lang, score) in &questions::ask(&*search, &all).by_lang {
        is_good(lang, score);
    }
}

#[tokio::test]
async fn either_script_finds_equally_well() {
    let world = published().await;
    let search = world.shelf.search();
    let latin: Vec<Question> =
        read(TUNED).into_iter().chain(read(HELD)).filter(|question| question.lang == "uz").collect();
    let cyrillic: Vec<Question> =
        latin.iter().map(|question| Question { text: to_cyrillic(&question.text), ..question.clone() }).collect();
    assert!(latin.len() >= 150 && cyrillic.iter().any(|question| question.text.contains('ў')));
    let (latin, cyrillic) = (questions::ask(&*search, &latin).all, questions::ask(&*search, &cyrillic).all);
    println!("Latin: {latin}\nCyrillic: {cyrillic}");
    assert!((latin.at_1() - cyrillic.at_1()).abs() <= 0.02, "{latin} / {cyrillic}");
    assert!((latin.at_5() - cyrillic.at_5()).abs() <= 0.02, "{latin} / {cyrillic}");
}

#[tokio::test]
async fn nonsense_finds_nothing() {
    let world = published().await;
    for question in ["xyzzy qwrtp", "🙂", "'''", "   ", "0000000", "#3", "#"] {
        assert!(world.shelf.find(&world.ctx, question, 5).await.expect("an answer").is_empty(), "{question}");
    }
}
