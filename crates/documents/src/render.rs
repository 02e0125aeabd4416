//! A paper becomes a PDF: Typst as a library, PDF/A-2a and PDF/UA-1 in one file.
//!
//! Only this module knows Typst. The templates (`templates/paper/*.typ`) see three virtual files and
//! nothing of the machine: `data.json` (the texts, as values), `qr.svg` and the mark of the portal.
//!
//! Source: ISO 19005-2 (PDF/A-2, level a), ISO 14289-1 (PDF/UA-1); ADR on documents.

use std::sync::{Arc, OnceLock};

use contracts::documents::Leaflet;
use fast_qr::convert::Builder;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::{ECL, QRBuilder};
use serde::{Deserialize, Serialize};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

/// Which layout a paper has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Facts as rows of label and value.
    Certificate,
    /// The same within a frame, the holder's name large, the validity underlined.
    Licence,
    /// Facts, then paragraphs.
    Decision,
    /// A short proof that something was received or paid.
    Receipt,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Layout; 4] = [Layout::Certificate, Layout::Licence, Layout::Decision, Layout::Receipt];

    /// The name that definitions use.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Certificate => "certificate",
            Layout::Licence => "licence",
            Layout::Decision => "decision",
            Layout::Receipt => "receipt",
        }
    }

    /// Reads the name; an unknown one is a certificate, the plainest layout.
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|layout| layout.name() == text).unwrap_or(Layout::Certificate)
    }
}

/// Everything that a paper says, in the reader's language already.
#[derive(Clone, Debug, Serialize)]
pub struct Paper {
    /// Which template lays it out; not part of the data that the template sees.
    #[serde(skip)]
    pub layout: Layout,
    /// Language of the text by ISO 639 (`uz`, `kaa`, `ru`, `en`), for readers aloud.
    pub lang: &'static str,
    pub title: String,
    /// One sentence for the document's metadata.
    pub description: String,
    pub agency: String,
    pub number: String,
    /// Code that proves possession of the paper.
    pub code: String,
    /// Date of issue, as people read it.
    pub date: String,
    /// Date of issue, for the metadata.
    pub made: Made,
    /// Full name, where the layout shows it large.
    pub holder: Option<String>,
    pub rows: Vec<Row>,
    pub body: Vec<String>,
    /// Last day of validity, as people read it.
    pub validity: Option<String>,
    /// What a paper with invented data says beside the agency; `None` in production.
    pub demo: Option<String>,
    /// The word across the page of a paper with invented data.
    pub watermark: String,
    /// `peshtoq:<number>` among them: by it an altered file is told from a foreign one.
    pub keywords: Vec<String>,
    pub labels: Labels,
    /// What the QR code holds.
    #[serde(skip)]
    pub verify_url: String,
}

/// A civil date in parts, as Typst wants it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Made {
    pub year: i16,
    pub month: i8,
    pub day: i8,
}

/// A fact: what it is and what it says.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub label: String,
    pub value: String,
}

/// The fixed words of a paper in its language.
#[derive(Clone, Debug, Serialize)]
pub struct Labels {
    pub republic: String,
    pub number: String,
    pub date: String,
    pub code: String,
    pub validity: String,
    /// Head of the foot: how to check.
    pub check: String,
    pub how: String,
    pub signed: String,
    /// What the QR image is, for readers aloud.
    pub qr_alt: String,
}

/// Why a paper could not be made: always a defect of ours, never of the data.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("the QR code cannot hold the address")]
    Qr,
    #[error("the paper's data cannot be written as JSON")]
    Data(#[from] serde_json::Error),
    #[error("typesetting failed: {0}")]
    Typeset(String),
    #[error("PDF export failed: {0}")]
    Export(String),
}

/// Makes the PDF. Takes some ten milliseconds of one core: call it outside the async threads.
///
/// The result depends on `paper` alone: no clock, no files, no chance.
///
/// # Errors
/// [`RenderError`] when a template is broken or a text has a letter that the fonts lack.
pub fn render(paper: &Paper) -> Result<Vec<u8>, RenderError> {
    let pdf = typeset(Sheet {
        main: paper.layout.name(),
        data: paper,
        qr: &paper.verify_url,
        ident: format!("peshtoq:{}", paper.number),
    });
    // The compiler's memory of past results grows by half a megabyte for each paper: let it forget
    // what the last few did not use. After failures too.
    comemo::evict(KEPT_AGES);
    pdf
}

/// Makes the leaflet of a service.
///
/// The result depends on `leaflet` alone.
///
/// # Errors
/// As [`render`].
pub fn leaflet(leaflet: &Leaflet) -> Result<Vec<u8>, RenderError> {
    #[derive(Serialize)]
    struct Data<'a> {
        #[serde(flatten)]
        leaflet: &'a Leaflet,
        made: Made,
    }
    let made = Made { year: leaflet.date.year(), month: leaflet.date.month(), day: leaflet.date.day() };
    let pdf = typeset(Sheet {
        main: "leaflet",
        data: &Data { leaflet, made },
        qr: &leaflet.url,
        ident: format!("peshtoq:leaflet:{}", leaflet.url),
    });
    comemo::evict(KEPT_AGES);
    pdf
}

/// What is laid out: name of the template, its data, what the QR code holds, the identity of the file.
struct Sheet<'a, T> {
    main: &'static str,
    data: &'a T,
    qr: &'a str,
    ident: String,
}

/// How many papers a memoised result survives without being used: the parsed templates and fonts are
/// used by every paper and stay, the texts of one paper go.
const KEPT_AGES: usize = 3;

fn typeset<T: Serialize>(sheet: Sheet<'_, T>) -> Result<Vec<u8>, RenderError> {
    let world = PaperWorld {
        fixed: Fixed::shared(),
        main: file_id(&format!("{}.typ", sheet.main)),
        data: Bytes::new(serde_json::to_vec(&legible(sheet.data, &sheet.ident)?)?),
        qr: Bytes::from_string(qr_svg(sheet.qr)?),
    };
    let document: PagedDocument = typst::compile(&world).output.map_err(|errors| {
        RenderError::Typeset(errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join("; "))
    })?;
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|err| RenderError::Export(err.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Custom(sheet.ident),
        creator: Smart::Custom(Some("Peshtoq".to_owned())),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options)
        .map_err(|errors| RenderError::Export(errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join("; ")))
}

/// The paper's data with every letter that the fonts lack shown as `?`, and control characters as spaces.
///
/// PDF/A refuses a letter without a glyph, and a person whose name has one must still get the paper.
fn legible<T: Serialize>(paper: &T, ident: &str) -> Result<serde_json::Value, serde_json::Error> {
    let fonts = &Fixed::shared().fonts;
    let shown = |c: char| fonts.iter().all(|font| font.info().coverage.contains(u32::from(c)));
    let mut lost = 0usize;
    let mut data = serde_json::to_value(paper)?;
    each_text(&mut data, &mut |text| {
        if text.chars().any(|c| c.is_control() || !shown(c)) {
            *text = text
                .chars()
                .map(|c| match c {
                    c if c.is_control() => ' ',
                    // The subset may lack them, and typesetting needs no glyph for them.
                    '\u{a0}' | '\u{202f}' => {
                        if shown(c) {
                            c
                        } else {
                            ' '
                        }
                    }
                    c if shown(c) => c,
                    _ => {
                        lost += 1;
                        '?'
                    }
                })
                .collect();
        }
    });
    if lost > 0 {
        tracing::warn!(lost, ident, "letters that no font has were left out of a paper");
    }
    Ok(data)
}

fn each_text(value: &mut serde_json::Value, change: &mut impl FnMut(&mut String)) {
    use serde_json::Value;
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(fields) => fields.values_mut().for_each(|field| each_text(field, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// An address as a QR code with its quiet zone, level M (15 % may be lost to folds and stamps).
///
/// # Errors
/// [`RenderError::Qr`] when the address is too long for any QR code.
pub fn qr_svg(address: &str) -> Result<String, RenderError> {
    let qr = QRBuilder::new(address).ecl(ECL::M).build().map_err(|_| RenderError::Qr)?;
    Ok(SvgBuilder::default().margin(4).to_str(&qr))
}

/// What is the same for every paper: parsed templates, fonts, the standard library.
struct Fixed {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    sources: Vec<(FileId, Source)>,
    data: FileId,
    qr: FileId,
    arch: FileId,
}

const FONTS: [&[u8]; 2] =
    [include_bytes!("../fonts/NotoSans-Regular.ttf"), include_bytes!("../fonts/NotoSans-Bold.ttf")];

const TEMPLATES: [(&str, &str); 6] = [
    ("certificate.typ", include_str!("../templates/paper/certificate.typ")),
    ("licence.typ", include_str!("../templates/paper/licence.typ")),
    ("decision.typ", include_str!("../templates/paper/decision.typ")),
    ("receipt.typ", include_str!("../templates/paper/receipt.typ")),
    ("leaflet.typ", include_str!("../templates/paper/leaflet.typ")),
    ("common.typ", include_str!("../templates/paper/common.typ")),
];

const ARCH: &[u8] = include_bytes!("../templates/paper/arch.svg");

/// A virtual path for one of our own file names, constant over all papers (each new path would stay
/// in Typst's table of names for ever).
fn file_id(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("our own file names are valid paths");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

impl Fixed {
    fn shared() -> Arc<Fixed> {
        static FIXED: OnceLock<Arc<Fixed>> = OnceLock::new();
        FIXED
            .get_or_init(|| {
                let fonts: Vec<Font> = FONTS.iter().flat_map(|data| Font::iter(Bytes::new(*data))).collect();
                Arc::new(Fixed {
                    library: LazyHash::new(
                        // Row headers of tables, which PDF/UA-1 asks for, are still behind this flag.
                        Library::builder().with_features([Feature::A11yExtras].into_iter().collect()).build(),
                    ),
                    book: LazyHash::new(FontBook::from_fonts(&fonts)),
                    fonts,
                    sources: TEMPLATES
                        .iter()
                        .map(|(name, text)| (file_id(name), Source::new(file_id(name), (*text).to_owned())))
                        .collect(),
                    data: file_id("data.json"),
                    qr: file_id("qr.svg"),
                    arch: file_id("arch.svg"),
                })
            })
            .clone()
    }
}

struct PaperWorld {
    fixed: Arc<Fixed>,
    main: FileId,
    data: Bytes,
    qr: Bytes,
}

impl World for PaperWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.fixed.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fixed.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let found = self.fixed.sources.iter().find(|(known, _)| *known == id);
        found.map(|(_, source)| source.clone()).ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match id {
            id if id == self.fixed.data => Ok(self.data.clone()),
            id if id == self.fixed.qr => Ok(self.qr.clone()),
            id if id == self.fixed.arch => Ok(Bytes::new(ARCH)),
            _ => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fixed.fonts.get(index).cloned()
    }

    /// A paper knows only the dates that it is given.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn sample(layout: Layout) -> Paper {
        Paper {
            layout,
            lang: "uz",
            title: "Sudlanganlik to‘g‘risida ma’lumotnoma".into(),
            description: "Ma’lumotnoma".into(),
            agency: "Ichki ishlar vazirligi".into(),
            number: "26-4837-1920-5".into(),
            code: "K7QF-2M9D".into(),
            date: "2026-yil 21-noyabr".into(),
            made: Made { year: 2026, month: 11, day: 21 },
            holder: Some("Karimova Dilnoza Rustam qizi".into()),
            rows: vec![
                Row { label: "F.I.Sh.".into(), value: "Karimova Dilnoza Rustam qizi".into() },
                Row { label: "#eval(\"1\") *x* _y_ $z$".into(), value: "#panic() [a] @b <c> \\ `d`".into() },
                Row {
                    label: "Ўзбекча, ғ қ ҳ".into(), value: "Qaraqalpaqsha á ǵ ı ń ó ú; русский ё".into()
                },
            ],
            body: vec!["Ushbu ma’lumotnoma talab qilingan joyga taqdim etish uchun berildi.".into()],
            validity: Some("2027-yil 21-noyabr".into()),
            demo: Some("NAMUNA / DEMO".into()),
            watermark: "NAMUNA".into(),
            keywords: vec!["peshtoq:26-4837-1920-5".into()],
            labels: Labels {
                republic: "O‘zbekiston Respublikasi".into(),
                number: "Raqami:".into(),
                date: "Berilgan sana:".into(),
                code: "Tekshirish kodi:".into(),
                validity: "Amal qilish muddati:".into(),
                check: "Hujjatning haqiqiyligini tekshiring".into(),
                how: "Kamerani QR-kodga tuting yoki portalning tekshirish sahifasida raqam va kodni kiriting.".into(),
                signed: "Platformaning Ed25519 elektron imzosi bilan tasdiqlangan.".into(),
                qr_alt: "Hujjatni tekshirish sahifasining QR-kodi".into(),
            },
            verify_url: "https://portal.example/v/26-4837-1920-5/K7QF2M9D".into(),
        }
    }

    #[test]
    fn every_layout_becomes_a_pdf_that_names_its_number() {
        for layout in Layout::ALL {
            let pdf = render(&sample(layout)).expect("renders");
            assert!(pdf.starts_with(b"%PDF-1."));
            let text = String::from_utf8_lossy(&pdf);
            assert!(text.contains("peshtoq:26-4837-1920-5"), "keyword is readable in {layout:?}");
            assert!(text.contains("pdfaid:part"), "declares PDF/A");
            assert!(text.contains("pdfuaid:part"), "declares PDF/UA");
        }
    }

    #[test]
    fn the_same_paper_gives_the_same_bytes() {
        let paper = sample(Layout::Certificate);
        assert_eq!(render(&paper).expect("renders"), render(&paper).expect("renders"));
    }

    #[test]
    fn letters_that_no_font_has_do_not_stop_a_paper() {
        let mut paper = sample(Layout::Licence);
        paper.holder = Some("王小明 😀 \u{1}\u{a0}\u{202f} Nguyễn ʻ ʼ ’ ‘ № «» — … ₩ € \u{301}".into());
        paper.rows[0].value = "عبد الله \u{feff}\u{200b}\n\t".into();
        let pdf = render(&paper).expect("renders");
        assert!(pdf.starts_with(b"%PDF-"));
        let lost = legible(&paper, "test").expect("data").to_string();
        assert!(lost.contains("???") && !lost.contains('王'));
        let own = "Ўзбекча ғ қ ҳ ў; á ǵ ı ń ó ú Á Ǵ I Ń Ó Ú; ё ъ ы э; o‘ g‘ ma’no; №";
        paper.rows[0].value = own.into();
        assert!(
            legible(&paper, "test").expect("data").to_string().contains(own),
            "every letter of the five languages is there"
        );
    }

    #[test]
    fn a_long_decision_runs_over_several_pages() {
        let mut paper = sample(Layout::Decision);
        paper.body = vec!["Matn ".repeat(400); 8];
        assert!(render(&paper).expect("renders").len() > 10_000);
    }

    fn sheet() -> Leaflet {
        use contracts::documents::LeafletSection;
        let section = |title: &str, numbered, lines: &[&str]| LeafletSection {
            title: title.into(),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            numbered,
        };
        Leaflet {
            lang: "uz",
            portal: "Peshtoq".into(),
            title: "Tug‘ilganlik haqida ma’lumotnoma".into(),
            summary: "Ma’lumotnoma #panic() olish".into(),
            agency: "Adliya vazirligi".into(),
            facts: vec![("Narxi".into(), "18 540 so‘m".into()), ("Muddati".into(), "3 ish kuni".into())],
            sections: vec![
                section("Kerakli hujjatlar", false, &["Talab etilmaydi"]),
                section("Bu qanday ishlaydi?", true, &["Ariza yuborasiz", "Idora ko‘rib chiqadi"]),
            ],
            url: "https://portal.example/uz/services/298".into(),
            how: "Kamerani QR-kodga tuting.".into(),
            qr_alt: "Xizmat sahifasining QR-kodi".into(),
            foot: "298 · 0123456789ab".into(),
            date: kernel::clock::Date::constant(2026, 11, 24),
            demo: Some("NAMUNA / DEMO".into()),
        }
    }

    #[test]
    fn a_leaflet_is_one_accessible_page_and_always_the_same() {
        let pdf = leaflet(&sheet()).expect("renders");
        let text = String::from_utf8_lossy(&pdf);
        assert!(text.contains("pdfaid:part") && text.contains("pdfuaid:part"), "declares PDF/A and PDF/UA");
        assert!(text.contains("/Count 1"), "one page");
        assert_eq!(pdf, leaflet(&sheet()).expect("renders"));
    }

    #[test]
    fn a_leaflet_with_much_to_tell_runs_over_and_an_empty_one_is_still_a_sheet() {
        let mut long = sheet();
        long.sections[1].lines = vec!["Uzun qadam ".repeat(20); 40];
        assert!(String::from_utf8_lossy(&leaflet(&long).expect("renders")).contains("pdfuaid:part"));
        let mut empty = sheet();
        empty.sections.clear();
        empty.facts.clear();
        empty.demo = None;
        assert!(leaflet(&empty).expect("renders").starts_with(b"%PDF-"));
    }

    /// Writes samples for the eye and measures: `PAPERS=dir cargo nextest run -p documents papers_to_look_at`.
    #[test]
    fn papers_to_look_at() {
        let Ok(dir) = std::env::var("PAPERS") else { return };
        for layout in Layout::ALL {
            let start = std::time::Instant::now();
            let pdf = render(&sample(layout)).expect("renders");
            println!("{} first: {:?}, {} bytes", layout.name(), start.elapsed(), pdf.len());
            std::fs::write(format!("{dir}/{}.pdf", layout.name()), pdf).expect("writes");
        }
        std::fs::write(format!("{dir}/leaflet.pdf"), leaflet(&sheet()).expect("renders")).expect("writes");
        let start = std::time::Instant::now();
        for n in 0..100 {
            let mut paper = sample(Layout::Certificate);
            paper.number = format!("26-4837-{n:04}-5");
            paper.keywords = vec![format!("peshtoq:{}", paper.number)];
            paper.rows[0].value = format!("Karimova Dilnoza {n}");
            render(&paper).expect("renders");
        }
        println!("warm: {:?} each", start.elapsed() / 100);
    }
}
