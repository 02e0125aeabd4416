fn main() {
    i18n_build::check();
}
