fn main() {
    i18n_build::check();
    // What the npm package built is embedded: a new build of it is a new program.
    println!("cargo::rerun-if-changed=../../web/dist");
}
