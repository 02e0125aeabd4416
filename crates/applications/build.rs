//! Fails the build when a text is missing in a language.

fn main() {
    i18n_build::check();
}
