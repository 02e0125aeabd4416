### Hár bir bette ushırasatuǵın sózler.

## Portal

common-portal = Peshtoq
common-portal-what = Mámleketlik xızmetler portalı
common-skip = Tiykarǵı mazmunǵa ótiw
common-refresh = Betti jańalaw
common-home = Bas bet
common-demo-word = Úlgi maǵlıwmat
common-demo-text = Bul — sınaq portalı. Adamlar, arzalar hám hújjetler oylap tabılǵan, yuridikalıq kúshke iye emes.
common-demo-link = Sınaq paydalanıwshıları
common-language = Til:
common-sign-in = Kiriw
common-sign-out = Shıǵıw
common-register = Dizimnen ótiw
common-cabinet = Kabinet
common-staff = Jumıs ornı
common-unread = oqılmaǵan xabar
common-nav = Tiykarǵı bólimler
common-nav-services = Barlıq xızmetler
common-nav-verify = Hújjetti tekseriw

## Izlew

common-search = Izlew
common-search-label = Xızmetlerdi izlew
common-search-placeholder = Mısalı: tuwılǵanlıq guwalıǵı
common-search-results = tabıldı
common-search-none = Hesh nárse tabılmadı

## Kabinet hám jumıs ornı

common-cabinet-home = Ulıwma kórinis
common-cabinet-cases = Arzalarım
common-cabinet-documents = Hújjetlerim
common-cabinet-invoices = Tólemler
common-cabinet-messages = Xabarlar
common-cabinet-profile = Maǵlıwmatlarım
common-cabinet-access = Maǵlıwmatlarımdı kim kórgen
common-cabinet-security = Qáwipsizlik
common-staff-queue = Arzalar náwbeti
common-staff-unit = Bólim jumıs kólemi
common-staff-searches = Tabılmaǵan izlewler
common-staff-catalogue = Xızmetlerdiń anıqlaması

## Bettiń astı

common-footer-about = Mámleketlik xızmetlerdi bir jerde, náwbetsiz hám qaǵazsız alıw ushın ashıq kodlı portal.
common-footer-nav = Paydalı siltemeler
common-footer-staff = Xızmetkerler ushın
common-footer-api = Baǵdarlamashılar ushın API
common-footer-gallery = Kórinis bólekleri
common-footer-open = Peshtoq — ashıq kodlı baǵdarlama. Xızmetlerdiń atı, tólemi hám múddeti ashıq dereklerden alınǵan.

## Kórinis sazlawları

common-prefs-link = Kórinis
common-prefs-title = Kórinis sazlawları
common-prefs-lead = Tańlawıńız tek usı qurılmada saqlanadı.
common-prefs-saved = Sazlawlar saqlandı
common-prefs-theme = Reńler
common-prefs-theme-auto = Qurılmadaǵıday
common-prefs-theme-light = Jaqtı
common-prefs-theme-dark = Qarańǵı
common-prefs-theme-contrast = Joqarı kontrast
common-prefs-text = Tekst ólshemi
common-prefs-text-normal = Ápiwayı
common-prefs-text-large = Úlken
common-prefs-text-largest = Júdá úlken

## Ámeller

common-continue = Dawam etiw
common-back = Artqa
common-save = Saqlaw
common-save-exit = Saqlap shıǵıw
common-cancel = Biykar etiw
common-change = Ózgertiw
common-delete = Óshiriw
common-close = Jabıw
common-open = Ashıw
common-send = Jiberiw
common-submit = Tapsırıw
common-confirm = Tastıyıqlaw
common-download = Júklep alıw
common-print = Basıp shıǵarıw
common-copy = Nusqa alıw
common-copied = Nusqa alındı
common-show = Kórsetiw
common-show-all = Barlıǵın kórsetiw
common-apply-filter = Saralaw
common-clear-filter = Saralawdı tazalaw
common-more = Tolıǵıraq
common-details = Tolıq maǵlıwmat
common-yes = Awa
common-no = Yaq
common-not-known = Maǵlıwmat joq
common-optional = (májbúriy emes)
common-free = Biypul
common-saving = Saqlanbaqta…
common-saved = Saqlandı
common-not-saved = Saqlanbadı: internet baylanısın tekseriń. Jazǵanlarıńız usı bette tur.
common-drop-here = Fayldı usı jerge taslań yamasa tańlań
common-chars-left = belgi qaldı

## Jol kórsetiw

common-breadcrumbs = Siz bul jerdesiz
common-pagination = Dizim betleri
common-previous = Aldıńǵı
common-next = Keyingi
common-steps = Arza basqıshları
common-step-done = (orınlandı)
common-step-of = { $total } basqıshtan { $step }-basqısh

## Sáne hám waqıt

common-date-day = Kún
common-date-month = Ay
common-date-year = Jıl
common-date-hint = Mısalı: 27 3 1990
common-today = búgin
common-tomorrow = erteń
common-yesterday = keshe
common-minutes = { $n } minut
common-hours = { $n } saat
common-workdays = { $n } jumıs kúni
common-days = { $n } kún
common-months = { $n } ay
common-days-left = { $n } kún qaldı
common-days-late = { $n } kún keshikti
common-due = { $date } shekem

## Xabarlar

common-warning = Dıqqat:
common-error-prefix = Qáte:
common-error-summary = Tómendegilerdi dúzetiń
common-error-required = Bul maydandı toltırıń
common-error-retry = Qayta urınıw
common-error-home = Bas betke
common-error-reference = Járdem xızmetine múrájat etseńiz, usı kodtı aytıń: { $code } · { $reference }

## Qáte betleri

common-error-bad-request-title = Sorawdı túsiniw múmkin bolmadı
common-error-bad-request-text = Silteme yamasa jiberilgen maǵlıwmat buzılǵan. Artqa qaytıp, qaytadan urınıp kóriń.
common-error-sign-in-title = Aldın sistemaǵa kiriń
common-error-sign-in-text = Bul betti kóriw ushın kim ekenińizdi tastıyıqlaw kerek.
common-error-forbidden-title = Bul ámelge ruqsat joq
common-error-forbidden-text = Sizdiń huqıqlarıńız bul bet yamasa ámel ushın jetkilikli emes.
common-error-not-found-title = Bet tabılmadı
common-error-not-found-text = Mánzil nadurıs jazılǵan yamasa bet kóshirilgen bolıwı múmkin. Kerekli xızmetti izlew arqalı tabıń.
common-error-method-title = Bunday ámel joq
common-error-method-text = Bul mánzilge bunday soraw jiberip bolmaydı. Betti qaytadan ashıń.
common-error-conflict-title = Maǵlıwmat siz ashqannan keyin ózgergen
common-error-conflict-text = Hesh nárse joǵalmadı. Betti qaytadan ashıp, jańa jaǵdaydı kóriń hám ámeldi tákirarlań.
common-error-gone-title = Múddeti ótken
common-error-gone-text = Bul bet yamasa silteme endi ámel qılmaydı.
common-error-too-large-title = Jiberilgen maǵlıwmat júdá úlken
common-error-too-large-text = Fayldı kishireytiń yamasa tekstti qısqartıń hám qaytadan jiberiń.
common-error-unsupported-title = Bunday maǵlıwmat qabıl etilmeydi
common-error-unsupported-text = Ruqsat etilgen túrdegi fayldı tańlań hám qaytadan jiberiń.
common-error-invalid-title = Maǵlıwmatta qáte bar
common-error-invalid-text = Artqa qaytıp, belgilengen jerlerdi dúzetiń. Kirgizgenlerińiz saqlanǵan.
common-error-too-many-title = Júdá kóp urınıs
common-error-too-many-text = Qáwipsizlik ushın biraz kútiń hám qaytadan urınıń.
common-error-busy-title = Házir júkleme úlken
common-error-busy-text = Sorawıńız qabıl etilmedi. Bir neshe sekundtan keyin qayta urınıń.
common-error-timeout-title = Juwap kútilgennen uzaq sozıldı
common-error-timeout-text = Baylanıstı tekseriń hám qaytadan urınıń. Qabıl etilgen arzalar joǵalmaydı.
common-error-internal-title = Portalda nasazlıq júz berdi
common-error-internal-text = Biz bul haqqında xabar taptıq. Saqlanǵan maǵlıwmatlarıńız ornında; birazdan keyin qayta urınıń.
common-error-csrf-text = Bet eskirgen yamasa soraw basqa sayttan kelgen. Betti qaytadan ashıń hám ámeldi tákirarlań.
common-error-encoding-text = Jiberilgen tekstti oqıp bolmadı: belgileri buzılǵan.
common-error-idempotency-text = Usı gilt penen basqa mazmundaǵı soraw álleqashan orınlanǵan.
common-error-json-text = JSON dı oqıp bolmadı yamasa onda belgisiz maydan bar.
common-cabinet-mandates = Wákillikler
common-acting-as = Házir háreket etip atırsız:
common-acting-back = Óz atımnan
common-acting-change = Basqasın tańlaw
common-staff-people = Xızmetkerler
common-footer-foreign = Shet el puqaralarına
common-staff-clients = Jalǵanǵan saytlar

common-staff-refunds = Tólemlerdi qaytarıw
