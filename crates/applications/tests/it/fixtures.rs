//! Services that nobody offers: `tests/data/base.yaml` with keys of the life cycle that no published service uses yet.

/// Number, then lines of the base and what stands in their place.
type Fixture = (&'static str, &'static [(&'static str, &'static str)]);

const PASSWORD: &str = "  assurance: password\n";
const TOTAL: &str = "  total: {n: 3, unit: workday}\n";
const FLOW: &str = "  use: official_fee\n";
const APPEAL: &str = "appeal: {days: 30, to: AV,";
const FEE: &str = "amount: {bhm: 0.05}";

const FIXTURES: &[Fixture] = &[
    // Silence approves; a corrected application is counted anew; two persons decide; data go after a year.
    (
        "9001",
        &[
            (PASSWORD, "  assurance: {default: otp, api: face}\n"),
            (TOTAL, "  total: {n: 3, unit: workday}\n  on_breach: silent_ok\n  remind: [{n: 1, unit: workday}]\n"),
            (
                FLOW,
                "  use: official_fee\n  states:\n    - {id: returned, kind: returned, term: {n: 30, unit: day}, on_expired: lapse, clock: reset}\n  actions:\n    - {id: approve, from: [review], to: approved, by: official, needs: [second_person]}\n",
            ),
            (
                APPEAL,
                "retention: {after_close: {n: 1, unit: year}}\nquality:\n  questions:\n    - {id: clear, text: {uz: \"Tushunarlimi?\", ru: \"Понятно?\", en: \"Was it clear?\", kaa: \"Túsinikli me?\"}}\nappeal: {days: 30, outer_days: 40, to: AV,",
            ),
        ],
    ),
    // Silence refuses; Saturdays are worked.
    ("9002", &[(TOTAL, "  total: {n: 3, unit: workday}\n  on_breach: silent_no\n  calendar: six_days\n")]),
    // A window, one open application for each entry of the archive, the counter closed for everybody of Tashkent.
    (
        "9003",
        &[(
            PASSWORD,
            "  assurance: password\n  limit: {open: 1, per: \"record\"}\n  campaign: [{from: 2026-11-01, to: 2026-11-25, finish_days: 2}]\n  online_only: [{region: \"1726\", from: 2026-11-22}]\n",
        )],
    ),
    // For others too, one application for each; the price is worked out.
    (
        "9004",
        &[
            (
                PASSWORD,
                "  assurance: password\n  limit: 1\n  on_behalf: [{who: child, under_age: 16}, ward, attorney, {who: organisation, roles: [rahbar]}]\n",
            ),
            ("  audience: [natural]\n", "  audience: [natural, legal]\n"),
            (FEE, "amount: {expr: \"applicant.audience == 'legal' ? bhm() * 0.5 : bhm() * 0.05\"}"),
        ],
    ),
    // Nobody can be known so well here.
    ("9005", &[(PASSWORD, "  assurance: face\n"), ("channels: [web, mobile, dxm, api]", "channels: [web, dxm]")]),
    // A price by bands that hangs on an answer that need not be given.
    (
        "9006",
        &[
            (
                "      - use: consent\n",
                "      - {id: rooms, type: int, required: \"false\", label: {uz: \"Xonalar\", ru: \"Комнаты\", en: \"Rooms\", kaa: \"Bólmeler\"}}\n      - use: consent\n",
            ),
            (FEE, "amount: {bands: {of: rooms, rows: [{up_to: 2, bhm: 0.1}, {bhm: 0.3}]}}"),
        ],
    ),
    // Worked by whichever of three units has least to do.
    (
        "9008",
        &[(
            FLOW,
            "  use: official_fee\n  states: [{id: review, kind: work, by_load: [\"1733\", \"1726266\", \"1703\"]}]\n",
        )],
    ),
    // A fee that goes back after a withdrawal or a refusal.
    ("9007", &[("due: submit,", "due: submit, refund: [withdrawn, refused],")]),
];

/// Whether a number is one of theirs.
pub fn is_one(code: &str) -> bool {
    FIXTURES.iter().any(|(known, _)| *known == code)
}

/// Number and text of each.
pub fn all() -> Vec<(String, String)> {
    let source = include_str!("../data/base.yaml");
    FIXTURES
        .iter()
        .map(|(code, patches)| {
            let mut yaml = source.replacen("code: \"298\"", &format!("code: \"{code}\""), 1);
            for (old, new) in *patches {
                assert!(yaml.contains(old), "{code}: `{old}` is not in the service");
                yaml = yaml.replacen(old, new, 1);
            }
            ((*code).to_owned(), yaml)
        })
        .collect()
}
