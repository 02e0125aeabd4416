//! Items of the lists that `templates/components.html` shows.

/// An entry of `select`, `radios` or `checkboxes`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// Explains the entry; empty for none.
    pub hint: String,
    pub checked: bool,
}

impl Choice {
    /// An entry without a hint, chosen when `value` is the current one.
    pub fn new(value: impl Into<String>, label: impl Into<String>, current: &str) -> Self {
        let value = value.into();
        Self { checked: value == current, value, label: label.into(), hint: String::new() }
    }
}

/// An entry of `breadcrumbs` or `tabs`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The whole address, as from [`crate::Page::href`].
    pub href: String,
    pub text: String,
    /// Whether it is the page that is shown.
    pub current: bool,
}

impl Link {
    pub fn new(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self { href: href.into(), text: text.into(), current: false }
    }
}
